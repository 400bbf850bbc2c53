"""What a case costs in one year, as the tables of a stage: one option for each plant, one for what may be left."""

from __future__ import annotations

import numpy as np

from siting.instance import Disposals, Expansions, Floats, LinkRates, Materials, Options, StagePrices
from siting.relog.case import Case
from siting.relog.model import Layout, extended_before

BUILT_CNY = 1e4
"""What a new plant counts in the limit that keeps plants from opening outside the building period; nobody pays it."""


def left_at_centres(case: Case) -> list[str]:
    """Products of which something may be left at their centres."""
    offered = dict.fromkeys(offer.product for offer in case.offers)
    return [name for name in offered if case.products[name].disposal_limit_t.max() > 0]


def stage_prices(case: Case, layout: Layout, year: int) -> StagePrices:
    """What everything costs, and how much may be disposed of or left, in one year."""
    products, plants = list(case.products), case.plants
    rows = [case.products[name] for name in products]
    m, nothing = len(products), np.zeros(len(products))
    least_t = np.array([plant.least_t for plant in plants]) + extended_before(case)
    growing = np.flatnonzero([plant.most_t > least_t[p] for p, plant in enumerate(plants)])
    expansions = Expansions(
        option=growing,
        most_t=np.array([plants[p].most_t - least_t[p] for p in growing]),
        capex_cny_per_t=np.zeros(len(growing)),
        investment_cny_per_t=np.array([_less_next(plants[p].extension_per_t, year) for p in growing]),
        operation_cny_per_t=np.array([plants[p].fixed_per_t[year] for p in growing]),
    )
    allowed = [plants[p].disposal[product] for p, product in layout.disposals]
    offered_t = sum(float(offer.amount_t.sum()) for offer in case.offers)
    disposals = Disposals(
        option=np.array([p for p, _ in layout.disposals], dtype=np.int64),
        material=np.array([products.index(product) for _, product in layout.disposals], dtype=np.int64),
        cny_per_t=np.array([cost[year] for cost, _ in allowed], dtype=float),
        limit_t=np.array([min(limit[year], 1e3 * offered_t) for _, limit in allowed], dtype=float),
    )
    return StagePrices(
        options=_options(case, least_t, year),
        expansions=expansions,
        disposals=disposals,
        materials=Materials(
            id=np.array(products),
            residue_share=nothing,
            haul_factor=np.ones(m),
            sales_cny_per_t=nothing,
            purchase_cny_per_t=np.array([row.acquisition_per_t[year] for row in rows]),
            subsidy_cny_per_t=np.zeros((1, m)),
            avoided_kg_co2e_per_t=nothing,
        ),
        link_rates=LinkRates(np.array(products), np.array([r.transport_per_km[year] for r in rows]), nothing, nothing),
    )


def _options(case: Case, least_t: Floats, year: int) -> Options:
    """One option for each plant, then one for each product that may be left at its centres, which costs as it does."""
    plants, left, products = case.plants, left_at_centres(case), list(case.products)
    types = list(dict.fromkeys(plant.type for plant in plants))
    stands = np.array([*(plant.initial_t > 0 for plant in plants), *(True for _ in left)], dtype=bool)
    n, n_plants = len(stands), len(plants)
    accepts, unit = np.zeros((n, len(products)), dtype=bool), np.zeros((n, len(products)))
    opening, fixed, capacity_t = np.zeros(n), np.zeros(n), np.append(least_t, np.zeros(len(left)))
    for p, plant in enumerate(plants):
        accepts[p, products.index(plant.input)] = True
        unit[p, products.index(plant.input)] = plant.variable_per_t[year]
        opening[p] = 0.0 if stands[p] else _less_next(plant.opening, year)
        fixed[p] = plant.fixed[year] + extended_before(case)[p] * plant.fixed_per_t[year]
    for row, name in enumerate(left, start=n_plants):
        product, offered_t = case.products[name], [o.amount_t[year] for o in case.offers if o.product == name]
        accepts[row, products.index(name)] = True
        unit[row, products.index(name)] = product.disposal_per_t[year] - product.acquisition_per_t[year]
        capacity_t[row] = min(product.disposal_limit_t[year], sum(offered_t))
    return Options(
        site=np.arange(n),
        type=np.array([*(types.index(plant.type) for plant in plants), *(len(types) for _ in left)], dtype=np.int64),
        size=np.full(n, "any"),
        capacity_t=capacity_t,
        min_load_t=np.zeros(n),
        area_m2=np.zeros(n),
        capex_cny=np.where(stands, 0.0, BUILT_CNY),
        vehicles=np.zeros(n),
        investment_cny=opening,
        land_cny=np.zeros(n),
        fixed_operation_cny=fixed,
        fixed_kwh=np.zeros(n),
        unit_cny_per_t=unit,
        unit_kwh_per_t=np.zeros((n, len(products))),
        accepts=accepts,
        is_existing=stands,
    )


def _less_next(price: Floats, year: int) -> float:
    """A price less that of the year after, which in the last year is 0."""
    return float(price[year] - (price[year + 1] if year + 1 < len(price) else 0.0))
