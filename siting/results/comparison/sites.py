"""Sites that two runs both open, that only one opens, and that may have moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from siting.instance import Floats
from siting.language import Label
from siting.results.moves import nearest_pairs
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.vocabulary import ECHELONS, Echelon

SAME_SPOT_M = 1.0
"""Sites so near are one place, whatever their ids: a mobile stop where a fixed point stood."""


@dataclass(frozen=True)
class OpenSite:
    """A site that a run opens; `row` is its row in the run's table of facilities. Tonnes are a year."""

    row: int
    id: str
    name: str
    echelon: Echelon
    type: str
    type_label: Label
    size: str
    district: Label
    lon: float
    lat: float
    capacity_t: float
    throughput_t: float


@dataclass(frozen=True)
class SitePair:
    """A site of the first run beside one of the second: the same, or one that it may have moved to."""

    first: OpenSite
    second: OpenSite
    distance_m: float

    @property
    def is_changed(self) -> bool:
        """Return whether type or size differ."""
        return (self.first.type, self.first.size) != (self.second.type, self.second.size)


@dataclass(frozen=True)
class SiteComparison:
    """The open sites of two runs, each in exactly one list.

    `moved` are sites of one run alone that have a like among those of the other alone, within `moved_within_m` (m, by
    echelon).
    """

    both: tuple[SitePair, ...]
    moved: tuple[SitePair, ...]
    only_first: tuple[OpenSite, ...]
    only_second: tuple[OpenSite, ...]
    moved_within_m: Mapping[str, float]

    @property
    def changed(self) -> tuple[SitePair, ...]:
        """Sites of both runs whose type or size differ."""
        return tuple(pair for pair in self.both if pair.is_changed)

    def counts(self, echelon: Echelon) -> tuple[int, int, int, int, int]:
        """Return the sites of an echelon: common, changed, moved, only in the first run, only in the second."""
        paired = (self.both, self.changed, self.moved)
        alone = (self.only_first, self.only_second)
        both, changed, moved = (sum(pair.first.echelon is echelon for pair in pairs) for pairs in paired)
        first, second = (sum(site.echelon is echelon for site in sites) for sites in alone)
        return both, changed, moved, first, second


def open_sites(results: Results) -> tuple[OpenSite, ...]:
    """Return the sites that a run opens, in the order of its table of open facilities."""
    table = results.open_facilities.drop(columns="geometry")
    table["name"] = table["name"].fillna("")
    return tuple(
        OpenSite(
            row=number,
            id=str(row["id"]),
            name=str(row["name"]),
            echelon=ECHELONS[str(row["echelon"])],
            type=str(row["type"]),
            type_label=results.type_labels[str(row["type"])],
            size=str(row["size"]),
            district=results.district_labels[row["district_code"]],
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            capacity_t=float(row["capacity_t"]),
            throughput_t=float(row["throughput_t"]),
        )
        for number, row in enumerate(table.to_dict("records"))
    )


def places_m(sites: Sequence[OpenSite], run: RunRecord, crs: str) -> Floats:
    """Return the positions of the open sites of a run, m, (n, 2)."""
    if not sites:
        return np.empty((0, 2))
    rows = run.geography.sites.set_index("id").geometry.loc[[site.id for site in sites]].to_crs(crs)
    return np.column_stack([rows.x, rows.y])


def compare_sites(
    first: Sequence[OpenSite],
    second: Sequence[OpenSite],
    *,
    xy_m: tuple[Floats, Floats],
    moved_within_m: Mapping[str, float],
) -> SiteComparison:
    """Return sites in both, moved, and in one only.

    Parameters
    ----------
    first, second
        The open sites of two runs of one city.
    xy_m
        Where they stand, m, (len(first), 2) and (len(second), 2).
    moved_within_m
        How far a site may have moved, m, by echelon. The nearest two of one echelon are matched first, each once; what
        is left over has none of its kind so near.
    """
    of_id = {site.id: number for number, site in enumerate(second)}
    both = [(i, of_id[site.id]) for i, site in enumerate(first) if site.id in of_id]
    both += _nearest_left(first, second, both, xy_m=xy_m, within_m=dict.fromkeys(moved_within_m, SAME_SPOT_M))
    moved = _nearest_left(first, second, both, xy_m=xy_m, within_m=moved_within_m)
    left = set(range(len(first))) - {i for i, _ in (*both, *moved)}
    right = set(range(len(second))) - {j for _, j in (*both, *moved)}

    def paired(rows: Iterable[tuple[int, int]]) -> tuple[SitePair, ...]:
        return tuple(SitePair(first[i], second[j], float(np.hypot(*(xy_m[0][i] - xy_m[1][j])))) for i, j in rows)

    return SiteComparison(
        both=paired(sorted(both)),
        moved=paired(sorted(moved)),
        only_first=tuple(first[i] for i in sorted(left)),
        only_second=tuple(second[j] for j in sorted(right)),
        moved_within_m=moved_within_m,
    )


def _nearest_left(
    first: Sequence[OpenSite],
    second: Sequence[OpenSite],
    taken: Sequence[tuple[int, int]],
    *,
    xy_m: tuple[Floats, Floats],
    within_m: Mapping[str, float],
) -> list[tuple[int, int]]:
    """Return the nearest pairs of one echelon among the sites that are in no pair yet."""
    left = sorted(set(range(len(first))) - {i for i, _ in taken})
    right = sorted(set(range(len(second))) - {j for _, j in taken})
    found: list[tuple[int, int]] = []
    for echelon in Echelon:
        a = [i for i in left if first[i].echelon is echelon]
        b = [j for j in right if second[j].echelon is echelon]
        near = nearest_pairs(xy_m[0][a], xy_m[1][b], within_m[echelon.key])
        found += [(a[i], b[j]) for i, j in near]
    return found
