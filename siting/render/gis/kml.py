"""A plan as KML, for Google Earth and for web maps that take it: facilities by type, flows by link, district outlines.

Who walks to which point is left out: thousands of lines that nobody can read on a globe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import shapely

from siting.errors import ConfigError
from siting.inputs.datums import Datum
from siting.language import Label, text
from siting.render.datumshift import layer_in
from siting.render.gis.layers import about, both, meaning, plan_layers
from siting.render.palette import BORDER, CLOSED, flow_colour, type_symbols
from siting.render.xlsx.write import plain
from siting.results.actions import action_label
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.vocabulary import LINKS, Echelon

NAMESPACE = "http://www.opengis.net/kml/2.2"
SHOWN_OTHERWISE = ("geometry", "name", "lon", "lat", "echelon", "type", "osm_class")
"""Columns that a place shows by where it is and in which folder."""
WIDEST, NARROWEST = 6.0, 1.0
ICON_SCALES = {Echelon.POINT: 0.5, Echelon.TRANSFER: 0.8, Echelon.SORTING: 1.0, Echelon.BASE: 1.1}


def kml_bytes(results: Results, datum: Datum) -> bytes:
    """Return the KML of a plan, with its coordinates in `datum`.

    Raises
    ------
    ConfigError
        If the datum is in metres.
    """
    if not datum.is_degrees:
        raise ConfigError(f"--datum {datum.name}: a KML holds degrees; choose wgs84, cgcs2000, gcj02 or bd09")
    layers = {name: layer_in(layer, datum) for name, layer in plan_layers(results).items()}
    root = ET.Element("kml", xmlns=NAMESPACE)
    document = ET.SubElement(root, "Document")
    texts = about(results, datum)
    _text(document, "name", f"{texts['title']} ({datum.name})")
    _text(document, "description", "\n\n".join(texts.values()))
    _add_styles(document, results.run)
    for name in ("districts", "flows", "facilities"):
        _add_schema(document, name, layers[name])
    _add_districts(document, layers["districts"])
    _add_flows(document, layers["flows"])
    _add_facilities(document, results, layers["facilities"])
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def colour(rgb: str, alpha: int = 255) -> str:
    """Return a colour as KML writes it: opacity, blue, green, red.

    >>> colour("#0072B2")
    'ffb27200'
    """
    return f"{alpha:02x}{rgb[5:7]}{rgb[3:5]}{rgb[1:3]}".lower()


def _text(parent: ET.Element, tag: str, text: object) -> ET.Element:
    made = ET.SubElement(parent, tag)
    made.text = plain(str(text))
    return made


def _add_styles(document: ET.Element, run: RunRecord) -> None:
    scales = [ICON_SCALES[Echelon(one)] for one in run.instance.type_echelon]
    icons = [(f"type-{n}", symbol.colour, scales[n]) for n, _, symbol in _numbered(run)]
    for name, rgb, scale in [*icons, ("closed", CLOSED, 0.5)]:
        icon = ET.SubElement(ET.SubElement(document, "Style", id=name), "IconStyle")
        _text(icon, "color", colour(rgb))
        _text(icon, "scale", scale)
    outline = ET.SubElement(document, "Style", id="district")
    _text(ET.SubElement(outline, "LineStyle"), "color", colour(BORDER))
    _text(ET.SubElement(outline, "PolyStyle"), "fill", 0)


def _add_schema(document: ET.Element, name: str, layer: gpd.GeoDataFrame) -> None:
    """Add the names of the figures of a layer, once for all of its places."""
    schema = ET.SubElement(document, "Schema", name=name, id=name)
    for column in [str(one) for one in layer.columns if one not in SHOWN_OTHERWISE]:
        field = ET.SubElement(schema, "SimpleField", type="string", name=column)
        _text(field, "displayName", both(meaning(column)))


def _numbered(run: RunRecord) -> list[tuple[int, str, Any]]:
    """Return (number, id, symbol) of each facility type: a number is an id that XML takes."""
    return [(number, name, symbol) for number, (name, symbol) in enumerate(type_symbols(run.instance).items())]


def _add_districts(document: ET.Element, districts: gpd.GeoDataFrame) -> None:
    folder = _folder(document, text("gis.districts"))
    for one in districts.to_dict("records"):
        mark = _placemark(folder, Label(one["name_en"], one["name_zh"]), "#district", layer="districts", figures=one)
        shapes = ET.SubElement(mark, "MultiGeometry")
        for polygon in shapely.get_parts(one["geometry"]):
            shape = ET.SubElement(shapes, "Polygon")
            for ring, tag in [
                (polygon.exterior, "outerBoundaryIs"),
                *((r, "innerBoundaryIs") for r in polygon.interiors),
            ]:
                _add_path(ET.SubElement(shape, tag), "LinearRing", shapely.get_coordinates(ring).tolist())


def _add_flows(document: ET.Element, flows: gpd.GeoDataFrame) -> None:
    """Add flows by class of link, as wide as the root of their tonnes; those from points are hidden at first."""
    whole = _folder(document, text("gis.flows"))
    most_t = max(float(flows["tonnes"].max()) if len(flows) else 0.0, 1e-9)
    for name, link in LINKS.items():
        rows = flows[flows["link_class"] == name]
        if not len(rows):
            continue
        folder = _folder(whole, link.label, is_shown=link.tail is not Echelon.POINT)
        for one in rows.to_dict("records"):
            title = f"{one['from']} → {one['to']}"
            mark = _placemark(folder, Label(title, title), "", layer="flows", figures=one)
            style = ET.SubElement(mark, "Style")
            line = ET.SubElement(style, "LineStyle")
            _text(line, "color", colour(flow_colour(name), 180))
            _text(line, "width", f"{NARROWEST + WIDEST * (one['tonnes'] / most_t) ** 0.5:.1f}")
            _add_path(mark, "LineString", shapely.get_coordinates(one["geometry"]).tolist())


def _add_facilities(document: ET.Element, results: Results, facilities: gpd.GeoDataFrame) -> None:
    for number, type_id, _ in _numbered(results.run):
        rows = facilities[facilities["type"] == type_id]
        if not len(rows):
            continue
        folder = _folder(document, results.type_labels[type_id])
        for one in rows.to_dict("records"):
            style = "#closed" if one["action"] == "close" else f"#type-{number}"
            figures = one | {"action": both(action_label(one["action"]))}
            mark = _placemark(
                folder, results.facility_labels[str(one["id"])], style, layer="facilities", figures=figures
            )
            _text(ET.SubElement(mark, "Point"), "coordinates", _places([(one["lon"], one["lat"])]))


def _folder(parent: ET.Element, label: Label, *, is_shown: bool = True) -> ET.Element:
    folder = ET.SubElement(parent, "Folder")
    _text(folder, "name", both(label))
    if not is_shown:
        _text(folder, "visibility", 0)
    return folder


def _placemark(folder: ET.Element, name: Label, style: str, *, layer: str, figures: Mapping[Any, Any]) -> ET.Element:
    """Add a place with its name, style and the figures of its layer; a missing figure is left out."""
    mark = ET.SubElement(folder, "Placemark")
    _text(mark, "name", both(name))
    if folder.find("visibility") is not None:
        _text(mark, "visibility", 0)
    if style:
        _text(mark, "styleUrl", style)
    data = ET.SubElement(ET.SubElement(mark, "ExtendedData"), "SchemaData", schemaUrl=f"#{layer}")
    for column, value in figures.items():
        if column in SHOWN_OTHERWISE or pd.isna(value) or value is False or value == "":
            continue
        _text(data, "SimpleData", both(text("table.yes")) if value is True else value).set("name", str(column))
    return mark


def _add_path(parent: ET.Element, tag: str, places: Iterable[Iterable[float]]) -> None:
    _text(ET.SubElement(parent, tag), "coordinates", _places(places))


def _places(places: Iterable[Iterable[float]]) -> str:
    """Return places as KML writes them, to a tenth of a metre."""
    return " ".join(",".join(f"{degrees:.6f}" for degrees in place) for place in places)
