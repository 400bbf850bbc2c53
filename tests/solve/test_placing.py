"""Ruin and recreate on small random instances: what it keeps of its state is what its plan says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from siting.model import build_model
from siting.solve.city.ascent import first_prices
from siting.solve.city.echelons import HEAT, REGION, make_tiers, place_echelons, place_first_again
from siting.solve.city.placing import Pace, Placing
from siting.solve.city.pricing import RowPrices, asked_of
from siting.solve.city.ruin import Moves, search
from siting.solve.city.tiers import columns_of
from siting.solve.clock import Record, stopping
from siting.vocabulary import Echelon
from tests.tiny import hand_instance, tiny_instances

OF_A_SITE = ("within_capacity", "split_load", "one_size", "assign_to_open", "direct_to_open")
PACE = Pace(4, 10.0, HEAT[Echelon.POINT], *REGION[Echelon.POINT])


def placed(instance, seed=1):
    """(model, tier, asked, placing) of each echelon in turn, each after what the ones before found."""
    model, columns = build_model(instance)
    values = np.zeros(model.n_columns)
    for _, tier in make_tiers(instance, model, columns):
        asked = asked_of(model, tier, values)
        placing = Placing(model, tier, asked, first_prices(model, columns, instance), seed=seed)
        placing.run(PACE, Record(60.0), until=60.0)
        values = values + placing.values()
        yield model, tier, asked, placing


@settings(max_examples=30, deadline=None)
@given(instance=tiny_instances())
def test_what_is_kept_of_the_state_is_what_the_values_say(instance):
    for model, tier, asked, placing in placed(instance):
        values, state = placing.values(), placing.state

        assert state.reached == pytest.approx(asked.counts @ values, abs=1e-6)
        drawn = np.bincount(tier.supply, state.units, len(tier.supply_row))
        assert state.left == pytest.approx(asked.amount - drawn, abs=1e-6)
        assert np.bincount(tier.column_site, tier.kt * state.units, len(tier.site)) == pytest.approx(
            state.load_kt, abs=1e-6
        )
        rows = model.rows_of(*OF_A_SITE)
        rows = rows[abs(model.matrix[rows]) @ (values > 0) > 0]
        assert (model.matrix[rows] @ values <= model.row_upper[rows] + 1e-6).all()


@settings(max_examples=20, deadline=None)
@given(instance=tiny_instances())
def test_beginning_with_what_was_found_changes_nothing(instance):
    for model, tier, asked, placing in placed(instance):
        again = Placing(model, tier, asked, np.zeros(model.n_rows), seed=2)
        again.begin_with(placing.values())

        assert again.values() == pytest.approx(placing.values(), abs=1e-9)


def spent(placing):
    """What the tier costs as it stands, with what is missed at its penalty and what is served at its worth."""
    tier, state, shape, asked = placing.tier, placing.state, placing.shape, placing.asked
    used = np.flatnonzero(state.units > 0)
    site = tier.column_site[used]
    pair = tier.first_pair[state.option[site]] + used - tier.first_column[site]
    served = (placing.pair[pair] - shape.unserved[tier.supply[used]]) @ state.units[used]
    reached = asked.counts @ placing.values()
    missed = np.maximum(0, asked.lower - reached) + np.maximum(0, reached - asked.upper)
    return placing.open[state.option[state.option >= 0]].sum() + served + placing.rows.penalty @ missed


@settings(max_examples=20, deadline=None)
@given(instance=tiny_instances())
def test_a_cold_search_gains_what_it_says_and_never_loses(instance):
    for _, _, _, placing in placed(instance):
        before = spent(placing)

        gained = search(
            placing.shape, placing.prices(), placing.state, Moves(10, 3, 0, 0, 0.3, 0.7, 1.15), 40, placing.random,
            placing.centres,
        )  # fmt: skip

        assert gained <= 0
        assert spent(placing) - before == pytest.approx(gained, rel=1e-6, abs=1e-6 * max(1.0, abs(before)))


def test_first_prices_are_the_cheapest_way_to_the_end():
    instance = hand_instance()
    model, columns = build_model(instance)

    y = first_prices(model, columns, instance)

    last = [
        model.cost[option] / (instance.options.capacity_t[option] / 1000)
        for option in np.flatnonzero(instance.option_echelon() == Echelon.SORTING)
    ]
    hauls = columns.numbers("haul")
    from_stations = hauls[instance.sites.echelon[instance.haul.tail[columns.haul_link]] == Echelon.TRANSFER]
    rows = model.rows_of("conserve_material")
    at_stations = rows[np.abs(model.matrix[rows][:, from_stations]).sum(axis=1) > 0]
    cheapest = min(model.cost[from_stations]) + min(last)
    assert y[at_stations] == pytest.approx(-cheapest)
    assert np.count_nonzero(np.delete(y, rows)) == 0


def test_what_runs_beside_is_told_to_stop_when_the_body_is_interrupted():
    record = Record(60.0)

    with pytest.raises(KeyboardInterrupt), stopping(record):
        raise KeyboardInterrupt

    assert record.is_stopped
    assert record.seconds_left == 0


class Counted(RowPrices):
    """Counts its rounds."""

    rounds = 0

    def reprice(self, reached):
        self.rounds += 1
        super().reprice(reached)


@pytest.mark.parametrize(("until_s", "most"), [(60.0, 4), (0.0, 1)])
def test_rounds_end_when_the_clock_says_so(until_s, most):
    instance = hand_instance()
    model, columns = build_model(instance)
    _, tier = make_tiers(instance, model, columns)[0]
    asked, nothing = asked_of(model, tier, np.zeros(model.n_columns)), np.zeros(model.n_rows)
    placing = Placing(model, tier, asked, nothing, seed=1)
    placing.rows = Counted(model, asked, nothing, worth=1.0)

    placing.run(PACE, Record(60.0), until=until_s)

    assert placing.rows.rounds == most


@settings(max_examples=20, deadline=None)
@given(instance=tiny_instances())
def test_placing_the_first_echelon_again_leaves_what_else_is_open(instance):
    model, columns = build_model(instance)
    prices, tiers = first_prices(model, columns, instance), make_tiers(instance, model, columns)
    rounds = dict.fromkeys(Echelon, 3)
    values = place_echelons(
        (instance, columns), model, tiers, prices, rounds=rounds, until=60.0, record=Record(60.0), seed=1
    )

    again = place_first_again((instance, columns), model, prices, values, seed=2, clock=Record(60.0))

    first = columns_of(tiers[0][1])
    others = np.setdiff1d(np.arange(model.n_columns), np.append(first, columns.numbers("near")))
    assert (again[others] == values[others]).all()
    rows = model.rows_of(*OF_A_SITE)
    rows = rows[abs(model.matrix[rows])[:, first] @ np.ones(len(first)) > 0]
    assert (model.matrix[rows] @ again <= model.row_upper[rows] + 1e-6).all()
    assert np.isin(again[tiers[0][1].option], (0.0, 1.0)).all()


def test_where_rows_are_missed_the_search_goes_on_where_they_count():
    instance = hand_instance()
    model, columns = build_model(instance)
    _, tier = make_tiers(instance, model, columns)[0]
    asked = asked_of(model, tier, np.zeros(model.n_columns))
    row = np.flatnonzero(abs(asked.counts) @ np.ones(model.n_columns) > 0)[:1]
    counts = sparse.csr_array(asked.counts[row])
    column = tier.column[tier.column_site == 0]
    keep = np.zeros(model.n_columns)
    keep[column] = 1.0
    one = replace(
        asked,
        rows=asked.rows[row],
        counts=sparse.csr_array(counts * keep),
        lower=np.array([1e3]),
        upper=np.array([np.inf]),
        margin=asked.margin[row],
    )
    placing = Placing(model, tier, one, np.ones(model.n_rows), seed=1)
    price = placing.rows.price.copy()

    placing.distrust()

    assert placing.centres.tolist() == [0]
    assert (placing.rows.price > price).all()
    assert not placing.rows.known.any()
