"""Between which places hauling is asked for: one leg for each class of link that the config switches on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from siting.config.schema import Config
from siting.instance import Ints, Links
from siting.prepare.booked import booked_cells
from siting.prepare.scope import Scoped
from siting.travel import Pairs, SnapReport
from siting.vocabulary import LINK_CLASSES, LINKS, Echelon


@dataclass(frozen=True)
class Leg:
    """One class of link: its ends as frames of points, and the rows of the instance that they are.

    `tail_row` numbers demand nodes where the link starts at one, sites elsewhere; `listed` are the rows of the tails in
    the list that reports name them from. `nearest` heads are considered for each tail.
    """

    name: str
    tails: gpd.GeoDataFrame
    heads: gpd.GeoDataFrame
    tail_row: Ints
    head_row: Ints
    listed: Ints
    nearest: int

    @property
    def is_direct(self) -> bool:
        """Whether the link starts at a demand node."""
        return LINKS[self.name].tail is None

    def links(self, pairs: Pairs) -> Links:
        """The links of these pairs; their rates are still to be set."""
        kind = np.full(len(pairs), LINK_CLASSES.index(self.name))
        return Links(self.tail_row[pairs.origin], self.head_row[pairs.destination], pairs.distance_m, kind, kind)

    def listing(self, report: SnapReport) -> SnapReport:
        """The report with its origins as rows of the list that names them."""
        columns = ("far_origins", "cut_off_origins", "origins_without_pair")
        return replace(report, **{column: self.listed[getattr(report, column)] for column in columns})


def legs_of(config: Config, chosen: Scoped) -> Iterator[Leg]:
    """The legs of the config, in the order of the link classes."""
    travel, transport = config.travel, config.transport
    for name, (tail, head) in ((record.key, (record.tail, record.head)) for record in LINKS.values()):
        rate = config.participation.booked if name == "door_to_transfer" else getattr(transport, name, None)
        if rate is None:
            continue
        heads = _rows_of(chosen, head)
        listed = _demand_rows(config, chosen, name) if tail is None else np.arange(len(_rows_of(chosen, tail)))
        if tail is None:
            frame = chosen.cells if name == "door_to_transfer" else chosen.generators
            tails, rows = frame.iloc[listed], _demand_numbers(chosen, name, listed)
        else:
            rows = _rows_of(chosen, tail)
            tails = chosen.candidates.iloc[rows]
        places = chosen.candidates.iloc[heads]
        yield Leg(name, tails, places, rows, heads, listed, getattr(travel, travel.nearest_key(name)))


def _rows_of(chosen: Scoped, echelon: Echelon) -> Ints:
    return np.flatnonzero((chosen.candidates["echelon"] == echelon.name.lower()).to_numpy())


def _demand_rows(config: Config, chosen: Scoped, name: str) -> Ints:
    """Rows of the generators, or of the cells with booked pick-up, that a link class starts at."""
    if name == "door_to_transfer":
        return booked_cells(config, chosen)
    tonnes, transport = chosen.generators["tonnes"].to_numpy(dtype=float), config.transport
    if name == "generator_to_base" and transport.generator_to_base is not None:
        return np.flatnonzero(tonnes >= transport.generator_to_base.from_t)
    if name == "generator_to_transfer" and transport.generator_to_transfer is not None:
        up_to_t = transport.generator_to_transfer.up_to_t
        return np.flatnonzero(tonnes <= (np.inf if up_to_t is None else up_to_t))
    return np.arange(len(tonnes))


def _demand_numbers(chosen: Scoped, name: str, listed: Ints) -> Ints:
    """The demand nodes that these rows are: cells come first, then generators, then doors."""
    first = len(chosen.cells)
    if name == "door_to_transfer":
        return first + len(chosen.generators) + np.arange(len(listed))
    return first + listed
