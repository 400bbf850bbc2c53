"""Language of terminal output: English unless the command line sets another."""

from __future__ import annotations

from siting.language.catalogue import Label, Language, text

_chosen: list[Language] = ["en"]


def set_reader_language(language: Language) -> None:
    """Set the language of terminal output and messages for this process."""
    _chosen[0] = language


def reader_language() -> Language:
    """Return the language of terminal output and messages."""
    return _chosen[0]


def spoken(label: Label | str, /, **values: object) -> str:
    """Return a label, or the text of a key with its fields filled in, in the language of the reader.

    Examples
    --------
    >>> spoken(Label("recycling point", "回收点"))
    'recycling point'
    >>> spoken("common.not_known")
    'not known'
    """
    return (text(label, **values) if isinstance(label, str) else label).in_language(reader_language())
