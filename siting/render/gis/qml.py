"""QML, the styles of QGIS: symbols, renderers and labels as XML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
VERSION = "3.28.0"
BY_EXPRESSION = "3"
"""QGIS's code of a data-defined property given by an expression."""


@dataclass(frozen=True)
class Look:
    """A symbol of one layer: `kind` marker, line or fill, the class that QGIS draws it with, and its properties.

    `by_data` holds expressions for properties that data define, by QGIS's names of these.
    """

    kind: str
    drawn_by: str
    properties: Mapping[str, str]
    by_data: Mapping[str, str] = field(default_factory=dict)
    opacity: float = 1.0


@dataclass(frozen=True)
class Class:
    """One class of a layer: its value and its name in the legend. `low` and `high` for a range of numbers."""

    look: Look
    label: str
    value: str = ""
    low: float = 0.0
    high: float = 0.0


def rgba(colour: str, alpha: float = 1.0) -> str:
    """Return a colour as QGIS writes it.

    >>> rgba("#0072B2")
    '0,114,178,255'
    """
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * alpha)}"


def categorised(attribute: str, classes: Iterable[Class], *, label_by: str = "") -> str:
    """Return a style with a symbol for each value of `attribute`, a column in quotes or an expression."""
    return _style("categorizedSymbol", attribute, list(classes), label_by)


def graduated(attribute: str, classes: Iterable[Class]) -> str:
    """Return a style with a symbol for each range of `attribute`."""
    return _style("graduatedSymbol", attribute, list(classes), "")


def single(look: Look, *, label_by: str = "") -> str:
    """Return a style that draws everything alike, with the column `label_by` written beside it."""
    return _style("singleSymbol", "", [Class(look, "")], label_by)


def _style(renderer: str, attribute: str, classes: list[Class], label_by: str) -> str:
    root = ET.Element(
        "qgis", version=VERSION, styleCategories="Symbology|Labeling", labelsEnabled=str(int(bool(label_by)))
    )
    drawing = ET.SubElement(root, "renderer-v2", type=renderer, symbollevels="0", enableorderby="0", forceraster="0")
    if attribute:
        drawing.set("attr", attribute)
    if renderer == "categorizedSymbol":
        listed = ET.SubElement(drawing, "categories")
        for number, one in enumerate(classes):
            ET.SubElement(listed, "category", value=one.value, label=one.label, symbol=str(number), render="true")
    elif renderer == "graduatedSymbol":
        drawing.set("graduatedMethod", "GraduatedColor")
        listed = ET.SubElement(drawing, "ranges")
        for number, one in enumerate(classes):
            ends = {"lower": f"{one.low:g}", "upper": f"{one.high:g}"}
            ET.SubElement(listed, "range", ends, label=one.label, symbol=str(number), render="true")
    symbols = ET.SubElement(drawing, "symbols")
    for number, one in enumerate(classes):
        _add_symbol(symbols, str(number), one.look)
    if label_by:
        _add_labels(root, label_by)
    ET.indent(root, " ")
    return DOCTYPE + ET.tostring(root, encoding="unicode")


def _add_symbol(parent: ET.Element, name: str, look: Look) -> None:
    symbol = ET.SubElement(parent, "symbol", type=look.kind, name=name, alpha=f"{look.opacity:g}", clip_to_extent="1")
    layer = ET.SubElement(symbol, "layer", {"class": look.drawn_by, "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in look.properties.items():
        _option(options, key, "QString", value)
    for key, value in look.properties.items():
        ET.SubElement(layer, "prop", k=key, v=value)  # read by QGIS before 3.26
    if look.by_data:
        _add_data_defined(layer, look.by_data)


def _add_data_defined(layer: ET.Element, expressions: Mapping[str, str]) -> None:
    whole = ET.SubElement(ET.SubElement(layer, "data_defined_properties"), "Option", type="Map")
    _option(whole, "name", "QString", "")
    properties = ET.SubElement(whole, "Option", name="properties", type="Map")
    for key, expression in expressions.items():
        one = ET.SubElement(properties, "Option", name=key, type="Map")
        _option(one, "active", "bool", "true")
        _option(one, "expression", "QString", expression)
        _option(one, "type", "int", BY_EXPRESSION)
    _option(whole, "type", "QString", "collection")


def _option(parent: ET.Element, name: str, kind: str, value: str) -> None:
    ET.SubElement(parent, "Option", name=name, type=kind, value=value)


def _add_labels(root: ET.Element, column: str) -> None:
    settings = ET.SubElement(ET.SubElement(root, "labeling", type="simple"), "settings", calloutType="simple")
    text = ET.SubElement(
        settings, "text-style", fieldName=column, isExpression="0", fontSize="10", fontSizeUnit="Point",
        textColor=rgba("#3a352b"), textOpacity="1",
    )  # fmt: skip
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="1", bufferSizeUnits="MM", bufferColor=rgba("#ffffff"),
        bufferOpacity="0.9",
    )  # fmt: skip
    ET.SubElement(settings, "placement", placement="1", priority="5")
    ET.SubElement(settings, "rendering", drawLabels="1", obstacle="1")
