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
from siting.language import Label
from siting.render.datumshift import layer_in
from siting.render.gis.fields import meaning
from siting.render.gis.layers import about, plan_layers
from siting.render.gis.styles import both
from siting.render.palette import BORDER, CLOSED, flow_colour, type_symbols
from siting.render.xlsx.write import plain
from siting.results.actions import ACTION_LABELS
from siting.results.facilitynames import facility_names, type_labels
from siting.results.record import RunRecord
from siting.results.rollout import all_facilities
from siting.vocabulary import LINKS

NAMESPACE = "http://www.opengis.net/kml/2.2"
NOT_TOLD = ("geometry", "name", "lon", "lat", "echelon", "type", "osm_class")
"""Columns that a place tells otherwise, by where it is and in which folder."""
WIDEST, NARROWEST = 6.0, 1.0
ICON_SCALES = {"point": 0.5, "transfer": 0.8, "sorting": 1.0, "base": 1.1}


def kml_bytes(run: RunRecord, datum: Datum) -> bytes:
    """The KML of a plan, with its coordinates in `datum`.

    Raises
    ------
    ConfigError
        If the datum is in metres.
    """
    if not datum.is_degrees:
        raise ConfigError(f"--datum {datum.name}: a KML holds degrees; choose wgs84, cgcs2000, gcj02 or bd09")
    layers = {name: layer_in(layer, datum) for name, layer in plan_layers(run).items()}
    root = ET.Element("kml", xmlns=NAMESPACE)
    document = ET.SubElement(root, "Document")
    told = about(run, datum)
    _text(document, "name", f"{told['title']} ({datum.name})")
    _text(document, "description", "\n\n".join(told.values()))
    _add_styles(document, run)
    for name in ("districts", "flows", "facilities"):
        _add_schema(document, name, layers[name])
    _add_districts(document, layers["districts"])
    _add_flows(document, layers["flows"])
    _add_facilities(document, run, layers["facilities"])
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def colour(rgb: str, alpha: int = 255) -> str:
    """A colour as KML writes it: opacity, blue, green, red.

    >>> colour("#0072B2")
    'ffb27200'
    """
    return f"{alpha:02x}{rgb[5:7]}{rgb[3:5]}{rgb[1:3]}".lower()


def _text(parent: ET.Element, tag: str, text: object) -> ET.Element:
    made = ET.SubElement(parent, tag)
    made.text = plain(str(text))
    return made


def _add_styles(document: ET.Element, run: RunRecord) -> None:
    echelons = {name: kind for kind, name, _ in run.config.facilities.by_echelon()}
    icons = [(f"type-{n}", symbol.colour, ICON_SCALES[echelons[name]]) for n, name, symbol in _numbered(run)]
    for name, rgb, scale in [*icons, ("closed", CLOSED, 0.5)]:
        icon = ET.SubElement(ET.SubElement(document, "Style", id=name), "IconStyle")
        _text(icon, "color", colour(rgb))
        _text(icon, "scale", scale)
    outline = ET.SubElement(document, "Style", id="district")
    _text(ET.SubElement(outline, "LineStyle"), "color", colour(BORDER))
    _text(ET.SubElement(outline, "PolyStyle"), "fill", 0)


def _add_schema(document: ET.Element, name: str, layer: gpd.GeoDataFrame) -> None:
    """What the figures of a layer's places are called, once for all of them."""
    schema = ET.SubElement(document, "Schema", name=name, id=name)
    for column in [str(one) for one in layer.columns if one not in NOT_TOLD]:
        field = ET.SubElement(schema, "SimpleField", type="string", name=column)
        _text(field, "displayName", both(meaning(column)))


def _numbered(run: RunRecord) -> list[tuple[int, str, Any]]:
    """(number, id, symbol) of each facility type: a number is an id that XML takes."""
    return [(number, name, symbol) for number, (name, symbol) in enumerate(type_symbols(run.instance).items())]


def _add_districts(document: ET.Element, districts: gpd.GeoDataFrame) -> None:
    folder = _folder(document, Label(en="Districts", zh="区界"))
    for one in districts.to_dict("records"):
        mark = _placemark(folder, Label(en=one["name_en"], zh=one["name_zh"]), "#district", ("districts", one))
        shapes = ET.SubElement(mark, "MultiGeometry")
        for polygon in shapely.get_parts(one["geometry"]):
            shape = ET.SubElement(shapes, "Polygon")
            for ring, tag in [
                (polygon.exterior, "outerBoundaryIs"),
                *((r, "innerBoundaryIs") for r in polygon.interiors),
            ]:
                _add_path(ET.SubElement(shape, tag), "LinearRing", shapely.get_coordinates(ring).tolist())


def _add_flows(document: ET.Element, flows: gpd.GeoDataFrame) -> None:
    """Flows by class of link, as wide as the root of their tonnes; those from points lie hidden at first."""
    whole = _folder(document, Label(en="Flows", zh="物流"))
    most_t = max(float(flows["tonnes"].max()) if len(flows) else 0.0, 1e-9)
    for name, link in LINKS.items():
        rows = flows[flows["link_class"] == name]
        if not len(rows):
            continue
        folder = _folder(whole, link.label, is_shown=name != "point_to_transfer")
        for one in rows.to_dict("records"):
            title = Label(en=f"{one['from']} → {one['to']}", zh=f"{one['from']} → {one['to']}")
            mark = _placemark(folder, title, "", ("flows", one))
            style = ET.SubElement(mark, "Style")
            line = ET.SubElement(style, "LineStyle")
            _text(line, "color", colour(flow_colour(name), 180))
            _text(line, "width", f"{NARROWEST + WIDEST * (one['tonnes'] / most_t) ** 0.5:.1f}")
            _add_path(mark, "LineString", shapely.get_coordinates(one["geometry"]).tolist())


def _add_facilities(document: ET.Element, run: RunRecord, facilities: gpd.GeoDataFrame) -> None:
    names, labels = facility_names(run, all_facilities(run)), type_labels(run.config)
    for number, type_id, _ in _numbered(run):
        rows = facilities[facilities["type"] == type_id]
        if not len(rows):
            continue
        folder = _folder(document, labels[type_id])
        for one in rows.to_dict("records"):
            style = "#closed" if one["action"] == "close" else f"#type-{number}"
            told = one | {"action": both(ACTION_LABELS[one["action"]])}
            mark = _placemark(folder, names[str(one["id"])], style, ("facilities", told))
            _text(ET.SubElement(mark, "Point"), "coordinates", _places([(one["lon"], one["lat"])]))


def _folder(parent: ET.Element, label: Label, *, is_shown: bool = True) -> ET.Element:
    folder = ET.SubElement(parent, "Folder")
    _text(folder, "name", both(label))
    if not is_shown:
        _text(folder, "visibility", 0)
    return folder


def _placemark(folder: ET.Element, name: Label, style: str, told: tuple[str, Mapping[Any, Any]]) -> ET.Element:
    """A place with its name, style and the figures of its layer; what is missing is left out."""
    layer, figures = told
    mark = ET.SubElement(folder, "Placemark")
    _text(mark, "name", both(name))
    if folder.find("visibility") is not None:
        _text(mark, "visibility", 0)
    if style:
        _text(mark, "styleUrl", style)
    data = ET.SubElement(ET.SubElement(mark, "ExtendedData"), "SchemaData", schemaUrl=f"#{layer}")
    for column, value in figures.items():
        if column in NOT_TOLD or pd.isna(value) or value is False or value == "":
            continue
        _text(data, "SimpleData", "是 yes" if value is True else value).set("name", str(column))
    return mark


def _add_path(parent: ET.Element, tag: str, places: Iterable[Iterable[float]]) -> None:
    _text(ET.SubElement(parent, tag), "coordinates", _places(places))


def _places(places: Iterable[Iterable[float]]) -> str:
    """Places as KML writes them, to a tenth of a metre."""
    return " ".join(",".join(f"{degrees:.6f}" for degrees in place) for place in places)
