"""SVG as text: elements whose attributes and words are escaped, drawn once in each language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from siting.language import Label, Language

Text = Label | str
"""A text of a chart in both languages, or a name that is the same in both."""


@dataclass(frozen=True)
class Chart:
    """A picture as SVG, drawn once in each language."""

    en: Markup
    zh: Markup

    @classmethod
    def of(cls, picture: Callable[[Language], Markup]) -> Chart:
        """Return a chart in both languages from what draws it in one."""
        return cls(picture("en"), picture("zh"))


def spoken(text: Text, language: Language) -> str:
    """Return a text in one language."""
    return text if isinstance(text, str) else text.in_language(language)


def tag(name: str, *content: str, **attributes: object) -> Markup:
    """Return an element; `content` is SVG, attributes have dashes for underscores, None leaves one out.

    >>> str(tag("line", x1=0, x2="50%", stroke_width=1.50, id=None))
    '<line x1="0" x2="50%" stroke-width="1.5"/>'
    """
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    written = "".join(f' {key}="{_attribute(value)}"' for key, value in given.items())
    inner = "".join(content)
    return Markup(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")


def words(text: str, **attributes: object) -> Markup:
    """Return a text element with `text` escaped.

    >>> str(words("a < b", y=3))
    '<text y="3">a &lt; b</text>'
    """
    return tag("text", escape(text), **attributes)


def percent(share: float) -> str:
    """Return a place along the width.

    >>> percent(0.12345)
    '12.35%'
    """
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def _attribute(value: object) -> str:
    """Return an attribute: numbers without needless digits, texts escaped."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(str(value))
