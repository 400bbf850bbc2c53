"""Places that no plan can serve, and sites that cannot be what they must be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from siting.explain.reach import Reach, least_at_site
from siting.explain.wording import Finding
from siting.instance import Bools, Instance, Texts
from siting.vocabulary import Echelon

MOST_NAMED = 3


def check_places(instance: Instance, reach: Reach) -> Iterator[Finding]:
    """Yield findings about cells, generators, links, materials and sites that must be open."""
    yield from _unserved(instance, reach)
    yield from _unlinked(instance)
    yield from _unaccepted(instance, reach)
    yield from _impossible_sites(instance, reach)


def _warning(message: str) -> Finding:
    return Finding(message, is_fatal=False, target_id=None)


def _named(ids: Texts, where: Bools) -> str:
    """Return the first few ids, and how many more there are."""
    chosen = ids[where]
    more = f" and {len(chosen) - MOST_NAMED:,} more" if len(chosen) > MOST_NAMED else ""
    return ", ".join(chosen[:MOST_NAMED]) + more


def _unserved(instance: Instance, reach: Reach) -> Iterator[Finding]:
    """Yield cells with no candidate in reach, and generators with no centre."""
    demand = instance.demand
    has_walk = np.zeros(instance.n_demand, dtype=bool)
    has_walk[instance.walks.demand[reach.has_option[instance.walks.site]]] = True
    far = demand.is_household & ~has_walk
    if far.any():
        residents = demand.residents[far].sum()
        share = residents / max(instance.residents, 1.0)
        yield _warning(
            f"{np.count_nonzero(far):,} cells with {residents:,.0f} residents ({share * 100:.1f} %) have no candidate"
            f" point within the walking cut-off ({_named(demand.id, far)}); add candidates there or raise"
            " travel.walk_cutoff_m"
        )
    lone = ~demand.is_household
    lone[instance.direct.tail] = False
    if lone.any():
        yield _warning(
            f"{np.count_nonzero(lone):,} generators with {demand.tonnes[lone].sum():,.0f} t/yr have no sorting centre"
            f" within the haul cut-off ({_named(demand.id, lone)}); raise travel.haul_cutoff_km"
        )


def _unlinked(instance: Instance) -> Iterator[Finding]:
    """Yield points without a station, stations without a centre, and centres without the base that they need."""
    echelons = [
        (Echelon.POINT, "candidate points", "transfer station"),
        (Echelon.TRANSFER, "candidate transfer stations", "sorting centre"),
    ]
    if (instance.type_echelon[instance.conversions.type] == Echelon.SORTING).any():
        echelons.append((Echelon.SORTING, "candidate sorting centres", "processing base"))
    has_link = np.zeros(instance.n_sites, dtype=bool)
    has_link[instance.haul.tail] = True
    for echelon, here, there in echelons:
        lone = (instance.sites.echelon == echelon) & ~has_link
        if lone.any():
            yield _warning(
                f"{np.count_nonzero(lone):,} {here} have no {there} within the haul cut-off"
                f" ({_named(instance.sites.id, lone)}) and stay unused; raise travel.haul_cutoff_km"
            )


def _unaccepted(instance: Instance, reach: Reach) -> Iterator[Finding]:
    """Yield materials that households offer and nothing can take all the way, by the echelon where they stop."""
    demand, echelon = instance.demand, instance.sites.echelon
    for is_household, first in ((True, Echelon.POINT), (False, Echelon.SORTING)):
        offered_t = demand.tonnes[demand.is_household == is_household].sum(axis=0)
        for material in np.flatnonzero((offered_t > 0) & ~reach.takes[echelon == first].any(axis=0)):
            here = [e for e in reversed(Echelon) if (echelon == e).any()]
            stops = next(e for e in here if not reach.takes[echelon == e][:, material].any())
            yield _warning(
                f"{instance.materials.id[material]}: {offered_t[material]:,.0f} t/yr are offered by"
                f" {'households' if is_household else 'generators'}, but no {stops.name.lower()} site takes it on to a"
                f" sorting centre; add it to `accepts` of a {stops.name.lower()} type"
            )


def _impossible_sites(instance: Instance, reach: Reach) -> Iterator[Finding]:
    """Yield sites that must be open and have nothing that fits, or less coming in than their minimum load."""
    sites = instance.sites
    least_t = least_at_site(instance, instance.options.min_load_t, reach.fits)
    most_t = reach.into_t.sum(axis=1)
    for site in np.flatnonzero(sites.must_open & ~reach.has_option):
        yield Finding(
            f"site {sites.id[site]}: must be open, but no type and size fits its {sites.area_m2[site]:,.0f} m2;"
            " enlarge it, add a smaller size, or take it out of sites.must_open",
            is_fatal=True,
            target_id=None,
        )
    starved = sites.must_open & reach.has_option & (least_t > most_t * (1 + 1e-9))
    for site in np.flatnonzero(starved):
        yield Finding(
            f"site {sites.id[site]}: must be open and take at least {least_t[site]:,.0f} t/yr, but at most"
            f" {most_t[site]:,.0f} t/yr can reach it; lower min_load_share, add a smaller size, or let it close",
            is_fatal=True,
            target_id=None,
        )
