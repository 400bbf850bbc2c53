"""A case without storage as an instance of the planning model, and the plan of that model as the case's decisions.

Centres are generators that must give all they offer, plants are processing bases in chains, years are stages. What is
opened or extended is paid for when it is bought, so that what a year's annuity has to be is the price of this year less
that of the next: over the years these add up to the price of the year of purchase. What may be left at the centres
goes to a place of its own for each product, which takes no more than the limit.
"""

from __future__ import annotations

import numpy as np

from siting.instance import (
    Conversions,
    Demand,
    Floats,
    Groups,
    Instance,
    Links,
    Rates,
    Sites,
    StagePrices,
    Stages,
    Target,
    Walks,
)
from siting.model.linear import MODEL_T
from siting.plan import Plan, site_inflow_t
from siting.relog.case import Case, distance_km
from siting.relog.model import Layout
from siting.relog.prices import left_at_centres, stage_prices
from siting.vocabulary import LINK_CLASSES, DemandKind, Echelon, Measure


def has_storage(case: Case) -> bool:
    """Whether a plant keeps what it takes for a later year, which an instance knows nothing of."""
    return any(plant.storage_limit_t > 0 for plant in case.plants)


def case_instance(case: Case, layout: Layout) -> Instance:
    """The case as an instance; its links stand in the order of `layout.arcs`, after the direct ones those to leave."""
    prices = tuple(stage_prices(case, layout, year) for year in range(case.n_years))
    products, types = list(case.products), list(dict.fromkeys(plant.type for plant in case.plants))
    n_plants, n_sites = len(case.plants), len(prices[0].options.site)
    amount_t = np.array([offer.amount_t for offer in case.offers]).reshape(len(case.offers), case.n_years)
    instance = Instance(
        name=case.name,
        year=case.n_years,
        districts=np.array(["all"]),
        facility_types=np.array([*types, "left at centres"]),
        type_echelon=np.full(len(types) + 1, int(Echelon.BASE)),
        materials=prices[0].materials,
        demand=_demand(case, amount_t.max(axis=1, initial=0.0)),
        sites=Sites(
            id=np.array([*(f"{plant.type} at {plant.place}" for plant in case.plants), *left_at_centres(case)]),
            echelon=np.full(n_sites, int(Echelon.BASE)),
            district=np.zeros(n_sites, dtype=np.int64),
            area_m2=np.ones(n_sites),
            must_open=prices[0].options.is_existing,
            is_shared=np.zeros(n_sites, dtype=bool),
            closing_cny=np.zeros(n_sites),
        ),
        options=prices[0].options,
        walks=Walks(*(np.empty(0, dtype=np.int64),) * 2, *(np.empty(0),) * 3),
        direct=_direct(case, layout),
        haul=_links(case, [arc for arc in layout.arcs if arc[0] < 0]),
        link_rates=prices[0].link_rates,
        rates=Rates(0.0, 0.0, 0.0, 0.0),
        targets=(),
        conversions=_conversions(case, types, products),
        groups=Groups.none(),
        stages=_stages(case, amount_t, prices),
        expansions=prices[0].expansions,
        disposals=prices[0].disposals,
    )
    closed = [year for year in range(case.n_years) if year not in case.building]
    targets = tuple(_nothing_opens(instance, year + 1, n_plants) for year in closed)
    return Instance(**{**vars(instance), "targets": targets})


def _demand(case: Case, most_t: Floats) -> Demand:
    n, products = len(case.offers), list(case.products)
    tonnes = np.zeros((n, len(products)))
    tonnes[np.arange(n), [products.index(offer.product) for offer in case.offers]] = most_t
    return Demand(
        id=np.array([f"{offer.product} of {offer.centre}" for offer in case.offers]),
        district=np.zeros(n, dtype=np.int64),
        residents=np.zeros(n),
        tonnes=tonnes,
        kind=np.full(n, DemandKind.GENERATOR),
        must_serve=np.ones(n, dtype=bool),
    )


def _stages(case: Case, amount_t: Floats, prices: tuple[StagePrices, ...]) -> Stages:
    n, most_t = case.n_years, amount_t.max(axis=1, initial=0.0)
    factor = np.divide(amount_t, most_t[:, None], out=np.ones_like(amount_t), where=most_t[:, None] > 0)
    return Stages(
        name=np.array([f"year {year + 1}" for year in range(n)]),
        year=np.arange(1, n + 1),
        weight=np.full(n, 1 / n),
        tonnes_factor=factor.T[:, :, None],
        residents_factor=np.ones((n, len(case.offers))),
        is_nested=True,
        prices=prices,
    )


def _direct(case: Case, layout: Layout) -> Links:
    """Links from centres to plants, then those to where their product may be left, which is here."""
    to_plants = _links(case, [arc for arc in layout.arcs if arc[0] >= 0])
    left = {name: len(case.plants) + row for row, name in enumerate(left_at_centres(case))}
    stays = [c for c, offer in enumerate(case.offers) if offer.product in left]
    head = [left[case.offers[c].product] for c in stays]
    rate = [list(case.products).index(case.offers[c].product) for c in stays]
    kind = LINK_CLASSES.index("generator_to_base")
    return Links(
        tail=np.append(to_plants.tail, np.array(stays, dtype=np.int64)),
        head=np.append(to_plants.head, np.array(head, dtype=np.int64)),
        distance_m=np.append(to_plants.distance_m, np.zeros(len(stays))),
        link_class=np.append(to_plants.link_class, np.full(len(stays), kind)),
        rate=np.append(to_plants.rate, np.array(rate, dtype=np.int64)),
    )


def _links(case: Case, arcs: list[tuple[int, int, int, str]]) -> Links:
    """The links of arcs that all leave centres, or all leave plants; a link carries what its head takes."""
    products = list(case.products)
    tails = [case.offers[offer] if offer >= 0 else case.plants[start] for offer, start, _, _ in arcs]
    km = [distance_km(case, tail, case.plants[arc[2]]) for tail, arc in zip(tails, arcs, strict=True)]
    name = "generator_to_base" if arcs and arcs[0][0] >= 0 else "base_to_base"
    return Links(
        tail=np.array([offer if offer >= 0 else start for offer, start, _, _ in arcs], dtype=np.int64),
        head=np.array([arc[2] for arc in arcs], dtype=np.int64),
        distance_m=1000 * np.array(km, dtype=float),
        link_class=np.full(len(arcs), LINK_CLASSES.index(name)),
        rate=np.array([products.index(arc[3]) for arc in arcs], dtype=np.int64),
    )


def _conversions(case: Case, types: list[str], products: list[str]) -> Conversions:
    made = {
        (types.index(plant.type), products.index(plant.input), products.index(name)): rate
        for plant in case.plants
        for name, rate in plant.outputs.items()
    }
    if not made:
        return Conversions.none()
    columns = [np.array(column, dtype=np.int64) for column in zip(*made, strict=True)]
    return Conversions(columns[0], columns[1], columns[2], np.array(list(made.values())))


def _nothing_opens(instance: Instance, year: int, n_plants: int) -> Target:
    """Nothing that stands not yet is built in this year."""
    return Target(
        id=f"nothing opens in year {year}",
        unit="all",
        measure=Measure.INVESTMENT,
        is_at_least=False,
        value=0.0,
        year=year,
        echelon=None,
        within_m=None,
        penalty_cny=None,
        source="building period",
        responsible="",
        in_unit_demand=np.ones(instance.n_demand, dtype=bool),
        in_unit_site=np.arange(instance.n_sites) < n_plants,
        counts_type=np.ones(len(instance.facility_types), dtype=bool),
        counts_material=np.ones(instance.n_materials, dtype=bool),
    )


def case_values(case: Case, layout: Layout, instance: Instance, plans: tuple[Plan, ...]) -> Floats:
    """The columns of the case's own model, (layout.n,), that a plan of the instance stands for; nothing is stored."""
    values, columns, n_plants = np.zeros(layout.n), layout.columns, len(case.plants)
    n_direct = sum(arc[0] >= 0 for arc in layout.arcs)
    grows = instance.expansions.option
    was_open, bought_t = np.array([plant.initial_t > 0 for plant in case.plants]), np.zeros(len(grows))
    for year, plan in enumerate(plans):
        is_open = plan.is_open[:n_plants]
        values[columns["open"][:, year]] = is_open
        values[columns["start"][:, year]] = is_open & ~was_open
        values[columns["extend"][grows, year]] = (plan.expanded_t - bought_t) / MODEL_T
        values[columns["process"][:, year]] = site_inflow_t(instance, plan)[:n_plants].sum(axis=1) / MODEL_T
        sent = np.concatenate([plan.direct_t[:n_direct].sum(axis=1), plan.haul_t.sum(axis=1)])
        values[columns["send"][:, year]] = sent / MODEL_T
        values[columns["dispose"][:, year]] = plan.disposed_t / MODEL_T
        left = instance.direct.tail[n_direct:]
        values[columns["forgo"][left, year]] = plan.direct_t[n_direct:].sum(axis=1) / MODEL_T
        was_open, bought_t = is_open, plan.expanded_t
    return values
