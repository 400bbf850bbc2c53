"""Tables of an instance about ways: walks, haul links, their rates, and visits to points and doors."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from siting.instance.arrays import Bools, Floats, Ints, Texts


@dataclass(frozen=True)
class Walks:
    """Pairs of a residential cell and a recycling point within the walking cut-off. Arrays (n_walks,).

    `participation` in [0, 1] is the share of the cell's tonnes that residents bring at this distance. `cost_cny` is the
    cost a year of serving the whole cell over this pair, in addition to the cost of its tonnes.
    """

    demand: Ints
    site: Ints
    distance_m: Floats
    participation: Floats
    cost_cny: Floats

    @classmethod
    def none(cls) -> Walks:
        """Return no rows: nobody walks."""
        rows = np.empty(0, dtype=np.int64)
        return cls(rows, rows, *(np.empty(0) for _ in range(3)))


@dataclass(frozen=True)
class Links:
    """Haul links. Arrays (n_links,).

    `tail` is a demand node for `direct` links and a site for `haul` links; `head` is a site; `link_class` indexes
    `LINK_CLASSES`, `rate` the rows of `LinkRates`.
    """

    tail: Ints
    head: Ints
    distance_m: Floats
    link_class: Ints
    rate: Ints

    @classmethod
    def none(cls) -> Links:
        """Return no rows: nothing is hauled."""
        rows = np.empty(0, dtype=np.int64)
        return cls(rows, rows, np.empty(0), rows, rows)

    def only(self, kept: Bools | Ints | slice) -> Links:
        """Return those that are `kept`: a mask, row numbers or a slice."""
        return Links(*(getattr(self, one.name)[kept] for one in fields(self)))

    def and_also(self, more: Links) -> Links:
        """Return these links followed by `more`."""
        return Links(*(np.append(getattr(self, one.name), getattr(more, one.name)) for one in fields(self)))

    def nearest(self, most: Ints) -> Bools:
        """Return which links are among the nearest of their tail and class, (n_links,), at most `most` (n_classes,).

        Of heads at the same distance, the one with the lower number comes first.
        """
        order = np.lexsort([self.head, self.distance_m, self.tail, self.link_class])
        tail, kind = self.tail[order], self.link_class[order]
        begins = np.ones(len(order), dtype=bool)
        begins[1:] = (np.diff(tail) != 0) | (np.diff(kind) != 0)
        first = np.flatnonzero(begins)
        rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
        kept = np.zeros(len(order), dtype=bool)
        kept[order] = rank < most[kind]
        return kept


@dataclass(frozen=True)
class OmittedLinks:
    """Links within the longest haul that the model has no columns for. Arrays (n_omitted,), fields as in `Links`.

    A plan cannot use them; bounds count what they could save. There may be millions, so their types are narrow.
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    distance_m: NDArray[np.float32]
    link_class: NDArray[np.int8]
    rate: NDArray[np.int16]

    @classmethod
    def none(cls) -> OmittedLinks:
        """Return no rows: every link has its columns."""
        return cls.of(Links.none())

    @classmethod
    def of(cls, links: Links) -> OmittedLinks:
        """Return `links`, their distances to the nearest single-precision number."""
        return cls(
            links.tail.astype(np.int32), links.head.astype(np.int32), links.distance_m.astype(np.float32),
            links.link_class.astype(np.int8), links.rate.astype(np.int16),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.tail)

    def only(self, kept: Bools | Ints | slice) -> OmittedLinks:
        """Return those that are `kept`: a mask, row numbers or a slice."""
        return OmittedLinks(*(getattr(self, one.name)[kept] for one in fields(self)))

    def links(self) -> Links:
        """Return them as links that a model has columns for."""
        return Links(
            self.tail.astype(np.int64), self.head.astype(np.int64), self.distance_m.astype(np.float64),
            self.link_class.astype(np.int64), self.rate.astype(np.int64),
        )  # fmt: skip


@dataclass(frozen=True)
class LinkRates:
    """Cost and working time of a tonne by vehicle and kind of link. Arrays (n_rates,) unless said; `vehicle` is a name.

    `unload_cny_per_t` is paid for each tonne whatever the distance. `h_per_tkm` and `unload_h_per_t` are hours of a
    vehicle, of which one works `hours_per_year`; all three are 0 where no vehicle is described. `haul_factor`
    (n_rates, n_materials) multiplies cost, hours and emissions: light material fills a vehicle before it is laden.
    """

    vehicle: Texts
    cny_per_tkm: Floats
    unload_cny_per_t: Floats
    kg_co2e_per_tkm: Floats
    h_per_tkm: Floats
    unload_h_per_t: Floats
    hours_per_year: Floats
    haul_factor: Floats

    @classmethod
    def per_tkm(cls, vehicle: Texts, cny_per_tkm: Floats, n_materials: int = 1) -> LinkRates:
        """Return rates by distance alone, without unloading, emissions or hours."""
        none, factor = np.zeros(len(vehicle)), np.ones((len(vehicle), n_materials))
        return cls(vehicle, cny_per_tkm, none, none, none, none, none, factor)


@dataclass(frozen=True)
class Visits:
    """Visits by which vehicles empty points, or fetch at doors. Arrays (n_visits,) unless said.

    `at` is an option of a point (`Instance.visits`) or a demand node (`Instance.door_visits`); each has one row at
    most. An open option is visited `per_year` times a year, and besides `per_t` (n_visits, n_materials) times for each
    tonne that it takes; a demand node for each tonne that it gives. A visit takes `h` hours of the vehicle of `rate`, a
    row of `LinkRates`, and a detour of `km`, and costs `cny`, both without the way between station and points.
    """

    at: Ints
    rate: Ints
    per_year: Floats
    per_t: Floats
    km: Floats
    h: Floats
    cny: Floats
    kg_co2e: Floats

    @classmethod
    def none(cls) -> Visits:
        """Return no rows: no stop is charged."""
        rows = np.empty(0, dtype=np.int64)
        return cls(rows, rows, np.empty(0), np.empty((0, 0)), *(np.empty(0) for _ in range(4)))

    def spread(self, of_visit: Floats, n_places: int, n_materials: int) -> tuple[Floats, Floats]:
        """Return `of_visit` (n_visits,) a year and by the tonne, (n_places,) and (n_places, n_materials)."""
        by_year, by_t = np.zeros(n_places), np.zeros((n_places, n_materials))
        if len(self.at):
            by_year[self.at] = self.per_year * of_visit
            by_t[self.at] = self.per_t * of_visit[:, None]
        return by_year, by_t
