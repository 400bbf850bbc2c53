"""SVG as text: elements whose attributes and words are escaped."""

from __future__ import annotations

from html import escape

from markupsafe import Markup


def tag(name: str, *content: str, **attributes: object) -> Markup:
    """An element; `content` is SVG, attributes are written with dashes for underscores, None leaves one out.

    >>> str(tag("line", x1=0, x2="50%", stroke_width=1.50, id=None))
    '<line x1="0" x2="50%" stroke-width="1.5"/>'
    """
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    written = "".join(f' {key}="{_value(value)}"' for key, value in given.items())
    inner = "".join(content)
    return Markup(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")


def words(text: str, **attributes: object) -> Markup:
    """A text element; whatever stands in `text` shows as it is.

    >>> str(words("a < b", y=3))
    '<text y="3">a &lt; b</text>'
    """
    return tag("text", escape(text), **attributes)


def percent(share: float) -> str:
    """A place along the width.

    >>> percent(0.12345)
    '12.35%'
    """
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def _value(value: object) -> str:
    """An attribute: numbers without needless digits, texts escaped."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(str(value))
