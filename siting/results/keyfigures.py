"""The few figures by which a planner judges a plan, each beside the published range that the config gives for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from siting.config.schema import Range
from siting.instance import Bools, Floats, Ints
from siting.plan import built_capacity_t, farthest_shares, open_option_of_site, site_actions
from siting.results.flowfigures import Row, flow_figures
from siting.results.record import RunRecord
from siting.vocabulary import LINK_CLASSES, Echelon

DAYS_PER_YEAR = 365.0
SAME_WALK_M = 1.0


@dataclass(frozen=True)
class KeyFigure:
    """One figure. `value` is nan where the plan has nothing to compute it from (no open centre, no flow)."""

    key: str
    label: str
    value: float
    unit: str
    published: Range | None

    @property
    def is_plausible(self) -> bool | None:
        """Whether the value is in its published range; None where either is unknown."""
        if self.published is None or np.isnan(self.value):
            return None
        return self.published.low <= self.value <= self.published.high


def key_figures(run: RunRecord) -> tuple[KeyFigure, ...]:
    """The key figures of a run, in the order in which they are printed."""
    plausible = run.config.plausible
    rows = (
        *_money(run),
        *_existing(run),
        *_spacing(run),
        *_walking(run),
        *_loads(run),
        *_hauls(run),
        *flow_figures(run),
    )
    return tuple(KeyFigure(key, label, value, unit, plausible.get(key)) for key, label, value, unit in rows)


def _money(run: RunRecord) -> Iterator[Row]:
    cost_cny, collected = run.verification.cost_cny, float(run.verification.collected_t.sum())
    emissions_kg = sum(run.verification.emissions_kg_co2e.values())
    yield "cost_cny_per_resident", "cost per resident", _ratio(cost_cny, run.instance.residents), "CNY/yr"
    yield "cost_cny_per_t", "cost per tonne collected", _ratio(cost_cny, collected), "CNY/t"
    yield "emissions_kg_co2e_per_t", "emissions per tonne collected", _ratio(emissions_kg, collected), "kg CO2e/t"


def _existing(run: RunRecord) -> Iterator[Row]:
    """What becomes of the facilities that stand today, and what that costs; nothing where none stands."""
    instance, plan = run.instance, run.solution.plan
    if not instance.options.is_existing.any():
        return
    action, capex_cny = site_actions(instance, plan), instance.options.capex_cny * plan.is_open
    for what, label in (("keep", "kept"), ("upgrade", "upgraded"), ("close", "closed"), ("build", "built")):
        yield f"sites_{label}", f"facilities {label}", float((action == what).sum()), "facilities"
    for what, label in (("upgrade", "upgrades"), ("build", "new facilities")):
        once_cny = float(capex_cny[action[instance.options.site] == what].sum())
        yield f"{what}_capex_cny", f"paid once for {label}", once_cny, "CNY"
    closing_cny = float(instance.sites.closing_cny[action == "close"].sum())
    yield "closing_cny_per_year", "closing, as an annuity", closing_cny, "CNY/yr"


def _spacing(run: RunRecord) -> Iterator[Row]:
    """The two nearest of the facilities that each rule of spacing keeps apart."""
    instance, rules = run.instance, run.config.layout.spacing
    if not rules:
        return
    option = np.flatnonzero(run.solution.plan.is_open)
    places = run.measured_geography.sites.geometry.to_crs(run.geography.crs_metric).iloc[instance.options.site[option]]
    echelon = {name: one for one, name, _ in run.config.facilities.by_echelon()}
    names = instance.facility_types[instance.options.type[option]]
    for number, rule in enumerate(rules):
        xy_m = shapely.get_coordinates(places.to_numpy()[[rule.covers(echelon[str(one)], str(one)) for one in names]])
        nearest_m = float(np.min(cKDTree(xy_m).query(xy_m, k=[2])[0])) if len(xy_m) > 1 else float("nan")
        yield f"spacing_{number}_m", f"nearest two, asked {rule.least_m:,.0f} m", nearest_m, "m"


def _walking(run: RunRecord) -> Iterator[Row]:
    instance, walks = run.instance, run.instance.walks
    residents = instance.demand.residents[walks.demand] * run.solution.plan.assign
    points = int((_open_echelon(run) == Echelon.POINT).sum())
    at_points = instance.sites.echelon == Echelon.POINT
    point_t = float(run.verification.site_inflow_t[at_points].sum())
    yield (
        "mean_walk_m",
        "mean walk to the point",
        _ratio(float(residents @ walks.distance_m), float(residents.sum())),
        "m",
    )
    yield "served_share", "residents assigned to a point", _ratio(float(residents.sum()), instance.residents), "share"
    past = float(residents[_goes_past_a_nearer(run)].sum())
    yield (
        "past_nearer_share",
        "of them past an open point that is nearer",
        _ratio(past, float(residents.sum())),
        "share",
    )
    yield "residents_per_point", "residents per recycling point", _ratio(instance.residents, points), "residents"
    yield "t_per_point_day", "tonnes per recycling point and day", _ratio(point_t, points * DAYS_PER_YEAR), "t/day"


def _goes_past_a_nearer(run: RunRecord) -> Bools:
    """Walks that are longer than the one to the nearest open point of their cell, (n_walks,)."""
    walks, is_open = run.instance.walks, np.zeros(run.instance.n_sites, dtype=bool)
    is_open[run.instance.options.site[run.solution.plan.is_open]] = True
    nearest_m = np.full(run.instance.n_demand, np.inf)
    to_open = is_open[walks.site]
    np.minimum.at(nearest_m, walks.demand[to_open], walks.distance_m[to_open])
    return np.asarray(walks.distance_m > nearest_m[walks.demand] + SAME_WALK_M)


def _loads(run: RunRecord) -> Iterator[Row]:
    names = [(Echelon.TRANSFER, "station"), (Echelon.SORTING, "centre")]
    if (run.instance.sites.echelon == Echelon.BASE).any():
        names.append((Echelon.BASE, "base"))
    for echelon, name in names:
        load = _load_share(run, echelon)
        for key, of in (("min", np.min), ("mean", np.mean), ("max", np.max)):
            value = float(of(load)) if load.size else float("nan")
            yield f"{name}_load_{key}_share", f"{name} load, {key}", value, "share of capacity"


def _hauls(run: RunRecord) -> Iterator[Row]:
    instance, plan = run.instance, run.solution.plan
    parts = ((instance.direct, plan.direct_t.sum(axis=1)), (instance.haul, plan.haul_t.sum(axis=1)))
    for number, name in enumerate(LINK_CLASSES):
        if not any((links.link_class == number).any() for links, _ in parts):
            continue
        tonnes = sum(float(moved[links.link_class == number].sum()) for links, moved in parts)
        label = f"mean haul, {name.replace('_', ' ')}"
        yield f"haul_km_{name}", label, _ratio(run.verification.tonne_km.get(name, 0.0), tonnes), "km"
    for name, share in farthest_shares(instance, plan).items():
        label = f"to the farthest considered, {name.replace('_', ' ')}"
        yield f"farthest_share_{name}", label, share, "share of tonnes"


def _open_echelon(run: RunRecord) -> Ints:
    """The echelon of each open facility."""
    opened: Ints = run.instance.option_echelon()[run.solution.plan.is_open]
    return opened


def _load_share(run: RunRecord, echelon: Echelon) -> Floats:
    """Throughput over capacity of each open facility of an echelon."""
    instance = run.instance
    option = open_option_of_site(instance, run.solution.plan)
    site = np.flatnonzero((option >= 0) & (instance.sites.echelon == echelon))
    load: Floats = (
        run.verification.site_inflow_t[site].sum(axis=1) / built_capacity_t(instance, run.solution.plan)[option[site]]
    )
    return load


def _ratio(top: float, bottom: float) -> float:
    """Top / bottom; nan where there is nothing to divide by."""
    return top / bottom if bottom > 0 else float("nan")
