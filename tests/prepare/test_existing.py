from __future__ import annotations

import numpy as np
import pytest

from siting.config import load_config
from siting.errors import ConfigError, DataError
from siting.plan import Plan, site_actions
from siting.prepare.existing import annuity
from siting.solve.solve import solve
from siting.verify import verify
from tests.prepare.test_prepare import changed, instance_of, options_at
from tests.small_city import small_config, write_small_city

KIOSK = {"type": "kiosk", "size": "only"}
LARGE = {"capacity_t": 400, "capex_cny": 80_000, "opex_cny": 9000, "area_m2": 20}


def with_existing(*ids, sizes=True, **existing):
    """The small config with kiosks that stand at `ids`, and a larger size of them."""
    config = small_config() | {"targets": [], "sites": {"existing": [{"id": one} | KIOSK for one in ids]}}
    if sizes:
        config["facilities"]["point"]["kiosk"]["sizes"]["large"] = LARGE
    return config | ({"existing": existing} if existing else {})


def at(instance, site):
    return list(instance.sites.id).index(site)


def solved(instance):
    solution = solve(instance, engine="exact", time_limit_s=60, gap=0.0)
    assert verify(instance, solution.plan).faults == ()
    return solution


def test_what_stands_stays_and_is_sunk_where_nothing_is_said(tmp_path):
    instance = instance_of(tmp_path, config=with_existing("P0"))
    assert options_at(instance, "P0") == [("kiosk", "only")]
    assert instance.sites.must_open.tolist() == [True] + [False] * 14
    assert not instance.sites.closing_cny.any()
    standing = instance.options.site == 0
    assert instance.options.is_existing.tolist() == standing.tolist()
    for sunk in ("investment_cny", "land_cny", "capex_cny"):
        assert getattr(instance.options, sunk)[standing].tolist() == [0.0]


def test_an_upgrade_pays_its_share_and_only_the_land_that_is_not_there(tmp_path):
    config = with_existing("P0", default="may_upgrade", upgrade_cost_share=0.4)
    options = instance_of(tmp_path, config=config).options
    old, new = np.flatnonzero(options.site == 0)
    assert options.is_existing[[old, new]].tolist() == [True, False]
    assert options.capex_cny[new] == pytest.approx(0.4 * 80_000 + (20 - 12) * 500)
    assert options.investment_cny[new] == pytest.approx(annuity(32_000, 0.08, 10))
    assert options.land_cny[new] == pytest.approx(annuity(8 * 500, 0.08, 40))
    other = np.flatnonzero((options.site == 1) & (options.size == "large"))[0]
    assert options.capex_cny[other] == pytest.approx(80_000 + 20 * 500), "a new one pays all of it"


def test_an_upgrade_takes_no_less_than_today_and_must_fit_the_land(tmp_path):
    config = with_existing("P0", "P1", default="may_upgrade")
    config["facilities"]["point"]["kiosk"]["sizes"]["less"] = LARGE | {"capacity_t": 100}
    instance = instance_of(tmp_path, config=config, tables=changed("candidates", ["P1"], area_m2=15.0))
    assert options_at(instance, "P0") == [("kiosk", "only"), ("kiosk", "large")]
    assert options_at(instance, "P1") == [("kiosk", "only")]


def test_an_id_goes_before_the_row_and_the_row_before_the_echelon(tmp_path):
    config = with_existing(
        "P0", "P1", "P2", default="free", by_echelon={"point": "may_close"}, keep=["P0"], closing_cny={"point": 7000}
    )
    tables = changed("candidates", ["P0", "P1"], existing_action="may_upgrade")
    instance = instance_of(tmp_path, config=config, tables=tables)
    assert instance.sites.must_open[:4].tolist() == [True, True, False, False]
    assert len(options_at(instance, "P0")) == 1
    assert len(options_at(instance, "P1")) == 2
    assert instance.sites.closing_cny[:4] == pytest.approx([0, 0, annuity(7000, 0.08, 40), 0])


def test_closing_may_be_spread_over_other_years_than_land(tmp_path):
    config = with_existing("P0", default="free", closing_cny={"point": 7000}, closing_term_years=5)
    assert instance_of(tmp_path, config=config).sites.closing_cny[0] == pytest.approx(annuity(7000, 0.08, 5))


def test_a_facility_that_must_close_is_paid_for_and_told(tmp_path):
    config = with_existing("P0", closing_cny={"point": 7000})
    config["sites"]["must_close"] = ["P0", "P1"]
    config["targets"] = [{"unit": "city", "measure": "count", "echelon": "point", "at_least": 5}]  # P0 would be free
    instance = instance_of(tmp_path, config=config)
    assert "P1" not in instance.sites.id, "where nothing stands there is nothing to close"
    solution = solved(instance)
    actions = site_actions(instance, solution.plan)
    assert actions[at(instance, "P0")] == "close"
    assert verify(instance, solution.plan).cost_terms_cny["closing"] == pytest.approx(annuity(7000, 0.08, 40))


def test_a_plan_says_what_it_does_at_each_site(tmp_path):
    config = with_existing("P0", "P1", "P2", default="free")
    instance = instance_of(tmp_path, config=config)
    site, new = instance.options.site, ~instance.options.is_existing
    is_open = ((site == 0) & ~new) | ((site == 1) & new) | ((site == 3) & (instance.options.size == "large"))
    nothing = np.zeros((len(instance.haul.tail), 2))
    plan = Plan(is_open, np.zeros(len(instance.walks.demand)), np.zeros((len(instance.direct.tail), 2)), nothing)
    assert site_actions(instance, plan)[:5].tolist() == ["keep", "upgrade", "close", "build", ""]


@pytest.mark.parametrize("choice", ["may_close", "may_upgrade", "free"])
def test_a_choice_never_makes_a_plan_dearer(tmp_path, choice):
    kept = with_existing("P0", "P5", "P6")
    kept["targets"] = [{"unit": "city", "measure": "coverage", "within_m": 700, "at_least": 0.5}]
    free = kept | {"existing": {"default": choice, "closing_cny": {"point": 1000}}}
    costs = [solved(instance_of(tmp_path / name, config=c)).cost_cny for name, c in (("a", kept), ("b", free))]
    assert costs[1] <= costs[0] + 0.01


def test_facilities_that_only_cost_are_closed_unless_closing_costs_more(tmp_path):
    for name, once_cny, action in (("cheap", 1000, "close"), ("dear", 1_000_000, "keep")):
        config = with_existing("P0", default="may_close", closing_cny={"point": once_cny})
        instance = instance_of(tmp_path / name, config=config)
        assert site_actions(instance, solved(instance).plan)[0] == action


def test_faults_are_told_together_with_their_cure(tmp_path):
    config = with_existing("P0", "P00", "P0", keep=["P3"], free=["nowhere"])
    with pytest.raises(ConfigError) as caught:
        instance_of(tmp_path, config=config)
    for text in (
        r"4 faults",
        "sites.existing: 'P0' is given twice; keep one",
        "sites.existing: no candidate 'P00'; did you mean 'P0'?",
        "existing: no facility stands at 'P3' today; add it to sites.existing",
        "existing: no facility stands at 'nowhere' today",
    ):
        assert text in str(caught.value)


def test_types_and_actions_of_the_table_are_checked_together(tmp_path):
    config = with_existing("P0") | {"sites": {"existing": [{"id": "P0", "type": "kiosk", "size": "huge"}]}}
    tables = changed("candidates", ["P1"], existing_action="burn")
    with pytest.raises(DataError, match=r"'burn' not allowed; choose from(.|\n)*P0: existing point of type 'kiosk'"):
        instance_of(tmp_path, config=config, tables=tables)


def test_a_facility_has_one_choice(tmp_path):
    path = write_small_city(tmp_path, config=with_existing("P0", keep=["P0"], free=["P0"]))
    with pytest.raises(ConfigError, match="'P0' is named twice; keep it in one of"):
        load_config(path)


def test_must_open_goes_before_may_close_and_not_with_must_close(tmp_path):
    config = with_existing("P0", default="free")
    config["sites"]["must_open"] = ["P0"]
    instance = instance_of(tmp_path, config=config)
    assert instance.sites.must_open[0]
    assert len(options_at(instance, "P0")) == 2, "it may still be upgraded"
    config["sites"]["must_close"] = ["P0"]
    with pytest.raises(ConfigError, match="is in both must_open and must_close"):
        instance_of(tmp_path / "both", config=config)


def kiosks(config, **more):
    """The config with more keys of the kiosk."""
    kiosk = config["facilities"]["point"]["kiosk"] | more
    return config | {"facilities": config["facilities"] | {"point": {"kiosk": kiosk}}}


def test_what_must_stay_may_be_idle_and_what_is_new_or_may_close_may_not(tmp_path):
    least_t = [
        instance_of(tmp_path / choice, config=kiosks(with_existing("P0", default=choice), min_load_share=0.2)).options
        for choice in ("keep", "may_close")
    ]
    for options, may_be_idle in zip(least_t, (True, False), strict=True):
        point = options.least_use_t > 0
        assert options.least_use_t[point] == pytest.approx(0.2 * options.capacity_t[point])
        assert options.may_be_idle.tolist() == (options.is_existing & may_be_idle).tolist()
        assert (options.min_load_t[~options.may_be_idle] == options.least_use_t[~options.may_be_idle]).all()


def test_a_least_use_above_the_planned_limit_is_refused(tmp_path):
    config = kiosks(with_existing("P0"), min_load_share=0.7, max_load_share=0.9, peak_factor=1.5)
    with pytest.raises(
        ConfigError, match=r"min_load_share: 0\.7 is above the planned limit of 0\.6 of capacity.*lower it"
    ):
        instance_of(tmp_path, config=config)


def test_the_planned_limit_is_a_share_of_capacity_by_type(tmp_path):
    options = instance_of(tmp_path, config=kiosks(with_existing("P0"), max_load_share=0.9, peak_factor=1.2)).options
    point = options.max_load_share < 1
    assert options.usable_t[point] == pytest.approx(0.75 * options.capacity_t[point])
    assert (options.usable_t[~point] == options.capacity_t[~point]).all() and (~point).any()


def test_an_idle_facility_that_must_stay_counts_in_no_number_asked_for(tmp_path):
    """P0 and two more are asked for: where P0 is out of use three new ones are built, or it is given its least use."""
    config = kiosks(with_existing("P0"), min_load_share=0.05)
    config["targets"] = [{"unit": "city", "measure": "count", "echelon": "point", "at_least": 3}]
    instance = instance_of(tmp_path, config=config)
    solution = solved(instance)
    found = verify(instance, solution.plan)
    load_t, options = found.site_inflow_t.sum(axis=1)[instance.options.site], instance.options
    in_use = solution.plan.is_open & (load_t >= options.least_use_t * (1 - 1e-6)) & (options.least_use_t > 0)
    assert in_use.sum() == 3 == found.targets[0].reached
    assert (in_use | options.is_existing)[solution.plan.is_open & (options.least_use_t > 0)].all()
