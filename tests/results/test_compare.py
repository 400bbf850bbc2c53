import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.language import Label
from siting.results.comparison.compare import compare_runs, distinct_names
from siting.results.comparison.comparison import Better, Outcome, Part, RunFace
from siting.results.comparison.display import Judged, asked_text, judge_difference, read_figure
from siting.results.comparison.document import comparison_summary
from siting.results.comparison.sites import OpenSite, compare_sites
from siting.results.comparison.verdict import judge_costs
from siting.results.moves import MOVE_WITHIN_M, nearest_pairs
from siting.vocabulary import Echelon
from tests.compare_runs import other_city, run_without, with_config
from tests.outputs_city import make_config, make_run


@pytest.fixture(scope="module")
def base():
    return make_run()


@pytest.fixture(scope="module")
def fewer(base):
    """The base with one smart box and one staffed point closed."""
    return run_without(base, "P00002", "P00005")


def figure_of(comparison, group, key):
    return next(one for one in comparison.figures if (one.group, one.key) == (group, key))


def kinds(pair):
    return [one.kind for one in pair.obstacles]


def test_a_run_beside_itself_differs_in_nothing(base):
    comparison = compare_runs([base, base])
    pair = comparison.pair(0, 1)
    assert [comparison.difference(figure, 0, 1) for figure in comparison.figures] == [0.0] * len(comparison.figures)
    assert [comparison.target_difference(row, 0, 1) for row in comparison.targets] == [0.0] * 6
    assert pair.obstacles == comparison.settings == ()
    assert len(pair.sites.both) == 15
    assert pair.sites.moved == pair.sites.only_first == pair.sites.only_second == pair.sites.changed == ()
    assert comparison.in_all == tuple(base.instance.sites.id)
    assert pair.walks.same == base.instance.residents
    assert pair.verdict.outcome is Outcome.SAME_PROBLEM


def test_known_differences_are_told(base, fewer):
    comparison = compare_runs([base, fewer], names=["a", "b"])
    sites = comparison.pair(0, 1).sites
    assert comparison.difference(figure_of(comparison, "facilities", "point"), 0, 1) == -2
    assert {site.id for site in sites.only_first} == {"P00002", "P00005"}
    assert sites.only_second == sites.moved == ()
    assert len(sites.both) == 13
    saved = sum(fewer.verification.cost_terms_cny[term] - base.verification.cost_terms_cny[term] for term in ("land",))
    assert comparison.difference(figure_of(comparison, "terms", "land"), 0, 1) == pytest.approx(saved) == -200.0
    walks = comparison.pair(0, 1).walks
    assert walks.longer > 0
    assert walks.longer + walks.same + walks.lost == pytest.approx(base.instance.residents)


def test_differences_change_their_sign_with_the_order(base, fewer):
    there, back = compare_runs([base, fewer]), compare_runs([fewer, base])
    for one, other in zip(there.figures, back.figures, strict=True):
        assert one.key == other.key
        assert there.difference(one, 0, 1) == -back.difference(other, 0, 1) == -there.difference(one, 1, 0)
    for one, other in zip(there.targets, back.targets, strict=True):
        assert there.target_difference(one, 0, 1) == -back.target_difference(other, 0, 1)
    first, second = there.pair(0, 1), back.pair(0, 1)
    assert first.sites.only_first == second.sites.only_second
    assert (first.walks.longer, first.walks.gained) == (second.walks.shorter, second.walks.lost)
    assert (first.verdict.least_cny, first.verdict.most_cny) == (-second.verdict.most_cny, -second.verdict.least_cny)


def test_a_site_that_one_run_has_and_the_other_has_nearby_has_moved(base):
    comparison = compare_runs([run_without(base, "P00002"), run_without(base, "P00005")])
    assert {site.id for site in comparison.pair(0, 1).sites.only_first} == {"P00005"}
    wide = dict.fromkeys(MOVE_WITHIN_M, 1e5)
    comparison = compare_runs([run_without(base, "P00002"), run_without(base, "P00005")], moved_within_m=wide)
    (moved,) = comparison.pair(0, 1).sites.moved
    assert (moved.first.id, moved.second.id) == ("P00005", "P00002")
    places = base.geography.sites.set_index("id").geometry.to_crs("EPSG:32650")
    assert moved.distance_m == pytest.approx(places["P00005"].distance(places["P00002"]))
    assert comparison.in_all == tuple(one for one in base.instance.sites.id if one not in {"P00002", "P00005"})


def test_a_site_of_another_type_is_in_both_and_changed(base):
    options = base.instance.options
    other = np.where(options.site == 3, 1 - options.type, options.type)
    instance = dataclasses.replace(base.instance, options=dataclasses.replace(options, type=other))
    (changed,) = compare_runs([base, dataclasses.replace(base, instance=instance)]).pair(0, 1).sites.changed
    assert (changed.first.id, changed.first.type, changed.second.type) == ("P00003", "smart", "staffed")


def test_runs_of_two_cities_are_compared_by_rates_and_shares_only(base):
    comparison = compare_runs([base, other_city()], names=["here", "there"])
    pair = comparison.pair(0, 1)
    assert kinds(pair) == ["city"]
    assert pair.obstacles[0].reason.en.startswith("here plans Tianjin, there plans Elsewhere")
    assert pair.sites is pair.verdict is pair.walks is comparison.in_all is None
    compared = {one.part for one in comparison.figures if math.isfinite(comparison.difference(one, 0, 1))}
    assert compared == {Part.RATES, Part.SHARES}
    assert all(math.isnan(comparison.target_difference(row, 0, 1)) for row in comparison.targets)


def test_another_part_of_the_city_is_another_area(base):
    part = make_run(n_cells=18)
    for runs in ([base, part], [part, base]):
        pair = compare_runs(runs).pair(0, 1)
        assert "area" in kinds(pair)
        assert pair.sites is None


def test_candidates_built_anew_are_not_matched_by_their_ids(base):
    pair = compare_runs([base, make_run(seed=2)]).pair(0, 1)
    assert "sites" in kinds(pair)
    assert pair.sites is None
    assert "15 of 15 common site ids" in next(one.reason.en for one in pair.obstacles if one.kind == "sites")


def test_other_materials_leave_counts_and_coverage_to_compare(base):
    ids = dataclasses.replace(base.instance.materials, id=np.array(["paper", "metal"]))
    other = dataclasses.replace(base, instance=dataclasses.replace(base.instance, materials=ids))
    comparison = compare_runs([base, other])
    assert kinds(comparison.pair(0, 1))[0] == "materials"
    assert math.isnan(comparison.difference(figure_of(comparison, "cost", "cost_cny"), 0, 1))
    assert math.isnan(comparison.difference(figure_of(comparison, "tonnes", "collected"), 0, 1))
    assert comparison.difference(figure_of(comparison, "service", "within_500_m_share"), 0, 1) == 0.0
    assert comparison.pair(0, 1).sites is not None


def changed_targets(run, **changes):
    instance = run.instance
    targets = tuple(dataclasses.replace(target, **changes) for target in instance.targets)
    outcomes = tuple(
        dataclasses.replace(outcome, target=target)
        for outcome, target in zip(run.verification.targets, targets, strict=True)
    )
    verified = dataclasses.replace(run.verification, targets=outcomes)
    return dataclasses.replace(run, instance=dataclasses.replace(instance, targets=targets), verification=verified)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda run: changed_targets(run, penalty_cny=5.0), "strength"),
        (lambda run: dataclasses.replace(run, versions={"siting": "0.0.1"}), "version"),
        (lambda run: dataclasses.replace(run, instance=dataclasses.replace(run.instance, year=2030)), "year"),
        (
            lambda run: dataclasses.replace(run, verification=dataclasses.replace(run.verification, faults=("a", "b"))),
            "faults",
        ),
    ],
)
def test_what_forbids_a_verdict_leaves_the_figures(base, change, kind):
    comparison = compare_runs([base, change(base)])
    pair = comparison.pair(0, 1)
    assert kinds(pair) == [kind]
    assert pair.verdict is None
    assert comparison.difference(figure_of(comparison, "cost", "cost_cny"), 0, 1) == 0.0
    assert pair.sites is not None


def test_other_prices_are_said_and_listed(base):
    money = make_config().money.model_copy(update={"discount_rate": 0.08})
    comparison = compare_runs([base, with_config(base, money=money)])
    assert [(one.path, one.values) for one in comparison.settings] == [("money.discount_rate", ("0.05", "0.08"))]
    assert kinds(comparison.pair(0, 1)) == ["settings"]
    assert comparison.pair(0, 1).verdict.outcome is not Outcome.SAME_PROBLEM


def test_targets_that_ask_otherwise_share_a_row_and_others_do_not(base):
    stricter = changed_targets(base, value=0.7)
    comparison = compare_runs([base, stricter])
    assert len(comparison.targets) == 6
    assert [asked_text(comparison.targets[1], number).en for number in (0, 1)] == ["≥ 50 %", "≥ 70 %"]
    apart = compare_runs([base, changed_targets(base, within_m=800.0)])
    assert len(apart.targets) == 12
    assert apart.targets[0].reached[1] is None


def face(cost, bound, name="a"):
    title = Label(en="", zh="")
    return RunFace(name, title, title, 2027, "1", "optimal", cost, bound, 0.0, 0.0, 0.0, ())


@pytest.mark.parametrize(
    ("first", "second", "outcome", "least", "most"),
    [
        ((100.0, 95.0), (120.0, 110.0), Outcome.FIRST_CHEAPER, 10.0, 25.0),
        ((120.0, 110.0), (100.0, 95.0), Outcome.SECOND_CHEAPER, -25.0, -10.0),
        ((100.0, 95.0), (104.0, 99.0), Outcome.OPEN, -1.0, 9.0),
        ((100.0, 90.0), (110.0, 100.0), Outcome.OPEN, 0.0, 20.0),
        ((100.0, 100.0), (100.0, 100.0), Outcome.EQUAL, 0.0, 0.0),
        ((100.0, -math.inf), (120.0, 110.0), Outcome.FIRST_CHEAPER, 10.0, math.inf),
        ((100.0, 90.0), (120.0, -math.inf), Outcome.UNPROVEN, -math.inf, 30.0),
    ],
)
def test_intervals_that_do_not_overlap_settle_the_order(first, second, outcome, least, most):
    verdict = judge_costs(face(*first), face(*second, "b"), is_same_problem=False)
    assert (verdict.outcome, verdict.least_cny, verdict.most_cny) == (outcome, least, most)


def test_the_verdict_is_said_in_both_languages():
    a, b = face(100e6, 95e6), face(120e6, 110e6, "b")
    told = judge_costs(a, b, is_same_problem=False).sentence
    assert (
        told.en
        == "a is cheaper than b whatever better plans are found, by 10 million CNY a year to 25 million CNY a year."
    )
    assert told.zh == "无论今后找到多好的方案，a 的成本都低于 b，差额在1,000万元/年至2,500万元/年之间。"
    told = judge_costs(b, a, is_same_problem=False).sentence
    assert told.en.startswith("a is cheaper than b")
    near = face(104e6, 99e6, "b")
    assert "within what the solves leave open" in judge_costs(a, near, is_same_problem=False).sentence.en


def test_two_solves_of_one_problem_share_the_higher_bound():
    a, b = face(100e6, 90e6), face(103e6, 98e6, "b")
    verdict = judge_costs(a, b, is_same_problem=True)
    assert verdict.outcome is Outcome.SAME_PROBLEM
    told = str(verdict)
    assert told == (
        "a and b solve the same problem: the plan of a is the better one, by 3 million CNY a year; "
        "no plan saves more than another 2 million CNY a year."
    )


costs = st.floats(1.0, 1e9)


@given(costs, costs, st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_settled_order_holds_for_every_pair_of_optima_between_bound_and_cost(cost_a, cost_b, gap_a, gap_b):
    a, b = face(cost_a, cost_a * (1 - gap_a)), face(cost_b, cost_b * (1 - gap_b))
    verdict = judge_costs(a, b, is_same_problem=False)
    ends = [y - x for x in (a.bound_cny, a.cost_cny) for y in (b.bound_cny, b.cost_cny)]
    assert verdict.least_cny == min(ends)
    assert verdict.most_cny == max(ends)
    if verdict.outcome is Outcome.FIRST_CHEAPER:
        assert min(ends) > 0
    if verdict.outcome is Outcome.OPEN:
        assert min(ends) <= 1e-6 * max(cost_a, cost_b)
        assert max(ends) >= -1e-6 * max(cost_a, cost_b)


NOBODY = Label(en="", zh="")


def sites_at(prefix, places):
    alike = {"name": "", "type": "t", "type_label": NOBODY, "size": "s", "district": NOBODY}
    figures = dict.fromkeys(("lon", "lat", "capacity_t", "throughput_t"), 0.0)
    return [
        OpenSite(row=n, id=f"{prefix}{one}", echelon=Echelon(one % 2), **alike, **figures)
        for n, one in enumerate(places)
    ]


@settings(deadline=None)
@given(st.sets(st.integers(0, 60), max_size=25), st.sets(st.integers(0, 60), max_size=25), st.floats(0, 40))
def test_sites_are_parted_and_moves_are_one_to_one(here, there, within):
    first, second = sites_at("x", sorted(here)), sites_at("x", sorted(there))
    xy = [np.array([[7.0 * (one % 13), one / 3] for one in sorted(ids)]).reshape(-1, 2) for ids in (here, there)]
    found = compare_sites(
        first, second, xy_m=(xy[0], xy[1] + 0.01), moved_within_m=dict.fromkeys(MOVE_WITHIN_M, within)
    )
    of_first = [pair.first.id for pair in (*found.both, *found.moved)] + [site.id for site in found.only_first]
    of_second = [pair.second.id for pair in (*found.both, *found.moved)] + [site.id for site in found.only_second]
    assert sorted(of_first) == sorted(site.id for site in first)
    assert sorted(of_second) == sorted(site.id for site in second)
    for pair in found.moved:
        assert pair.first.echelon is pair.second.echelon
        assert pair.first.id != pair.second.id
        assert pair.distance_m <= within + 1e-9
    place = {site.id: xy[0][site.row] for site in first}
    for site in found.only_first:
        for other in found.only_second:
            far = np.hypot(*(place[site.id] - xy[1][other.row] - 0.01))
            assert far > max(within, 1.0) - 1e-9 or site.echelon is not other.echelon, (
                "nothing is left over that could be matched"
            )


def test_one_place_under_two_ids_is_one_site():
    here, there = sites_at("x", [2]), sites_at("y", [2])
    spot = np.array([[5.0, 5.0]])
    found = compare_sites(here, there, xy_m=(spot, spot + 0.5), moved_within_m=MOVE_WITHIN_M)
    assert (len(found.both), found.moved, found.only_first, found.only_second) == (1, (), (), ())
    found = compare_sites(here, there, xy_m=(spot, spot + 2.0), moved_within_m=MOVE_WITHIN_M)
    assert (found.both, len(found.moved)) == ((), 1)


def test_the_nearest_pair_is_matched_first():
    a, b = np.array([[0.0, 0.0], [10.0, 0.0]]), np.array([[9.0, 0.0], [-30.0, 0.0]])
    assert nearest_pairs(a, b, 50.0) == [(1, 0), (0, 1)]
    assert nearest_pairs(a, b, 5.0) == [(1, 0)]
    assert nearest_pairs(a[:0], b, 5.0) == []


@pytest.mark.parametrize(
    ("difference", "better", "judged"),
    [
        (2.0, Better.MORE, Judged.BETTER),
        (2.0, Better.LESS, Judged.WORSE),
        (-2.0, Better.NEITHER, Judged.OTHER),
        (1e-12, Better.LESS, Judged.SAME),
        (math.nan, Better.LESS, Judged.NOT_COMPARED),
    ],
)
def test_a_difference_is_judged_by_the_sense_of_its_row(difference, better, judged):
    assert judge_difference(difference, better) is judged


def test_a_row_has_one_unit_and_differences_of_shares_are_points(base, fewer):
    comparison = compare_runs([base, fewer])
    cost = read_figure(comparison, figure_of(comparison, "cost", "cost_cny"))
    assert cost.changes[0].text.en.startswith(
        "▼ −" if fewer.verification.cost_cny < base.verification.cost_cny else "▲ +"
    )
    assert cost.changes[0].text.zh[:2] == cost.changes[0].text.en[:2]
    walk = read_figure(comparison, figure_of(comparison, "service", "mean_walk_m"))
    assert (walk.unit.en, walk.changes[0].judged) == ("m", Judged.WORSE)
    share = figure_of(comparison, "service", "within_500_m_share")
    change = read_figure(comparison, share).changes[0]
    assert change.percent == ""
    assert change.text.en == "=" or change.text.en.endswith("points")


def test_three_runs_are_compared_two_by_two(base, fewer):
    comparison = compare_runs([base, fewer, base], names=["a", "b", "a"])
    assert [face.name for face in comparison.runs] == ["a", "b", "a (2)"]
    assert [(pair.first, pair.second) for pair in comparison.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert len(comparison.in_all) == 13
    assert distinct_names(["x", "x", "x"]) == ("x", "x (2)", "x (3)")
    with pytest.raises(ValueError, match="at least two"):
        compare_runs([base])


def test_the_summary_holds_what_the_comparison_says(base, fewer):
    summary = comparison_summary(compare_runs([base, fewer], names=["a", "b"]))
    assert [run["name"] for run in summary["runs"]] == ["a", "b"]
    cost = next(one for one in summary["figures"] if one["key"] == "cost_cny")
    assert cost["differences"][1] == cost["values"][1] - cost["values"][0]
    sites = summary["pairs"][0]["sites"]
    assert [one["id"] for one in sites["only_first"]] == ["P00002", "P00005"]
    assert summary["pairs"][0]["verdict"]["sentence"]["zh"]
    blocked = comparison_summary(compare_runs([base, other_city()]))
    assert blocked["pairs"][0]["sites"] is blocked["pairs"][0]["verdict"] is None
    assert next(one for one in blocked["figures"] if one["key"] == "cost_cny")["differences"] == [0.0, None]
