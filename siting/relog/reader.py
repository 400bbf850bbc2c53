"""Read a RELOG case and check it: the formats 0.5 to 0.7 (`initial amounts`, `locations`) and 0.8 (`centers`).

Whatever does not map onto the planning model is refused by name, with its place in the file: storage, centres that
buy, input mixes, limits over centres and plants together, and limits and penalties on gases.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from siting.errors import DataError, FileError, raise_faults
from siting.instance import Floats
from siting.relog.case import Case, CentreDisposal, Offer, Plant, PlantDisposal

DETOUR = 1.3
"""Driving over straight distance where a case asks for driving; RELOG has a table of its own (assumption)."""

Section = Mapping[str, Any]


def read_case(
    path: Path, *, detour: float | None = None, places: Mapping[str, tuple[float, float]] | None = None
) -> Case:
    """Read the case of a JSON file.

    Parameters
    ----------
    path
        The file.
    detour
        Driving over straight distance; by default 1, or `DETOUR` where the case asks for driving.
    places
        (latitude, longitude) of places that the case only names (`location`: "us-state:IL").

    Raises
    ------
    FileError
        If the file is missing or is no JSON.
    DataError
        If a key is missing, a figure cannot be used, or the case holds what the planning model does not know.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); give a RELOG case, .json") from error
    except ValueError as error:
        raise FileError(f"{path}: is no JSON ({error}); export the case again") from error
    if not isinstance(content, dict) or "products" not in content or "plants" not in content:
        raise DataError(f"{path}: no products and plants; give a RELOG case")
    return _Reader(path.stem, content, places or {}).case(detour)


class _Reader:
    """Read a case section by section and collect its faults."""

    def __init__(self, name: str, content: dict[str, Any], places: Mapping[str, tuple[float, float]]) -> None:
        self.name, self.content, self.places = name, content, places
        self.faults: list[str] = []
        parameters = content.get("parameters", {})
        self.n = int(parameters.get("time horizon (years)", 1))
        self.building = tuple(int(year) - 1 for year in parameters.get("building period (years)", [1]))
        self.is_driving = str(parameters.get("distance metric", "Euclidean")).lower() == "driving"
        self.operation = np.zeros(self.n)

    def case(self, detour: float | None) -> Case:
        """Return the case; raise all its faults in one list."""
        transport = {
            name: self._series(given, "transportation cost ($/km/tonne)", f"product {name}")
            for name, given in self.content["products"].items()
        }
        if "centers" in self.content:
            offers, leaving = self._centres()
            plants = [self._later_plant(name, given) for name, given in self.content["plants"].items()]
            for gas, rule in (self.content.get("emissions") or {}).items():
                if rule.get("limit (tonne)") is not None or rule.get("penalty ($/tonne)"):
                    self._refuse(f"emissions, {gas}", "a limit or penalty on a gas", "remove both to plan without")
        else:
            offers, leaving = self._initial_amounts()
            plants = [
                self._earlier_plant(type_, about, place, given)
                for type_, about in self.content["plants"].items()
                for place, given in about.get("locations", {}).items()
            ]
        used = {plant.input for plant in plants} | {name for plant in plants for name in plant.outputs}
        used |= {offer.product for offer in offers}
        self.faults += [f"product {name}: is used but not listed" for name in sorted(used - set(transport))]
        raise_faults([f"{self.name}.json: {fault}" for fault in dict.fromkeys(self.faults)], DataError)
        factor = detour if detour is not None else (DETOUR if self.is_driving else 1.0)
        return Case(
            self.name, self.n, self.building, factor, transport, tuple(offers), leaving, tuple(plants), self.operation
        )

    def _initial_amounts(self) -> tuple[list[Offer], tuple[CentreDisposal, ...]]:
        """Read the offers of the format up to 0.7, and the disposal of each product at all its centres together."""
        offers: list[Offer] = []
        leaving = []
        for product, about in self.content["products"].items():
            where, first = f"product {product}", len(offers)
            acquisition = self._series(about, "acquisition cost ($/tonne)", where, 0.0)
            for centre, given in about.get("initial amounts", {}).items():
                at = f"{centre} of {product}"
                amount = self._series(given, "amount (tonne)", at)
                offers.append(Offer(centre, product, *self._place(given, at), amount, acquisition))
            cost = self._series(about, "disposal cost ($/tonne)", where, 0.0)
            limit = self._series(about, "disposal limit (tonne)", where, 0.0)
            leaving.append(CentreDisposal(product, product, tuple(range(first, len(offers))), cost, limit))
        return offers, tuple(one for one in leaving if one.offers and one.limit_t.max() > 0)

    def _centres(self) -> tuple[list[Offer], tuple[CentreDisposal, ...]]:
        """Read the centres of the format 0.8: what they collect at a fixed rate, and their own disposal."""
        offers: list[Offer] = []
        leaving = []
        for name, given in self.content["products"].items():
            if np.isfinite(self._series(given, "disposal limit (tonne)", f"product {name}", np.inf)).any():
                self._refuse(f"product {name}", "a disposal limit over centres and plants", "give each its own limit")
        for centre, given in self.content["centers"].items():
            where = f"center {centre}"
            if given.get("input"):
                self._refuse(where, "a center that buys a product", "leave it out or make it a plant")
            self.operation = self.operation + self._series(given, "operating cost ($)", where, 0.0)
            for product in given.get("outputs", []):
                at = f"{where}, {product}"
                follows = np.ravel((given.get("variable output (tonne/tonne)") or {}).get(product, 0.0))
                if any(follows):
                    self._refuse(at, "variable output, which follows the input of earlier years", "make it fixed")
                figures = {key: self._of(given, key, product, at) for key in ("collection cost", "disposal cost")}
                amount = self._series(given.get("fixed output (tonne)") or {}, product, f"{at}, fixed output")
                offers.append(Offer(centre, product, *self._place(given, where), amount, figures["collection cost"]))
                limit = self._of(given, "disposal limit", product, at)
                if limit.max(initial=0.0) > 0:
                    row = (len(offers) - 1,)
                    leaving.append(CentreDisposal(at, product, row, figures["disposal cost"], limit))
        return offers, tuple(leaving)

    def _of(self, given: Section, name: str, product: str, where: str) -> Floats:
        """Read a figure of one product by year from a table by product; 0 where it is missing."""
        unit = "tonne" if name.endswith("limit") else "$/tonne"
        return self._series(given.get(f"{name} ({unit})") or {}, product, f"{where}, {name}", 0.0)

    def _earlier_plant(self, type_: str, about: Section, place: str, given: Section) -> Plant:
        where = f"plant {type_} at {place}"
        if (given.get("storage") or {}).get("limit (tonne)", 0.0) != 0:
            self._refuse_storage(where)
        disposal = {
            name: PlantDisposal(
                self._series(figures, "cost ($/tonne)", f"{where}, disposal of {name}"),
                self._series(figures, "limit (tonne)", f"{where}, disposal of {name}", np.inf),
            )
            for name, figures in given.get("disposal", {}).items()
        }
        sizes = [(float(size), figures) for size, figures in given.get("capacities (tonne)", {}).items()]
        return self._plant(
            where,
            given,
            sizes,
            type=type_,
            place=place,
            input=str(about.get("input", "")),
            outputs={name: float(rate) for name, rate in about.get("outputs (tonne/tonne)", {}).items()},
            disposal=disposal,
        )

    def _later_plant(self, name: str, given: Section) -> Plant:
        where = f"plant {name}"
        mix = {product: share for product, share in (given.get("input mix (%)") or {}).items() if share}
        if len(mix) != 1:
            self._refuse(where, f"an input mix of {len(mix)} products", "give one input product")
        if any(limit != 0 for limit in (given.get("storage limit (tonne)") or {}).values()):
            self._refuse_storage(where)
        outputs = {name: float(rate) for name, rate in (given.get("output (tonne)") or {}).items()}
        disposal = {
            product: PlantDisposal(
                *(self._of(given, key, product, where) for key in ("disposal cost", "disposal limit"))
            )
            for product in outputs
        }
        sizes = [(float(size.get("size (tonne)", 0.0)), size) for size in given.get("capacities") or []]
        about = {"input": next(iter(mix), ""), "outputs": outputs, "disposal": disposal}
        return self._plant(where, given, sizes, type=name, place=name, **about)

    def _plant(self, where: str, given: Section, sizes: list[tuple[float, Section]], **about: Any) -> Plant:
        """Read place and costs of a plant; `about` holds what the formats hold in places of their own."""
        sizes = sorted(sizes, key=lambda sized: sized[0])
        if not 1 <= len(sizes) <= 2:
            self.faults.append(f"{where}: {len(sizes)} capacities; give one, or the minimum and the maximum")
            sizes = [(0.0, {})]
        (least, low), (most, high) = sizes[0], sizes[-1]
        names = ("opening cost ($)", "fixed operating cost ($)", "variable operating cost ($/tonne)")
        opening, fixed, variable = ([self._series(size, name, where) for size in (low, high)] for name in names)
        if (variable[0] != variable[1]).any():
            self._refuse(where, "a variable operating cost that differs by size", "give both sizes the same")
        step = most - least if most > least else np.inf
        lat, lon = self._place(given, where)
        return Plant(
            **about,
            lat=lat,
            lon=lon,
            least_t=least,
            most_t=most,
            initial_t=float(given.get("initial capacity (tonne)", 0.0) or 0.0),
            opening=opening[0],
            extension_per_t=(opening[1] - opening[0]) / step,
            fixed=fixed[0],
            fixed_per_t=(fixed[1] - fixed[0]) / step,
            variable_per_t=variable[0],
        )

    def _series(self, given: Section, key: str, where: str, default: float | None = None) -> Floats:
        """Read a figure by year, (n_years,); a single figure holds for all years, null is inf."""
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
        if len(series) != self.n or np.isnan(series).any():
            self.faults.append(f"{where}: {key!r} has {len(series)} figures for {self.n} years; give one for each year")
            return np.zeros(self.n)
        return series

    def _place(self, given: Section, where: str) -> tuple[float, float]:
        named = given.get("location")
        if named in self.places:
            return self.places[str(named)]
        if named is not None:
            self.faults.append(f"{where}: is only named, {named}; give its latitude and longitude, or --places")
            return 0.0, 0.0
        lat, lon = (self._series(given, f"{name} (deg)", where) for name in ("latitude", "longitude"))
        return float(lat[0]), float(lon[0])

    def _refuse(self, where: str, what: str, cure: str) -> None:
        self.faults.append(f"{where}: {what} is not part of the planning model; {cure}")

    def _refuse_storage(self, where: str) -> None:
        self._refuse(where, "storage for later years", "set its storage limit to 0, or solve the case with RELOG")
