"""Each rule is broken once in a plan that holds, and verification must say so and where."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from siting.verify import verify
from siting.verify.faults import SHOWN_PER_RULE
from siting.verify.tonnage import trace_tonnage
from siting.vocabulary import Measure
from tests.edges import with_earlier, with_targets
from tests.tiny import G2S, T2S, hand_instance, make_target
from tests.verify.test_verify import hand_plan, instance_and_plan, seeds

some = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def first(mask) -> int:
    """The first row where this holds; an example without one is skipped."""
    rows = np.flatnonzero(mask)
    assume(len(rows))
    return int(rows[0])


def put(array, row, value):
    changed = array.copy()
    changed[row] = value
    return changed


def with_part(instance, part, **fields):
    return dataclasses.replace(instance, **{part: dataclasses.replace(getattr(instance, part), **fields)})


def site_of(instance, option) -> str:
    return str(instance.sites.id[instance.options.site[option]])


def inflow_of_options(instance, plan):
    return trace_tonnage(instance, plan).inflow_t[instance.options.site]


def open_a_second_option(instance, plan):
    site = instance.options.site
    option = first(~plan.is_open & np.isin(site, site[plan.is_open]))
    words = f"site {site_of(instance, option)}: 2 options are open"
    return instance, dataclasses.replace(plan, is_open=put(plan.is_open, option, True)), words


def close_what_must_be_open(instance, plan):
    option = first(plan.is_open & instance.sites.must_open[instance.options.site])
    words = f"site {site_of(instance, option)}: nothing is open, yet the site must be open"
    return instance, dataclasses.replace(plan, is_open=put(plan.is_open, option, False)), words


def shrink_the_site(instance, plan):
    option = first(plan.is_open)
    area_m2 = put(instance.sites.area_m2, instance.options.site[option], instance.options.area_m2[option] * 0.9)
    return with_part(instance, "sites", area_m2=area_m2), plan, f"site {site_of(instance, option)}: the open option"


def assign_a_negative_share(instance, plan):
    walk = first(plan.assign >= 0)
    words = f"cell {instance.demand.id[instance.walks.demand[walk]]} to point"
    return instance, dataclasses.replace(plan, assign=put(plan.assign, walk, -0.1)), words, "-0.1 is negative"


def assign_more_than_all(instance, plan):
    walk = first(plan.assign > 0)
    return instance, dataclasses.replace(plan, assign=put(plan.assign, walk, 1.5)), "the share 1.5 is more than 1"


def assign_a_cell_twice(instance, plan):
    walk = first(plan.assign > 0)
    other = first((instance.walks.demand == instance.walks.demand[walk]) & (np.arange(len(plan.assign)) != walk))
    assign = put(put(plan.assign, instance.walks.demand == instance.walks.demand[walk], 0.0), [walk, other], 0.7)
    words = f"cell {instance.demand.id[instance.walks.demand[walk]]}: shares sum to 1.4"
    return instance, dataclasses.replace(plan, assign=assign), words


def assign_to_a_closed_point(instance, plan):
    is_closed = trace_tonnage(instance, plan).open_option < 0
    walk = first(is_closed[instance.walks.site])
    words = f"to point {instance.sites.id[instance.walks.site[walk]]}: the share 0.3 goes where nothing is open"
    return instance, dataclasses.replace(plan, assign=put(plan.assign, walk, 0.3)), words


def walk_from_a_generator(instance, plan):
    generator = first(~instance.demand.is_household)
    walks = put(instance.walks.demand, 0, generator)
    words = f"walk from {instance.demand.id[generator]} to", "starts at a generator"
    return with_part(instance, "walks", demand=walks), plan, *words


def walk_to_a_station(instance, plan):
    station = first(instance.sites.echelon == 1)
    words = f"to {instance.sites.id[station]}: ends at a transfer site"
    return with_part(instance, "walks", site=put(instance.walks.site, 0, station)), plan, words


def go_direct_from_a_cell(instance, plan):
    words = f"direct link from {instance.demand.id[0]} to", "must join the places"
    return with_part(instance, "direct", tail=put(instance.direct.tail, 0, 0)), plan, *words


def go_direct_to_a_point(instance, plan):
    words = f"to {instance.sites.id[0]}: must join the places"
    return with_part(instance, "direct", head=put(instance.direct.head, 0, 0)), plan, words


def call_a_direct_link_haul(instance, plan):
    link_class = put(instance.direct.link_class, 0, T2S)
    return with_part(instance, "direct", link_class=link_class), plan, "must join the places"


def haul_from_point_to_centre(instance, plan):
    centre = first(instance.sites.echelon == 2)
    words = f"haul link from {instance.sites.id[0]} to {instance.sites.id[centre]}: must join the places"
    return with_part(instance, "haul", head=put(instance.haul.head, 0, centre)), plan, words


def haul_between_stations(instance, plan):
    station = first(instance.sites.echelon == 1)
    words = f"haul link from {instance.sites.id[station]} to", "must join the places"
    return with_part(instance, "haul", tail=put(instance.haul.tail, 0, station)), plan, *words


def haul_backwards(instance, plan):
    tail, head = instance.haul.tail, instance.haul.head
    words = f"haul link from {instance.sites.id[head[0]]} to {instance.sites.id[tail[0]]}: must join the places"
    return with_part(instance, "haul", tail=put(tail, 0, head[0]), head=put(head, 0, tail[0])), plan, words


def haul_in_another_class(instance, plan):
    link_class = put(instance.haul.link_class, 0, G2S)
    return with_part(instance, "haul", link_class=link_class), plan, "must join the places"


def haul_less_than_nothing(instance, plan):
    words = f"haul link from {instance.sites.id[instance.haul.tail[0]]} to", "-2 t/yr of paper is negative"
    return instance, dataclasses.replace(plan, haul_t=put(plan.haul_t, (0, 0), -2.0)), *words


def go_direct_with_less_than_nothing(instance, plan):
    words = f"direct link from {instance.demand.id[instance.direct.tail[0]]} to", "-2 t/yr of paper is negative"
    return instance, dataclasses.replace(plan, direct_t=put(plan.direct_t, (0, 0), -2.0)), *words


def give_more_than_is_offered(instance, plan):
    generator = instance.direct.tail[0]
    offered_t = instance.demand.tonnes[generator, 0]
    direct_t = put(plan.direct_t, (0, 0), offered_t + 0.01)
    words = f"generator {instance.demand.id[generator]}: gives", f"offers {offered_t:g} t/yr"
    return instance, dataclasses.replace(plan, direct_t=direct_t), *words


def refuse_what_enters(instance, plan):
    option = first(plan.is_open & (inflow_of_options(instance, plan)[:, 0] > 0.01))
    accepts = put(instance.options.accepts, (option, 0), False)
    words = f"site {site_of(instance, option)}: takes", "of paper, which its open option does not accept"
    return with_part(instance, "options", accepts=accepts), plan, *words


def close_a_centre_in_use(instance, plan):
    in_use = inflow_of_options(instance, plan).sum(axis=1) > 0.01
    option = first(plan.is_open & in_use & (instance.option_echelon() == 2))
    words = f"site {site_of(instance, option)}: is closed, yet", "t/yr enter"
    return instance, dataclasses.replace(plan, is_open=put(plan.is_open, option, False)), *words


def haul_from_a_closed_site(instance, plan):
    is_closed = trace_tonnage(instance, plan).open_option < 0
    link = first(is_closed[instance.haul.tail])
    words = f"site {instance.sites.id[instance.haul.tail[link]]}: is closed, yet 3 t/yr leave"
    return instance, dataclasses.replace(plan, haul_t=put(plan.haul_t, (link, 0), 3.0)), words


def lose_tonnes(instance, plan):
    link = first(plan.haul_t[:, 0] > 0.01)
    haul_t = put(plan.haul_t, (link, 0), plan.haul_t[link, 0] * 0.99)
    words = f"site {instance.sites.id[instance.haul.tail[link]]}: ", "must conserve"
    return instance, dataclasses.replace(plan, haul_t=haul_t), *words


def swap_materials_on_the_way(instance, plan):
    """As many tonnes leave as enter, of another material."""
    link = first((plan.haul_t > 0.5).all(axis=1) if instance.n_materials > 1 else [False])
    haul_t = put(plan.haul_t, link, plan.haul_t[link] + np.array([0.4, -0.4]))
    words = f"site {instance.sites.id[instance.haul.tail[link]]}: ", "must conserve"
    return instance, dataclasses.replace(plan, haul_t=haul_t), *words


def overfill(instance, plan):
    load_t = inflow_of_options(instance, plan).sum(axis=1)
    option = first(plan.is_open & (load_t > 1))
    capacity_t = put(instance.options.capacity_t, option, load_t[option] * 0.99)
    words = f"site {site_of(instance, option)}: ", "above the capacity"
    return with_part(instance, "options", capacity_t=capacity_t), plan, *words


def use_the_reserve(instance, plan):
    load_t = inflow_of_options(instance, plan).sum(axis=1)
    option = first(plan.is_open & (load_t > 1))
    options = instance.options
    peak = max(1.0, options.capacity_t[option] / (1.001 * load_t[option]))  # the busiest time alone is no fault
    limits = {
        "max_load_share": put(options.max_load_share, option, 0.98),
        "peak_factor": put(options.peak_factor, option, peak),
    }
    words = f"site {site_of(instance, option)}: ", "above the planned limit", f"peak factor {peak:g}"
    return with_part(instance, "options", **limits), plan, *words


def stand_idle(instance, plan):
    """A facility that must stay takes less than its least use: it is no fault, but it does not count."""
    option = first(plan.is_open)
    load_t = inflow_of_options(instance, plan)[option].sum()
    options, target = instance.options, make_target(instance, Measure.COUNT, plan.is_open.sum())
    idle = {
        "least_use_t": put(options.least_use_t, option, load_t + 0.1),
        "min_load_t": put(options.min_load_t, option, 0.0),
    }
    hardly = with_part(instance, "options", **idle | {"least_use_t": put(options.least_use_t, option, load_t + 5e-4)})
    assert verify(dataclasses.replace(hardly, targets=(target,)), plan).faults == ()  # half a kilogram is rounding
    words = f"target count-city-hard of city: count must be at least {target.value:g}", f"reached {target.value - 1:g}"
    return dataclasses.replace(with_part(instance, "options", **idle), targets=(target,)), plan, *words


def lose_the_margin(instance, plan):
    """A margin that is lost is no fault, a value that is missed is."""
    reached = float(plan.is_open.sum())
    kept = dataclasses.replace(make_target(instance, Measure.COUNT, reached), margin=2.0)
    outcome = verify(dataclasses.replace(instance, targets=(kept,)), plan)
    assert (outcome.faults, outcome.targets[0].holds, outcome.targets[0].margin) == ((), True, 0.0)
    missed = dataclasses.replace(kept, value=reached + 1)
    words = f"count must be at least {missed.value:g} facilities", f"reached {reached:g}"
    return dataclasses.replace(instance, targets=(missed,)), plan, *words


def run_too_empty(instance, plan):
    option = first(plan.is_open)
    load_t = inflow_of_options(instance, plan)[option].sum()
    min_load_t = put(instance.options.min_load_t, option, load_t + 0.1)
    words = f"site {site_of(instance, option)}: ", "below the minimum load"
    return with_part(instance, "options", min_load_t=min_load_t), plan, *words


def ask_more(instance, plan):
    target = make_target(instance, Measure.COUNT, plan.is_open.sum() + 1)
    words = f"target count-city-hard of city: count must be at least {target.value:g} facilities"
    return dataclasses.replace(instance, targets=(target,)), plan, words


def ask_less(instance, plan):
    target = make_target(instance, Measure.COUNT, plan.is_open.sum() - 1, is_at_least=False)
    words = f"target count-city-hard of city: count must be at most {target.value:g} facilities"
    return dataclasses.replace(instance, targets=(target,)), plan, words


def change_too_much(instance, plan):
    """One facility is not of the earlier plan, and one of that plan is nowhere here."""
    option = first(plan.is_open)
    instance = with_earlier(instance, plan, elsewhere=1.0)
    instance.earlier.is_open[0, option] = False
    target = make_target(instance, Measure.CHANGES, 1, is_at_least=False)
    words = "target changes-city-hard of city: changes must be at most 1 facilities", "reached 2"
    return with_targets(instance, target), plan, *words


def drop_a_row(instance, plan):
    return instance, dataclasses.replace(plan, assign=plan.assign[1:]), "plan.assign: the shape is"


def forget_a_figure(instance, plan):
    haul_t = put(plan.haul_t, (0, 0), np.nan)
    return instance, dataclasses.replace(plan, haul_t=haul_t), "plan.haul_t: 1 of", "not finite"


def open_by_halves(instance, plan):
    return instance, dataclasses.replace(plan, is_open=plan.is_open * 0.5), "plan.is_open: holds float64"


BREAKS = [
    open_a_second_option,
    close_what_must_be_open,
    shrink_the_site,
    assign_a_negative_share,
    assign_more_than_all,
    assign_a_cell_twice,
    assign_to_a_closed_point,
    walk_from_a_generator,
    walk_to_a_station,
    go_direct_from_a_cell,
    go_direct_to_a_point,
    call_a_direct_link_haul,
    haul_from_point_to_centre,
    haul_between_stations,
    haul_backwards,
    haul_in_another_class,
    haul_less_than_nothing,
    go_direct_with_less_than_nothing,
    give_more_than_is_offered,
    refuse_what_enters,
    close_a_centre_in_use,
    haul_from_a_closed_site,
    lose_tonnes,
    swap_materials_on_the_way,
    overfill,
    use_the_reserve,
    stand_idle,
    lose_the_margin,
    run_too_empty,
    ask_more,
    ask_less,
    change_too_much,
    drop_a_row,
    forget_a_figure,
    open_by_halves,
]


@pytest.mark.parametrize("break_rule", BREAKS, ids=lambda rule: rule.__name__)
@some
@given(seeds)
def test_a_broken_rule_is_told_with_its_place(break_rule, seed):
    instance, plan = instance_and_plan(seed)
    assert verify(instance, plan).faults == ()
    broken_instance, broken_plan, *words = break_rule(instance, plan)
    faults = verify(broken_instance, broken_plan).faults
    assert any(all(word in fault for word in words) for fault in faults), faults


def test_figures_of_a_plan_that_cannot_be_read_are_unknown():
    verification = verify(hand_instance(), dataclasses.replace(hand_plan(), haul_t=np.zeros((3, 1))))
    assert verification.faults == ("plan.haul_t: the shape is (3, 1) where (4, 1) is expected",)
    assert np.isnan(verification.cost_cny)


def test_rounding_is_no_fault_and_more_is():
    plan = hand_plan()
    for share_more, n_faults in ((1e-9, 0), (1e-3, 5)):
        rounded = dataclasses.replace(plan, assign=plan.assign * (1 + share_more))
        assert len(verify(hand_instance(), rounded).faults) == n_faults


def test_capacity_that_is_exactly_enough_holds():
    instance = with_part(hand_instance(), "options", capacity_t=np.array([0.0, 0.0, 8.0, 8.0, 13.0]))
    assert verify(instance, hand_plan()).faults == ()


def test_a_rule_broken_in_many_places_shows_the_worst_and_counts_the_rest():
    instance, n = hand_instance(), 100
    rows = np.arange(n) % 4
    walks = {f.name: getattr(instance.walks, f.name)[rows] for f in dataclasses.fields(instance.walks)}
    instance = with_part(instance, "walks", **walks)
    plan = dataclasses.replace(hand_plan(), assign=-np.arange(1.0, n + 1))
    negative = [fault for fault in verify(instance, plan).faults if "is negative" in fault or "more like" in fault]
    assert "-100 is negative" in negative[0]
    assert f"and {n - SHOWN_PER_RULE} more" in negative[SHOWN_PER_RULE]
