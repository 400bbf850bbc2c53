"""A case as an instance of the planning model.

Offers are generators that must give all they have, plants are processing bases in chains, years are periods of equal
weight. Opening and extending are paid once: the annuity of a year is the price of that year less that of the next, and
over the years in which a facility stands these add up to the price of the year of purchase. Disposal at the centres is
a base of its own with the limit as capacity. Acquisition is paid for what is sent: all that is offered, a constant,
less what is disposed of, which lowers the cost of disposal.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from siting.instance import (
    Conversions,
    Demand,
    Disposals,
    Expansions,
    Floats,
    Instance,
    Ints,
    LinkRates,
    Links,
    Materials,
    Options,
    Sites,
    StagePrices,
    Stages,
    Walks,
)
from siting.relog.case import Case, distance_km
from siting.vocabulary import LINK_CLASSES, DemandKind, Echelon, Measure

BUILT_CNY = 1e4
"""Investment of a new plant that only the limit on opening outside the building period counts; nobody pays it."""


def case_instance(case: Case) -> Instance:
    """Return the case as an instance.

    Sites are the plants, then the disposals at centres. Direct links lead from each offer to the plants that take its
    product, then to its disposal; haul links from each plant to those that take an output. All costs are in the
    instance but what acquisition and centres cost whatever is decided; its cost is the mean of the years.
    """
    prices = tuple(_prices(case, year) for year in range(case.n_years))
    first = prices[0]
    types = _types(case)
    names = np.array([*(f"{one.type} at {one.place}" for one in case.plants), *(one.name for one in case.leaving)])
    amount_t = np.array([offer.amount_t for offer in case.offers]).reshape(len(case.offers), case.n_years)
    instance = Instance(
        name=case.name,
        year=case.n_years,
        districts=np.array(["all"]),
        facility_types=np.array([*types, "disposal at centres"]),
        type_echelon=np.full(len(types) + 1, int(Echelon.BASE)),
        materials=first.materials,
        demand=_demand(case, amount_t.max(axis=1, initial=0.0)),
        sites=dataclasses.replace(
            Sites.neutral(names, np.full(len(names), int(Echelon.BASE))), must_open=first.options.is_existing
        ),
        options=first.options,
        walks=Walks.none(),
        direct=_direct(case),
        haul=_haul(case),
        link_rates=first.link_rates,
        conversions=_conversions(case, types),
        stages=_stages(case, amount_t, prices),
        expansions=first.expansions,
        disposals=first.disposals,
    )
    closed = [year + 1 for year in range(case.n_years) if year not in case.building]
    nothing_opens = dataclasses.replace(
        instance.hard_target(Measure.INVESTMENT, is_at_least=False),
        in_unit_site=np.arange(len(names)) < len(case.plants),
        source="building period",
    )
    targets = (dataclasses.replace(nothing_opens, id=f"nothing opens in year {year}", year=year) for year in closed)
    return dataclasses.replace(instance, targets=tuple(targets))


def _types(case: Case) -> list[str]:
    return list(dict.fromkeys(plant.type for plant in case.plants))


def _product_rows(case: Case, names: list[str]) -> Ints:
    products = list(case.transport)
    return np.array([products.index(name) for name in names], dtype=np.int64)


def _demand(case: Case, most_t: Floats) -> Demand:
    n = len(case.offers)
    tonnes = np.zeros((n, len(case.transport)))
    tonnes[np.arange(n), _product_rows(case, [offer.product for offer in case.offers])] = most_t
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


def _direct(case: Case) -> Links:
    """Return the links from offers to plants, then those to the disposal at the centres, which is on the spot."""
    sent = [
        (c, p) for c, offer in enumerate(case.offers) for p, one in enumerate(case.plants) if one.input == offer.product
    ]
    left = sorted((c, len(case.plants) + row) for row, one in enumerate(case.leaving) for c in one.offers)
    km = [distance_km(case, case.offers[c], case.plants[p]) for c, p in sent] + [0.0] * len(left)
    products = [case.offers[c].product for c, _ in (*sent, *left)]
    return _links(case, [*sent, *left], km, products, "generator_to_base")


def _haul(case: Case) -> Links:
    """Return the links from plants to others that take one of their outputs."""
    plants = case.plants
    pairs = [
        (p, q)
        for p, plant in enumerate(plants)
        for product in plant.outputs
        for q, other in enumerate(plants)
        if other.input == product and p != q
    ]
    km = [distance_km(case, plants[p], plants[q]) for p, q in pairs]
    return _links(case, pairs, km, [plants[q].input for _, q in pairs], "base_to_base")


def _links(case: Case, ends: list[tuple[int, int]], km: list[float], products: list[str], link_class: str) -> Links:
    tail, head = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    return Links(
        tail=tail,
        head=head,
        distance_m=1000 * np.array(km, dtype=float),
        link_class=np.full(len(ends), LINK_CLASSES.index(link_class)),
        rate=_product_rows(case, products),
    )


def _conversions(case: Case, types: list[str]) -> Conversions:
    products = list(case.transport)
    made = {
        (types.index(plant.type), products.index(plant.input), products.index(name)): rate
        for plant in case.plants
        for name, rate in plant.outputs.items()
    }
    if not made:
        return Conversions.none()
    columns = [np.array(column, dtype=np.int64) for column in zip(*made, strict=True)]
    return Conversions(columns[0], columns[1], columns[2], np.array(list(made.values())))


def _prices(case: Case, year: int) -> StagePrices:
    products, plants = np.array(list(case.transport)), case.plants
    stands_t = np.array([max(plant.least_t, plant.initial_t) for plant in plants])
    growing = np.flatnonzero([plant.most_t > stands_t[p] for p, plant in enumerate(plants)])
    allowed = [plants[p].disposal[product] for p, product in case.plant_disposals]
    offered_t = sum(float(offer.amount_t.sum()) for offer in case.offers)
    return StagePrices(
        options=_options(case, stands_t, year),
        expansions=Expansions(
            option=growing,
            most_t=np.array([plants[p].most_t - stands_t[p] for p in growing]),
            capex_cny_per_t=np.zeros(len(growing)),
            investment_cny_per_t=np.array([_annuity(plants[p].extension_per_t, year) for p in growing]),
            operation_cny_per_t=np.array([plants[p].fixed_per_t[year] for p in growing]),
        ),
        disposals=Disposals(
            option=np.array([p for p, _ in case.plant_disposals], dtype=np.int64),
            material=_product_rows(case, [product for _, product in case.plant_disposals]),
            cny_per_t=np.array([one.cost_per_t[year] for one in allowed], dtype=float),
            limit_t=np.array([min(one.limit_t[year], 1e3 * offered_t) for one in allowed], dtype=float),
        ),
        materials=Materials.neutral(products),
        link_rates=LinkRates.per_tkm(
            products, np.array([fare[year] for fare in case.transport.values()]), len(products)
        ),
    )


def _options(case: Case, stands_t: Floats, year: int) -> Options:
    """Return one option for each plant, then one for each disposal at centres, with the cost of the centre."""
    plants, leaving, types = case.plants, case.leaving, _types(case)
    stands = np.array([*(plant.initial_t > 0 for plant in plants), *(True for _ in leaving)], dtype=bool)
    n = len(stands)
    taken = _product_rows(case, [*(plant.input for plant in plants), *(one.product for one in leaving)])
    disposal = [one.cost_per_t[year] - case.offers[one.offers[0]].acquisition_per_t[year] for one in leaving]
    accepts, unit = np.zeros((n, len(case.transport)), dtype=bool), np.zeros((n, len(case.transport)))
    accepts[np.arange(n), taken] = True
    unit[np.arange(n), taken] = [*(plant.variable_per_t[year] for plant in plants), *disposal]
    limit_t = [min(one.limit_t[year], sum(float(case.offers[c].amount_t[year]) for c in one.offers)) for one in leaving]
    opening = [0.0 if plant.initial_t > 0 else _annuity(plant.opening, year) for plant in plants]
    fixed = [plant.fixed[year] + plant.extended_t * plant.fixed_per_t[year] for plant in plants]
    free = np.zeros(len(leaving))
    type_ = np.array([*(types.index(plant.type) for plant in plants), *(len(types) for _ in leaving)], dtype=np.int64)
    return dataclasses.replace(
        Options.neutral(np.arange(n), type_, len(case.transport)),
        capacity_t=np.append(stands_t, np.array(limit_t)),
        capex_cny=np.where(stands, 0.0, BUILT_CNY),
        investment_cny=np.append(opening, free),
        fixed_operation_cny=np.append(fixed, free),
        unit_cny_per_t=unit,
        accepts=accepts,
        is_existing=stands,
    )


def _annuity(price: Floats, year: int) -> float:
    """Return the price of a year less that of the next, which after the last year is 0."""
    return float(price[year] - (price[year + 1] if year + 1 < len(price) else 0.0))
