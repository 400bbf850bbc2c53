"""A small map of the plan for paper: districts, water, main roads, and where facilities are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup

from siting.instance import Floats
from siting.language import Label, Language, text
from siting.render.html.charts.svg import Chart, tag, words
from siting.render.html.map.basemap import road_ranks
from siting.render.palette import ECHELON_COLOURS
from siting.results.results import Results
from siting.vocabulary import Echelon

WIDTH, HEIGHT, EDGE = 420.0, 540.0, 14.0
MAIN_RANK = 1
TOLERANCE_PX = 0.5
MANY_POINTS, EDGING = 400, 1.6
BEYOND, LAND, BORDER, WATER, ROAD = "#eef1f0", "#fbfaf6", "#8d8778", "#a9cfe3", "#d5cdbb"
NAME_HEIGHT, LETTER_WIDTH, CHARACTER_WIDTH = 13.0, 5.6, 10.0
SYMBOL = "city"
SHARED_COLOURS = ("#0b2f4f", "#56B4E9", "#E69F00")
"""Sites that all plans have, some, and one."""
SMALL_MARK, LARGE_MARK = 8.0, 12.0
VIEW = f"0 0 {WIDTH:g} {HEIGHT:g}"


@dataclass(frozen=True)
class Paper:
    """Projection of degrees to pixels, from the west and the north."""

    west: float
    north: float
    per_lon: float
    per_lat: float

    def places(self, lonlat: Floats) -> Floats:
        """Return places (n, 2) on the paper, x to the right and y down."""
        return np.column_stack([(lonlat[:, 0] - self.west) * self.per_lon, (self.north - lonlat[:, 1]) * self.per_lat])

    def shape(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """Return a geometry on the paper, with no more detail than can be seen."""
        return shapely.simplify(shapely.transform(geometry, self.places), TOLERANCE_PX)


def city_symbol(results: Results, *, has_facilities: bool = True) -> Markup:
    """Draw the map without words, once for both languages."""
    paper, geography = _paper(results), results.run.geography
    frame = shapely.box(-EDGE, -EDGE, WIDTH + EDGE, HEIGHT + EDGE)
    parts = [
        tag("rect", width=WIDTH, height=HEIGHT, rx=8, fill=BEYOND),
        _path(paper, geography.districts.geometry, frame, fill=LAND),
        _path(paper, _areas(geography.water), frame, fill=WATER),
        _path(paper, _main_roads(geography.roads), frame, fill="none", stroke=ROAD, stroke_width=0.7),
        _path(paper, geography.districts.geometry, frame, fill="none", stroke=BORDER, stroke_width=0.8),
        *(_facilities(results, paper) if has_facilities else []),
        *_scale_bar(paper),
    ]
    return tag("symbol", *parts, id=SYMBOL, viewBox=VIEW)


def city_map(results: Results) -> Chart:
    """Return the map with the names of districts, in both languages."""
    named = _named_districts(results.run.geography.districts, _paper(results))

    def picture(language: Language) -> Markup:
        look = {"text_anchor": "middle", "font_size": 10, "fill": "#5c5749", "class_": "on-paper"}
        names = [words(one.label.in_language(language), x=one.x, y=one.y, **look) for one in named]
        whole = tag("use", href=f"#{SYMBOL}", width=WIDTH, height=HEIGHT)
        about = tag("title", Markup.escape(text("report.map_title").in_language(language)))
        return tag("svg", about, whole, *names, class_="map", role="img", viewBox=VIEW)

    return Chart.of(picture)


def shared_map(results: Results, sites: pd.DataFrame, *, n_plans: int) -> Chart:
    """Return a map of sites by how many of some plans have each: all, some, or one.

    `sites` has `lon`, `lat`, `echelon` and `plans`.
    """
    paper = _paper(results)
    classes = {
        "in_all": (sites["plans"] == n_plans, SHARED_COLOURS[0]),
        "in_some": ((sites["plans"] > 1) & (sites["plans"] < n_plans), SHARED_COLOURS[1]),
        "in_one": ((sites["plans"] == 1) & (n_plans > 1), SHARED_COLOURS[2]),
    }
    at = paper.places(sites[["lon", "lat"]].to_numpy())
    marks = []
    for of_class, colour in classes.values():
        for one in Echelon:
            own = (of_class & (sites["echelon"] == one.key)).to_numpy()
            size = LARGE_MARK if one > Echelon.TRANSFER else SMALL_MARK
            marks.append(tag("path", d=_marks(at[own], size, one), fill=colour, stroke="#fff", stroke_width=0.8))
    symbol = Markup(str(city_symbol(results, has_facilities=False)))

    def picture(language: Language) -> Markup:
        legend = []
        for number, (name, (_, colour)) in enumerate(classes.items()):
            y = 14 + 16 * number
            legend.append(tag("rect", x=8, y=y - 9, width=10, height=10, fill=colour))
            label = text(f"answers.alternatives.{name}").in_language(language)
            legend.append(words(label, x=23, y=y, font_size=11, class_="on-paper"))
        whole = tag("use", href=f"#{SYMBOL}", width=WIDTH, height=HEIGHT)
        about = tag("title", Markup.escape(text("answers.alternatives.map").in_language(language)))
        defined = [symbol] if language == "en" else []
        look = {"class_": "map", "role": "img", "viewBox": VIEW, "style": f"max-width:{1.5 * WIDTH:g}px"}
        return tag("svg", about, *defined, whole, *marks, *legend, **look)

    return Chart.of(picture)


def _paper(results: Results) -> Paper:
    """Return the paper that holds the districts with residents and every open facility, in the middle."""
    districts = results.run.geography.districts
    totals = results.district_totals
    shown = districts[districts["code"].isin(totals["code"][totals["residents"] > 0])]
    places = results.open_facilities.geometry
    boxes = [frame.total_bounds for frame in (shown, places) if len(frame)] or [districts.total_bounds]
    (west, south), (east, north) = np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]
    shrunk = float(np.cos(np.radians((south + north) / 2)))
    per_lat = min((WIDTH - 2 * EDGE) / ((east - west) * shrunk), (HEIGHT - 2 * EDGE) / (north - south))
    middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
    return Paper(
        middle_lon - WIDTH / 2 / (per_lat * shrunk), middle_lat + HEIGHT / 2 / per_lat, per_lat * shrunk, per_lat
    )


def _areas(water: gpd.GeoDataFrame) -> gpd.GeoSeries:
    return water.geometry[water.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]


def _main_roads(roads: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    lines = roads.geometry[road_ranks(roads) <= MAIN_RANK].to_numpy()
    return [shapely.line_merge(shapely.union_all(lines))] if len(lines) else []


def _path(paper: Paper, geometries: object, frame: shapely.Geometry, **look: object) -> Markup:
    pieces: list[str] = []
    for geometry in np.atleast_1d(np.asarray(geometries, dtype=object)):
        inside = shapely.intersection(shapely.make_valid(paper.shape(geometry)), frame)
        for part in shapely.get_parts(shapely.get_parts(inside)):
            pieces += _strokes(part)
    return tag("path", d="".join(pieces), fill_rule="evenodd", **look)


def _strokes(part: Any) -> list[str]:
    """Return the outlines of an area, or a line; nothing of what lies off the paper."""
    if part.is_empty:
        return []
    if part.geom_type == "Polygon":
        return [_stroke(ring) + "Z" for ring in (part.exterior, *part.interiors)]
    return [_stroke(part)] if part.geom_type == "LineString" and part.length > 1 else []


def _stroke(line: shapely.Geometry) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(line))


def _facilities(results: Results, paper: Paper) -> list[Markup]:
    """Draw the open facilities by echelon, the larger on top."""
    table = results.open_facilities
    parts = []
    for one in Echelon:
        at = paper.places(shapely.get_coordinates(table.geometry[table["echelon"] == one.key]))
        if not len(at):
            continue
        size = {Echelon.POINT: 2.4 if len(at) > MANY_POINTS else 4.0, Echelon.TRANSFER: 5.5}.get(one, 8.5)
        if one is not Echelon.POINT:
            parts.append(tag("path", d=_marks(at, size + EDGING, one), fill="#fff"))
        parts.append(tag("path", d=_marks(at, size, one), fill=ECHELON_COLOURS[one]))
    return parts


def _marks(at: Floats, size: float, echelon: Echelon) -> str:
    """Draw dots for points, squares for stations, diamonds for centres and bases."""
    half = size / 2
    if echelon is Echelon.POINT:
        arc = f"a{half:g} {half:g} 0 1 0"
        return "".join(f"M{x - half:.1f} {y:.1f}{arc} {size:g} 0{arc}-{size:g} 0" for x, y in at)
    if echelon is Echelon.TRANSFER:
        return "".join(f"M{x - half:.1f} {y - half:.1f}h{size:g}v{size:g}h-{size:g}z" for x, y in at)
    side = f"l{half:g} {half:g}l-{half:g} {half:g}l-{half:g}-{half:g}z"
    return "".join(f"M{x:.1f} {y - half:.1f}{side}" for x, y in at)


def _scale_bar(paper: Paper) -> list[Markup]:
    """Draw a round number of kilometres in the lower left corner."""
    px_per_km = paper.per_lat / 111.2
    km = next(km for km in (50, 20, 10, 5, 2, 1, 0.5) if km * px_per_km < WIDTH / 4 or km == 0.5)
    x, y, length = 8.0, HEIGHT - 8, km * px_per_km
    bar = f"M{x:g} {y - 4:g}v4h{length:.1f}v-4"
    return [
        tag("path", d=bar, fill="none", stroke="#fff", stroke_width=4),
        tag("path", d=bar, fill="none", stroke="#23211c", stroke_width=1.4),
        words(f"{km:g} km", x=x + 4, y=y - 6, font_size=10, fill="#23211c", class_="on-paper"),
    ]


@dataclass(frozen=True)
class Name:
    """The name of a district and its middle on the paper."""

    label: Label
    x: float
    y: float

    @property
    def half_width(self) -> float:
        """Half of the longer of two names, px."""
        return max(len(self.label.en) * LETTER_WIDTH, len(self.label.zh) * CHARACTER_WIDTH) / 2

    def overlaps(self, other: Name) -> bool:
        """Return whether two names would lie on one another."""
        return abs(self.x - other.x) < self.half_width + other.half_width and abs(self.y - other.y) < NAME_HEIGHT


def _named_districts(frame: gpd.GeoDataFrame, paper: Paper) -> list[Name]:
    """Return the names that fit into their district and on the paper, the largest districts first."""
    placed: list[Name] = []
    for row in frame.iloc[np.argsort(-shapely.area(frame.geometry.to_numpy()))].itertuples():
        west, _, east, _ = row.geometry.bounds
        place = row.geometry.representative_point()
        x, y = paper.places(np.array([[place.x, place.y]]))[0].tolist()
        name = Name(Label(row.name_en, row.name_zh), x, y)
        half = name.half_width
        fits = 2 * half < (east - west) * paper.per_lon and half < x < WIDTH - half and NAME_HEIGHT < y < HEIGHT - 22
        if fits and not any(map(name.overlaps, placed)):
            placed.append(name)
    return placed
