"""The key figures of the parts of the model that a config switches on: each shows what its part does to the plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from siting.instance import Bools
from siting.plan import collected_t
from siting.results.record import RunRecord
from siting.verify.tonnage import link_tonnes, trace_tonnage
from siting.vocabulary import LINK_CLASSES, DemandKind, Echelon

Row = tuple[str, str, float, str]
"""Key, label, value (nan where there is nothing to compute it from), unit."""


def flow_figures(run: RunRecord) -> Iterator[Row]:
    """Figures of what the instance has of: shared outlets, stops, booking, bases, avoided emissions, vehicles."""
    yield from _shared(run)
    yield from _stops(run)
    yield from _booked(run)
    yield from _bought(run)
    yield from _bases(run)
    yield from _avoided(run)
    yield from _subsidies(run)
    yield from _vehicles(run)


def _open_points(run: RunRecord) -> Bools:
    """The options that are open points, (n_options,)."""
    return np.asarray(run.solution.plan.is_open & (run.instance.option_echelon() == Echelon.POINT))


def _shared(run: RunRecord) -> Iterator[Row]:
    sites, opened = run.instance.sites, _open_points(run)
    if sites.is_shared.any():
        shared = sites.is_shared[run.instance.options.site[opened]]
        value = float(shared.mean()) if shared.size else float("nan")
        yield "shared_share", "points at outlets of household waste", value, "share"


def _stops(run: RunRecord) -> Iterator[Row]:
    instance, opened = run.instance, _open_points(run)
    comes = instance.options.vehicles > 0
    if not comes.any():
        return
    yield "mobile_stops", "mobile stops", float((opened & comes).sum()), "stops"
    yield "fleet_vehicles", "vehicles that serve them", float(instance.options.vehicles @ opened), "vehicles"
    at_stop = np.zeros(instance.n_sites, dtype=bool)
    at_stop[instance.options.site[opened & comes]] = True
    brought_t = collected_t(instance, run.solution.plan).sum(axis=1)
    share = float(brought_t[at_stop[instance.walks.site]].sum() / brought_t.sum()) if brought_t.sum() else float("nan")
    yield "mobile_share", "brought to mobile stops", share, "share of what is brought"


def _booked(run: RunRecord) -> Iterator[Row]:
    if (run.instance.demand.kind == DemandKind.BOOKED).any():
        yield "door_t", "fetched at the door", _moved(run)["door_to_transfer"], "t/yr"


def _bought(run: RunRecord) -> Iterator[Row]:
    """Capacity by the tonne and what facilities dispose of; nothing where the config has neither."""
    plan, expansions = run.solution.plan, run.instance.expansions
    if len(expansions.option):
        yield "extended_t", "capacity bought by the tonne", float(plan.expanded_t.sum()), "t/yr"
        once_cny = float(plan.expanded_t @ expansions.capex_cny_per_t)
        yield "extension_capex_cny", "paid once for capacity by the tonne", once_cny, "CNY"
    if len(run.instance.disposals.option):
        yield "disposed_t", "disposed of instead of hauled on", float(plan.disposed_t.sum()), "t/yr"


def _bases(run: RunRecord) -> Iterator[Row]:
    if not (run.instance.sites.echelon == Echelon.BASE).any():
        return
    moved = _moved(run)
    yield "base_t", "processed at bases", sum(t for name, t in moved.items() if name.endswith("_to_base")), "t/yr"
    yield "point_to_point_t", "of it straight from generators", moved["generator_to_base"], "t/yr"


def _moved(run: RunRecord) -> dict[str, float]:
    """Tonnes a year by class of link."""
    return dict(zip(LINK_CLASSES, link_tonnes(run.instance, run.solution.plan).tolist(), strict=True))


def _avoided(run: RunRecord) -> Iterator[Row]:
    saved = run.instance.materials.avoided_kg_co2e_per_t
    if saved.any():
        avoided_t = float(trace_tonnage(run.instance, run.solution.plan).product_t @ saved) / 1000
        emitted_t = sum(run.verification.emissions_kg_co2e.values()) / 1000
        yield "avoided_t_co2e", "emissions that product avoids elsewhere", avoided_t, "t CO2e/yr"
        yield "net_t_co2e", "emissions less avoided", emitted_t - avoided_t, "t CO2e/yr"


def _subsidies(run: RunRecord) -> Iterator[Row]:
    table = run.instance.materials.subsidy_cny_per_t
    if not (table != table[:1]).any():
        return
    given = trace_tonnage(run.instance, run.solution.plan).collected_t * table[run.instance.demand.district]
    names = dict(zip(run.geography.districts["code"], run.geography.districts["name_en"], strict=True))
    for row, code in enumerate(run.instance.districts):
        if table[row].any():
            paid = float(given[run.instance.demand.district == row].sum())
            yield f"subsidy_cny_{code}", f"subsidies received in {names.get(code, code)}", paid, "CNY/yr"


def _vehicles(run: RunRecord) -> Iterator[Row]:
    if not run.config.transport.vehicles:
        return
    instance, plan = run.instance, run.solution.plan
    tkm = np.zeros(len(instance.link_rates.vehicle))
    for links, tonnes in ((instance.direct, plan.direct_t), (instance.haul, plan.haul_t)):
        np.add.at(tkm, links.rate, tonnes.sum(axis=1) * links.distance_m / 1000)
    for vehicle, value in zip(instance.link_rates.vehicle, tkm.tolist(), strict=True):
        yield f"tkm_{vehicle}", f"hauled by {str(vehicle).replace('_', ' ')}", value, "t-km/yr"
