"""Names of places from tags."""

from __future__ import annotations

from siting.inputs.osm.raw import Tags

CHINESE = ("name:zh", "name:zh-Hans", "name:zh-Hant")


def name_of(tags: Tags) -> str | None:
    """The name as people there write it; where none is given, the Chinese, the English, the brand's.

    >>> name_of({"name": "和平区", "name:en": "Heping"}), name_of({"name:en": "Heping"}), name_of({})
    ('和平区', 'Heping', None)
    """
    return _first(tags, ("name", *CHINESE, "name:en", "brand"))


def chinese_name(tags: Tags) -> str | None:
    """The Chinese name, else the local one."""
    return _first(tags, (*CHINESE, "name", "name:en"))


def english_name(tags: Tags) -> str | None:
    """The English name, else an international one, else the local one."""
    return _first(tags, ("name:en", "int_name", "name", *CHINESE))


def _first(tags: Tags, keys: tuple[str, ...]) -> str | None:
    return next((tags[key].strip() for key in keys if tags.get(key, "").strip()), None)
