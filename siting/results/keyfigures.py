"""Key figures of a plan, with the published range that the config gives for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from siting.behaviour import goes_past_nearer
from siting.chains import ChainTotals, chain_shares, chain_totals
from siting.config.schema import Range
from siting.instance import Bools, Floats
from siting.language import Label, text
from siting.plan import (
    built_capacity_t,
    collected_t,
    open_option_of_site,
    planned_limit_t,
    site_actions,
)
from siting.results.collection import SUMMED, Collection, collection_of
from siting.results.facilities import OUT_OF_USE, type_labels, uses_of
from siting.results.record import RunRecord
from siting.results.units import district_labels
from siting.verify.tonnage import link_tonnes, trace_tonnage
from siting.vocabulary import LINK_CLASSES, LINKS, OF_ARISING, Chain, DemandKind, Echelon

DAYS_PER_YEAR = 365.0
READER_UNITS = {"cost_cny_per_resident.households": "CNY per resident"}
"""Units for readers where they say more than those of plan.json."""
ACTION_KEYS = {"keep": "sites_kept", "upgrade": "sites_upgraded", "close": "sites_closed", "build": "sites_built"}


@dataclass(frozen=True)
class KeyFigure:
    """One figure. `value` is nan where the plan has nothing to compute it from (no open centre, no flow)."""

    key: str
    label: Label
    value: float
    unit: str
    published: Range | None = None

    @property
    def is_plausible(self) -> bool | None:
        """Return whether the value is in its published range; None where either is unknown."""
        if self.published is None or np.isnan(self.value):
            return None
        return self.published.low <= self.value <= self.published.high

    @property
    def range_columns(self) -> dict[str, Any]:
        """Published range, its source and whether the value lies in it, by column; None where there is none."""
        low, high, source = None, None, None
        if self.published is not None:
            low, high, source = self.published.low, self.published.high, self.published.source
        return {"low": low, "high": high, "source": source, "is_plausible": self.is_plausible}

    @property
    def reader_unit(self) -> str:
        """Unit for readers."""
        return READER_UNITS.get(self.key, self.unit)


def key_figures(
    run: RunRecord, chains: Sequence[ChainTotals] | None = None, collection: Collection | None = None
) -> tuple[KeyFigure, ...]:
    """Return the key figures of a run, in the order in which they are printed: those of each chain first.

    `chains` are the figures of `chain_totals` and `collection` those of `collection_of`, computed where left out.

    Those of parts that a config switches on (shared outlets, stops, booking, bases, avoided emissions, vehicles) are
    there where the instance has them.
    """
    parts = (
        _existing, _spacing, _walking, _loads, _room, _hauls, _shared, _stops, _booked, _bought, _bases, _recovery,
        _products, _avoided, _subsidies, _vehicles,
    )  # fmt: skip
    published = run.config.plausible
    chains = _chain_totals(run) if chains is None else chains
    tours = _tours(run, collection_of(run) if collection is None else collection)
    figures = itertools.chain(_of_chains(chains), *(part(run) for part in parts), tours, _of_all_chains(run, chains))
    return tuple(replace(one, published=published.get(one.key)) for one in figures)


def _figure(key: str, value: float, unit: str, label: Label | None = None) -> KeyFigure:
    return KeyFigure(key, label or text(f"figures.{key}"), float(value), unit)


def _ratio(top: float, bottom: float) -> float:
    """Return top / bottom; nan where there is nothing to divide by."""
    return float(top) / float(bottom) if bottom > 0 else float("nan")


def _chain_totals(run: RunRecord) -> tuple[ChainTotals, ...]:
    instance, plan = run.instance, run.solution.plan
    return chain_totals(instance, plan, shares=chain_shares(instance, plan), targets=run.verification.targets)


def _of_chains(chains: Sequence[ChainTotals]) -> Iterator[KeyFigure]:
    """Yield cost and emissions of a tonne of each chain, and the cost of a resident."""
    for one in chains:
        key, name = one.chain.key, one.chain.label
        per_t = text("figures.cost_cny_per_t", chain=name)
        yield _figure(f"cost_cny_per_t.{key}", one.cost_cny_per_t, "CNY/t", per_t)
        if one.chain is Chain.HOUSEHOLDS:
            label = text("figures.cost_cny_per_resident")
            yield _figure(f"cost_cny_per_resident.{key}", one.cost_cny_per_resident, "CNY/yr", label)
        emissions = text("figures.emissions_kg_co2e_per_t", chain=name)
        yield _figure(f"emissions_kg_co2e_per_t.{key}", one.emissions_kg_co2e_per_t, "kg CO2e/t", emissions)


def _of_all_chains(run: RunRecord, chains: Sequence[ChainTotals]) -> Iterator[KeyFigure]:
    """Yield cost and emissions of a tonne of all chains together; nothing where there is one only."""
    if len(chains) > 1:
        collected_t = float(run.verification.collected_t.sum())
        emissions_kg = sum(run.verification.emissions_kg_co2e.values())
        yield _figure(
            "cost_cny_per_t.all", _ratio(run.verification.paid_cny, collected_t), "CNY/t", text("figures.cost_of_all")
        )
        yield _figure(
            "emissions_kg_co2e_per_t.all", _ratio(emissions_kg, collected_t), "kg CO2e/t",
            text("figures.emissions_of_all"),
        )  # fmt: skip


def _existing(run: RunRecord) -> Iterator[KeyFigure]:
    """Yield the actions on existing facilities and their cost; nothing if there are none."""
    instance, plan = run.instance, run.solution.plan
    if not instance.options.is_existing.any():
        return
    action, capex_cny = site_actions(instance, plan), instance.options.capex_cny * plan.is_open
    for name, key in ACTION_KEYS.items():
        yield _figure(key, (action == name).sum(), "facilities")
    for name in ("upgrade", "build"):
        yield _figure(f"{name}_capex_cny", capex_cny[action[instance.options.site] == name].sum(), "CNY")
    yield _figure("closing_cny_per_year", instance.sites.closing_cny[action == "close"].sum(), "CNY/yr")


def _spacing(run: RunRecord) -> Iterator[KeyFigure]:
    """Yield the distance of the two nearest of the facilities that each rule of spacing keeps apart."""
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
        yield _figure(f"spacing_{number}_m", nearest_m, "m", text("figures.spacing", metres=rule.least_m))


def _walking(run: RunRecord) -> Iterator[KeyFigure]:
    instance, walks = run.instance, run.instance.walks
    residents = instance.demand.residents[walks.demand] * run.solution.plan.assign
    served, points = float(residents.sum()), int(_open_points(run).sum())
    point_t = float(run.verification.site_inflow_t[instance.sites.echelon == Echelon.POINT].sum())
    yield _figure("mean_walk_m", _ratio(float(residents @ walks.distance_m), served), "m")
    yield _figure("served_share", _ratio(served, instance.residents), "share")
    yield _figure(
        "past_nearer_share", _ratio(residents[goes_past_nearer(run.instance, run.solution.plan)].sum(), served), "share"
    )
    yield _figure("residents_per_point", _ratio(instance.residents, points), "residents")
    yield _figure("t_per_point_day", _ratio(point_t, points * DAYS_PER_YEAR), "t/day")


def _loads(run: RunRecord) -> Iterator[KeyFigure]:
    for echelon in (Echelon.TRANSFER, Echelon.SORTING, *((Echelon.BASE,) if _has_bases(run) else ())):
        load = _load_share(run, echelon)
        for end, of in (("min", np.min), ("mean", np.mean), ("max", np.max)):
            value = float(of(load)) if load.size else float("nan")
            label = text(f"figures.load.{end}", echelon=echelon.short)
            yield _figure(f"{echelon.short.en}_load_{end}_share", value, "share of capacity", label)


def _room(run: RunRecord) -> Iterator[KeyFigure]:
    """Yield loads over the planned limit where it is below the capacity, and how many facilities are hardly used."""
    options, plan = run.instance.options, run.solution.plan
    limit_t = planned_limit_t(run.instance, plan)
    for echelon in Echelon:
        of_echelon = plan.is_open & (run.instance.option_echelon() == echelon)
        if of_echelon.any() and (options.usable_share[of_echelon] < 1).any():
            entered_t = run.verification.site_inflow_t[options.site[of_echelon]].sum()
            label = text("figures.planned_load", echelon=echelon.short)
            key = f"{echelon.short.en}_planned_load_mean_share"
            yield _figure(key, _ratio(float(entered_t), float(limit_t[of_echelon].sum())), "share", label)
    load_t = run.verification.site_inflow_t.sum(axis=1)[options.site[plan.is_open]]
    uses = uses_of(load_t, options.in_use_from_t[plan.is_open])
    yield _figure("out_of_use", float(np.isin(uses, OUT_OF_USE).sum()), "facilities")


def _load_share(run: RunRecord, echelon: Echelon) -> Floats:
    instance, plan = run.instance, run.solution.plan
    option = open_option_of_site(instance, plan)
    site = np.flatnonzero((option >= 0) & (instance.sites.echelon == echelon))
    inflow_t = run.verification.site_inflow_t[site].sum(axis=1)
    return np.asarray(inflow_t / built_capacity_t(instance, plan)[option[site]])


def _hauls(run: RunRecord) -> Iterator[KeyFigure]:
    instance, moved = run.instance, _moved(run)
    used = np.unique(np.concatenate([instance.direct.link_class, instance.haul.link_class]))
    for name in (LINK_CLASSES[number] for number in used):
        distance_km = _ratio(run.verification.tonne_km.get(name, 0.0), moved[name])
        yield _figure(f"haul_km_{name}", distance_km, "km", text("figures.haul_km", link=_link_label(name)))


def _link_label(name: str) -> Label:
    return Label(name.replace("_", " "), LINKS[name].label.zh)


def _open_points(run: RunRecord) -> Bools:
    return np.asarray(run.solution.plan.is_open & (run.instance.option_echelon() == Echelon.POINT))


def _shared(run: RunRecord) -> Iterator[KeyFigure]:
    sites = run.instance.sites
    if sites.is_shared.any():
        shared = sites.is_shared[run.instance.options.site[_open_points(run)]]
        yield _figure("shared_share", _ratio(shared.sum(), shared.size), "share")


def _stops(run: RunRecord) -> Iterator[KeyFigure]:
    instance, opened = run.instance, _open_points(run)
    comes = instance.options.vehicles > 0
    if not comes.any():
        return
    yield _figure("mobile_stops", (opened & comes).sum(), "stops")
    yield _figure("fleet_vehicles", float(instance.options.vehicles @ opened), "vehicles")
    at_stop = np.zeros(instance.n_sites, dtype=bool)
    at_stop[instance.options.site[opened & comes]] = True
    brought_t = collected_t(instance, run.solution.plan).sum(axis=1)
    share = _ratio(brought_t[at_stop[instance.walks.site]].sum(), brought_t.sum())
    yield _figure("mobile_share", share, "share of what is brought")


def _booked(run: RunRecord) -> Iterator[KeyFigure]:
    if (run.instance.demand.kind == DemandKind.BOOKED).any():
        yield _figure("door_t", _moved(run)["door_to_transfer"], "t/yr")


def _bought(run: RunRecord) -> Iterator[KeyFigure]:
    """Yield capacity by the tonne and what facilities dispose of; nothing where the config has neither."""
    plan, expansions = run.solution.plan, run.instance.expansions
    if len(expansions.option):
        yield _figure("extended_t", plan.expanded_t.sum(), "t/yr")
        yield _figure("extension_capex_cny", float(plan.expanded_t @ expansions.capex_cny_per_t), "CNY")
    if len(run.instance.disposals.option):
        yield _figure("disposed_t", plan.disposed_t.sum(), "t/yr")


def _has_bases(run: RunRecord) -> bool:
    return bool((run.instance.sites.echelon == Echelon.BASE).any())


def _bases(run: RunRecord) -> Iterator[KeyFigure]:
    if _has_bases(run):
        moved = _moved(run)
        to_bases = [t for name, t in moved.items() if LINKS[name].head is Echelon.BASE]
        yield _figure("base_t", sum(to_bases), "t/yr")
        yield _figure("point_to_point_t", moved["generator_to_base"], "t/yr")


def _moved(run: RunRecord) -> dict[str, float]:
    """Return tonnes a year by class of link."""
    return dict(zip(LINK_CLASSES, link_tonnes(run.instance, run.solution.plan).tolist(), strict=True))


def _recovery(run: RunRecord) -> Iterator[KeyFigure]:
    """Yield collected and recycled shares by material, where a target counts them."""
    instance = run.whole_instance
    if not any(target.measure in OF_ARISING for target in instance.targets):
        return
    arising_t = run.instance.demand.tonnes.sum(axis=0)
    tonnage = trace_tonnage(run.instance, run.solution.plan)
    reached_t = {"collected_share": tonnage.collected_t.sum(axis=0), "recycled_share": tonnage.product_t}
    for number, (name, material) in enumerate(run.config.materials.items()):
        for key, of_material_t in reached_t.items():
            share = _ratio(of_material_t[number], arising_t[number])
            label = text(f"figures.{key}", material=material.label)
            yield _figure(f"{key}_{name}", share, "share of what arises", label)


def _products(run: RunRecord) -> Iterator[KeyFigure]:
    """Yield tonnes of each product of sorting."""
    made_t = trace_tonnage(run.instance, run.solution.plan).product_t
    for number, (name, material) in enumerate(run.config.materials.items()):
        whole = sum(product.share for product in material.products.values())
        for key, product in material.products.items():
            label = text("figures.product", material=material.label, product=product.label)
            yield _figure(f"product_{name}_{key}_t", made_t[number] * product.share / whole, "t/yr", label)


def _avoided(run: RunRecord) -> Iterator[KeyFigure]:
    saved = run.instance.materials.avoided_kg_co2e_per_t
    if saved.any():
        avoided_t = float(trace_tonnage(run.instance, run.solution.plan).product_t @ saved) / 1000
        emitted_t = sum(run.verification.emissions_kg_co2e.values()) / 1000
        yield _figure("avoided_t_co2e", avoided_t, "t CO2e/yr")
        yield _figure("net_t_co2e", emitted_t - avoided_t, "t CO2e/yr")


def _subsidies(run: RunRecord) -> Iterator[KeyFigure]:
    table = run.instance.materials.subsidy_cny_per_t
    if not (table != table[:1]).any():
        return
    given = trace_tonnage(run.instance, run.solution.plan).collected_t * table[run.instance.demand.district]
    labels = district_labels(run)
    for row, code in enumerate(run.instance.districts):
        if table[row].any():
            paid_cny = given[run.instance.demand.district == row].sum()
            label = text("figures.subsidy", district=labels[str(code)])
            yield _figure(f"subsidy_cny_{code}", paid_cny, "CNY/yr", label)


def _tours(run: RunRecord, collection: Collection | None) -> Iterator[KeyFigure]:
    """Yield vehicles, hours and kilometres of collection tours, and what they cost; nothing where there are none."""
    if collection is None:
        return
    totals, labels = collection.stations[list(SUMMED)].sum(), type_labels(run.config)
    yield _figure("collection_cny_per_t", collection.cny_per_t, "CNY/t")
    for one in collection.types.to_dict("records"):
        label = text("figures.emptying_cny_per_t", type=labels[str(one["type"])])
        yield _figure(f"emptying_cny_per_t.{one['type']}", one["cny_per_t"], "CNY/t", label)
    yield _figure("collection_vehicles", totals["vehicles"], "vehicles")
    yield _figure("collection_drivers", totals["drivers"], "vehicles")
    yield _figure("visits_per_day", totals["visits_per_day"], "visits/day")
    yield _figure("collection_hours", totals["hours"], "h/yr")
    yield _figure("collection_km", totals["km"], "km/yr")
    yield _figure("detour_m", 1000 * collection.charged_detour_km, "m")
    yield _figure("own_detour_m", 1000 * collection.own_detour_km, "m")
    yield _figure("toured_share", collection.toured_share, "share")


def _vehicles(run: RunRecord) -> Iterator[KeyFigure]:
    if not run.config.transport.vehicles:
        return
    instance, plan = run.instance, run.solution.plan
    tkm = np.zeros(len(instance.link_rates.vehicle))
    for links, tonnes in ((instance.direct, plan.direct_t), (instance.haul, plan.haul_t)):
        np.add.at(tkm, links.rate, tonnes.sum(axis=1) * links.distance_m / 1000)
    for vehicle, value in zip(instance.link_rates.vehicle, tkm.tolist(), strict=True):
        name = str(vehicle)
        chinese = LINKS[name].label.zh if name in LINKS else name
        label = text("figures.tkm", vehicle=Label(name.replace("_", " "), chinese))
        yield _figure(f"tkm_{vehicle}", value, "t-km/yr", label)
