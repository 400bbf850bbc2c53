"""A RELOG case as it is in its file, checked: products, centres that offer them, plants that turn one into others.

The format is that of RELOG 0.5 to 0.7 (`products` with `initial amounts`, `plants` with `locations`). What later
versions add is told by `siting.relog.newer`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siting.errors import DataError, FileError, raise_faults
from siting.instance import Floats
from siting.relog.newer import newer_faults

DETOUR = 1.3
"""Driving over straight distance where a case asks for driving; RELOG has a table of its own (assumption)."""
EARTH_M, FLATTENING = 6_378_137.0, 1 / 298.257223563


@dataclass(frozen=True)
class Offer:
    """What one centre offers of one product: `amount_t` (n_years,)."""

    centre: str
    product: str
    lat: float
    lon: float
    amount_t: Floats


@dataclass(frozen=True)
class Product:
    """What a product costs to move and to leave at its centres, by year, (n_years,); a limit of inf is none."""

    transport_per_km: Floats
    acquisition_per_t: Floats
    disposal_per_t: Floats
    disposal_limit_t: Floats


@dataclass(frozen=True)
class Plant:
    """A plant of a type at a place. By year, (n_years,) where not one figure.

    Between `least_t` and `most_t` capacity is bought by the tonne. `outputs` are tonnes of product a tonne processed;
    `disposal` holds (cost a tonne, limit) of products that may be left here.
    """

    type: str
    place: str
    lat: float
    lon: float
    input: str
    outputs: Mapping[str, float]
    disposal: Mapping[str, tuple[Floats, Floats]]
    least_t: float
    most_t: float
    initial_t: float
    opening: Floats
    extension_per_t: Floats
    fixed: Floats
    fixed_per_t: Floats
    variable_per_t: Floats
    storage_per_t: Floats
    storage_limit_t: float


@dataclass(frozen=True)
class Case:
    """A whole case. `building` are the years, from 0, in which plants may open; `detour` multiplies straight lines."""

    name: str
    n_years: int
    building: tuple[int, ...]
    detour: float
    products: Mapping[str, Product]
    offers: tuple[Offer, ...]
    plants: tuple[Plant, ...]


def read_case(
    path: Path, *, detour: float | None = None, places: Mapping[str, tuple[float, float]] | None = None
) -> Case:
    """The case of a JSON file.

    `detour` multiplies straight lines; else it is 1, or `DETOUR` where the case asks for driving. `places` are the
    (latitude, longitude) of what the case only names (`location`: "us-state:IL").

    Raises
    ------
    FileError
        If the file is not there or is no JSON.
    DataError
        If a key is missing, a figure cannot be used, or the case holds what is not taken: all of it in one list.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); give a RELOG case, .json") from error
    except ValueError as error:
        raise FileError(f"{path}: is no JSON ({error}); export the case again") from error
    if not isinstance(content, dict) or "products" not in content or "plants" not in content:
        raise DataError(f"{path}: no products and plants; give a RELOG case")
    raise_faults([f"{path.name}: {fault}" for fault in newer_faults(content)], DataError)
    return _Reader(path.stem, content, places or {}).case(detour)


class _Reader:
    """Reads a case part by part and collects what is wrong."""

    def __init__(self, name: str, content: dict[str, Any], places: Mapping[str, tuple[float, float]]) -> None:
        self.name, self.content, self.places = name, content, places
        self.faults: list[str] = []
        parameters = content.get("parameters", {})
        self.n = int(parameters.get("time horizon (years)", 1))
        self.building = tuple(int(year) - 1 for year in parameters.get("building period (years)", [1]))
        self.is_driving = str(parameters.get("distance metric", "Euclidean")).lower() == "driving"

    def case(self, detour: float | None) -> Case:
        products = {name: self._product(name, given) for name, given in self.content["products"].items()}
        offers = tuple(
            self._offer(product, centre, given)
            for product, about in self.content["products"].items()
            for centre, given in about.get("initial amounts", {}).items()
        )
        plants = tuple(
            self._plant(type_, about, place, given)
            for type_, about in self.content["plants"].items()
            for place, given in about.get("locations", {}).items()
        )
        used = {plant.input for plant in plants} | {name for plant in plants for name in plant.outputs}
        self.faults += [f"product {name}: is used by a plant but not listed" for name in sorted(used - set(products))]
        raise_faults(sorted(set(self.faults)), DataError)
        factor = detour if detour is not None else (DETOUR if self.is_driving else 1.0)
        return Case(self.name, self.n, self.building, factor, products, offers, plants)

    def _series(self, given: Mapping[str, Any], key: str, where: str, default: float | None = None) -> Floats:
        """A figure by year, (n_years,); one figure stands for all years, null for inf."""
        if key not in given and default is None:
            self.faults.append(f"{where}: no {key!r}")
            return np.zeros(self.n)
        value = given.get(key, default)
        listed = value if isinstance(value, list) else [value] * self.n
        try:
            series = np.array([np.inf if one is None else float(one) for one in listed])
        except (TypeError, ValueError):
            self.faults.append(f"{where}: {key!r} is {value!r}; give numbers")
            return np.zeros(self.n)
        if len(series) < self.n or np.isnan(series).any():
            self.faults.append(f"{where}: {key!r} has {len(series)} figures for {self.n} years; give one for each")
            return np.zeros(self.n)
        return series[: self.n]

    def _place(self, given: Mapping[str, Any], where: str) -> tuple[float, float]:
        named = given.get("location")
        if named in self.places:
            return self.places[str(named)]
        if named is not None:
            self.faults.append(f"{where}: is only named, {named}; give its latitude and longitude, or --places")
            return 0.0, 0.0
        lat, lon = (self._series(given, f"{name} (deg)", where)[0] for name in ("latitude", "longitude"))
        return float(lat), float(lon)

    def _product(self, name: str, given: Mapping[str, Any]) -> Product:
        where = f"product {name}"
        return Product(
            transport_per_km=self._series(given, "transportation cost ($/km/tonne)", where),
            acquisition_per_t=self._series(given, "acquisition cost ($/tonne)", where, 0.0),
            disposal_per_t=self._series(given, "disposal cost ($/tonne)", where, 0.0),
            disposal_limit_t=self._series(given, "disposal limit (tonne)", where, 0.0),
        )

    def _offer(self, product: str, centre: str, given: Mapping[str, Any]) -> Offer:
        where = f"{centre} of {product}"
        return Offer(centre, product, *self._place(given, where), self._series(given, "amount (tonne)", where))

    def _plant(self, type_: str, about: Mapping[str, Any], place: str, given: Mapping[str, Any]) -> Plant:
        where = f"plant {type_} at {place}"
        sizes = sorted(
            ((float(size), figures) for size, figures in given.get("capacities (tonne)", {}).items()), key=_size
        )
        if not 1 <= len(sizes) <= 2:
            self.faults.append(
                f"{where}: {len(sizes)} capacities; RELOG's format knows one, or the least and the largest"
            )
            sizes = [(0.0, {}), (0.0, {})]
        (least, low), (most, high) = sizes[0], sizes[-1]
        cost = {
            name: [self._series(figures, f"{name} ($)", where) for figures in (low, high)]
            for name in ("opening cost", "fixed operating cost")
        }
        variable = [self._series(figures, "variable operating cost ($/tonne)", where) for figures in (low, high)]
        if (variable[0] != variable[1]).any():
            self.faults.append(f"{where}: variable operating costs that differ by size are not taken")
        step = most - least if most > least else np.inf
        storage = given.get("storage", {})
        return Plant(
            type=type_,
            place=place,
            **dict(zip(("lat", "lon"), self._place(given, where), strict=True)),
            input=str(about.get("input", "")),
            outputs={name: float(rate) for name, rate in about.get("outputs (tonne/tonne)", {}).items()},
            disposal={
                name: (
                    self._series(figures, "cost ($/tonne)", f"{where}, disposal of {name}"),
                    self._series(figures, "limit (tonne)", f"{where}, disposal of {name}", np.inf),
                )
                for name, figures in given.get("disposal", {}).items()
            },
            least_t=least,
            most_t=most,
            initial_t=float(given.get("initial capacity (tonne)", 0.0) or 0.0),
            opening=cost["opening cost"][0],
            extension_per_t=(cost["opening cost"][1] - cost["opening cost"][0]) / step,
            fixed=cost["fixed operating cost"][0],
            fixed_per_t=(cost["fixed operating cost"][1] - cost["fixed operating cost"][0]) / step,
            variable_per_t=variable[0],
            storage_per_t=self._series(storage, "cost ($/tonne)", f"{where}, storage", 0.0),
            storage_limit_t=float(storage.get("limit (tonne)", 0.0)),
        )


def _size(sized: tuple[float, Any]) -> float:
    return sized[0]


def distance_km(case: Case, start: Offer | Plant, end: Plant) -> float:
    """What RELOG takes for the distance: the straight line through the earth (WGS-84), to 10 m, times the detour."""
    chord_m = float(np.linalg.norm(_in_space(start.lat, start.lon) - _in_space(end.lat, end.lon)))
    return round(chord_m / 1000, 2) * case.detour


def _in_space(lat_deg: float, lon_deg: float) -> Floats:
    """A place on the ellipsoid as x, y, z in metres from the centre of the earth."""
    lat, lon = np.radians([lat_deg, lon_deg])
    squared = FLATTENING * (2 - FLATTENING)
    across = EARTH_M / np.sqrt(1 - squared * np.sin(lat) ** 2)
    return np.array(
        [across * np.cos(lat) * np.cos(lon), across * np.cos(lat) * np.sin(lon), across * (1 - squared) * np.sin(lat)]
    )
