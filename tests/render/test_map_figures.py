"""What a map tells beyond the tables: what a tonne costs to haul, and what a plan loses without a facility."""

import dataclasses

import numpy as np
import pytest

from siting.instance import Conversions, LinkRates
from siting.plan import site_inflow_t
from siting.render.html.map.data import map_data, merged
from siting.results.haulprice import haul_prices
from siting.results.losses import losses_without
from siting.results.results import Results
from siting.verify import verify


def changed(instance, **parts):
    """The instance with columns of its tables replaced: `walks={"distance_m": …}`."""
    tables = {name: dataclasses.replace(getattr(instance, name), **columns) for name, columns in parts.items()}
    return dataclasses.replace(instance, **tables)


def transport_cny(instance, plan):
    return verify(instance, plan).cost_terms_cny["transport"]


def test_what_is_given_times_its_cost_of_haul_is_the_verified_cost_of_transport(run):
    prices = haul_prices(run.instance, run.solution.plan)
    total = np.nansum(prices.demand * prices.given_t)
    assert total == pytest.approx(transport_cny(run.instance, run.solution.plan))
    assert prices.given_t.sum() == pytest.approx(run.verification.collected_t.sum())


def test_bulky_material_and_dear_links_cost_more_and_still_sum_to_the_verified_cost(run):
    rates = LinkRates.per_tkm(np.array(["a", "b", "c"]), np.array([1.0, 2.0, 0.5]), 2)
    rates = dataclasses.replace(rates, unload_cny_per_t=np.array([3.0, 0.0, 7.0]))
    bulky = dataclasses.replace(rates, haul_factor=np.tile([1.0, 4.0], (3, 1)))
    instance = dataclasses.replace(run.instance, link_rates=bulky)
    prices = haul_prices(instance, run.solution.plan)
    plain = haul_prices(dataclasses.replace(run.instance, link_rates=rates), run.solution.plan)
    assert np.nansum(prices.demand * prices.given_t) == pytest.approx(transport_cny(instance, run.solution.plan))
    cells = np.flatnonzero(instance.demand.is_household & (prices.given_t > 0))
    assert (prices.demand[cells] > plain.demand[cells]).all()


def test_what_a_centre_keeps_back_is_not_hauled_on(run):
    """A station that turns a tonne of paper into half a tonne hauls half as much on, and its price halves."""
    halves = Conversions(np.array([2, 2]), np.array([0, 1]), np.array([0, 1]), np.array([0.5, 0.5]))
    instance, plan = run.instance, run.solution.plan
    haul_t = plan.haul_t.copy()
    haul_t[instance.sites.echelon[instance.haul.tail] == 1] /= 2
    halved = dataclasses.replace(plan, haul_t=haul_t)
    stations = np.flatnonzero((instance.sites.echelon == 1) & (site_inflow_t(instance, plan).sum(axis=1) > 0))
    whole = haul_prices(instance, plan).site[stations]
    turned = dataclasses.replace(instance, conversions=halves)
    assert haul_prices(turned, halved).site[stations] == pytest.approx(whole / 2)


def test_a_cell_that_nobody_serves_has_no_cost_of_haul(run):
    assert np.isnan(haul_prices(run.instance, run.solution.plan).demand[14])
    assert map_data(Results(run))["cells"]["haul_cny_per_t"][14] == -1


def test_with_room_for_all_nothing_is_lost_but_what_is_in_reach_of_no_other(run):
    roomy = changed(run.instance, options={"capacity_t": np.full(run.instance.n_options, 1e9)})
    losses = losses_without(roomy, run.solution.plan)
    assert losses.lost_t == pytest.approx(losses.alone_t)
    points = roomy.sites.echelon == 0
    assert losses.lost_t[points] == pytest.approx(0), "each cell has three points in reach"
    inflow = site_inflow_t(roomy, run.solution.plan).sum(axis=1)
    served = points & (inflow > 0)
    assert (losses.detour_m[served] > 0).all(), "each cell goes to its nearest point"


def test_with_no_room_everything_is_lost(run):
    inflow = site_inflow_t(run.instance, run.solution.plan).sum(axis=1)
    full = changed(run.instance, options={"capacity_t": inflow})
    losses = losses_without(full, run.solution.plan)
    assert losses.lost_t == pytest.approx(inflow)
    served = np.zeros(full.n_sites)
    residents = full.demand.residents[full.walks.demand] * run.solution.plan.assign
    np.add.at(served, full.walks.site, residents)
    assert losses.lost_residents == pytest.approx(served)
    assert np.isnan(losses.detour_m).all()


def test_room_is_taken_once_and_by_what_is_nearest(run):
    """One other point has room for half of what a facility takes: half is lost."""
    instance, plan = run.instance, run.solution.plan
    inflow = site_inflow_t(instance, plan).sum(axis=1)
    stations = np.flatnonzero(instance.sites.echelon == 1)
    first, second = stations[np.argsort(-inflow[stations])[:2]]
    room = inflow.copy()
    room[second] += 0.5 * inflow[first]
    lost = losses_without(changed(instance, options={"capacity_t": room}), plan)
    reaching = np.isin(instance.haul.tail, instance.haul.tail[instance.haul.head == second])
    moved = plan.haul_t[(instance.haul.head == first) & reaching].sum()
    assert lost.lost_t[first] == pytest.approx(inflow[first] - min(moved, 0.5 * inflow[first]))
    assert lost.lost_t[first] < inflow[first], "something could move, or the test says nothing"


def test_a_point_that_refuses_a_material_takes_nobody_who_has_it(run):
    inflow = site_inflow_t(run.instance, run.solution.plan).sum(axis=1)
    busiest = int(np.argmax(np.where(run.instance.sites.echelon == 0, inflow, -1)))
    accepts = np.ones((run.instance.n_options, 2), dtype=bool)
    accepts[(run.instance.option_echelon() == 0) & (run.instance.options.site != busiest), 1] = False
    picky = changed(run.instance, options={"accepts": accepts, "capacity_t": np.full(run.instance.n_options, 1e9)})
    losses = losses_without(picky, run.solution.plan)
    assert losses.alone_t[busiest] == pytest.approx(inflow[busiest])


def test_tables_of_a_year_join_those_that_last():
    lasting = {"cells": {"x": [1]}, "roads": [3]}
    assert merged(lasting, {"cells": {"walk_m": [2]}, "targets": [4]}) == {
        "cells": {"x": [1], "walk_m": [2]},
        "roads": [3],
        "targets": [4],
    }
