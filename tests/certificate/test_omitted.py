"""Links that the model omits: priced as their columns would be, and bounds that hold for plans with them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import siting
from siting.certificate import certificate_faults, certified_bound, decomposition, omitted
from siting.certificate.covers import capacity_kt, inflow_kt, needed_kt
from siting.certificate.decomposition import AT_ONE_SITE, site_bound
from siting.certificate.linkprices import KINDS, priced_links
from siting.certificate.omitted import carried_over, links_that_matter, proven_bound, sound_multipliers
from siting.instance import OmittedLinks
from siting.model import build_whole
from siting.model.linear import MODEL_CNY
from siting.plan import Status
from siting.solve import every_link, links
from siting.solve.clock import Record
from siting.solve.covers import find_covers
from siting.solve.every_link import price_every_link
from siting.solve.highs import program_of, run_highs
from siting.solve.links import solve_for_all_links
from siting.solve.relink import carried_cover, on_links_of
from siting.solve.solve import solve
from siting.verify import require_valid_stages, verify_stages
from siting.vocabulary import Echelon
from tests.multipliers import assert_below, no_items, optimum, some_multipliers
from tests.parts import PARTS, STAGED, with_parts
from tests.tiny import tiny_instance

MIXTURES = [
    (),
    *((name,) for name in PARTS),
    ("rebuilding", "capacity by the tonne", "disposal", "reserve"),
    ("processing base", "dismantling", "collection tours", "margins"),
    ("booked pick-up", "collection tours", "light material", "budgets"),
    ("vehicles by zone", "idle", "shares of what arises"),
    *(("processing base", "rebuilding", "disposal", "margins", staged) for staged in STAGED),
]


def narrowed(instance, seed, share=0.5):
    """The instance with a share of its links omitted."""
    rng = np.random.default_rng(seed)
    direct, haul = (rng.random(len(links.tail)) < share for links in (instance.direct, instance.haul))
    return dataclasses.replace(
        instance,
        direct=instance.direct.only(~direct),
        haul=instance.haul.only(~haul),
        omitted_direct=OmittedLinks.of(instance.direct.only(direct)),
        omitted_haul=OmittedLinks.of(instance.haul.only(haul)),
    )


def widened(instance):
    """The instance with columns for every link."""
    masks = (np.ones(len(instance.omitted(kind)), dtype=bool) for kind in KINDS)
    return instance.with_links(*masks)


def made(seed, parts):
    return with_parts(tiny_instance(seed, n_points=4, n_transfers=3, n_centres=3), seed, *parts)


@pytest.mark.parametrize(("seed", "parts"), [(number % 3, parts) for number, parts in enumerate(MIXTURES)])
def test_the_bound_is_that_of_the_model_with_every_link(seed, parts, monkeypatch):
    monkeypatch.setattr(decomposition, "cell_items", no_items)
    instance = narrowed(made(seed, parts), seed)
    narrow, wide = build_whole(instance), build_whole(widened(instance))
    n_found = 0
    for multipliers in some_multipliers(narrow, seed):
        y = sound_multipliers(narrow, multipliers)
        expected = site_bound(wide, carried_over(narrow, wide, y))
        assert proven_bound(narrow, multipliers) == pytest.approx(expected, rel=1e-6, abs=1e-6)
        found = links_that_matter(narrow, y)
        n_found += int(found.direct.sum() + found.haul.sum())
        assert all((found.used[kind] <= getattr(found, kind)).all() for kind in KINDS)
    assert n_found > 0


@pytest.mark.parametrize("seed", range(12))
def test_what_cells_can_send_is_held_to_over_omitted_links_too(seed):
    instance = narrowed(made(seed, ()), seed, share=0.3)
    narrow, wide = build_whole(instance), build_whole(widened(instance))
    for multipliers in some_multipliers(narrow, seed):
        y = sound_multipliers(narrow, multipliers)
        expected = site_bound(wide, carried_over(narrow, wide, y))
        # a site of which the model has no haul at all is held to no cells
        assert proven_bound(narrow, multipliers) <= expected + 1e-6 * max(1.0, abs(expected))
        if is_reached(instance):
            assert proven_bound(narrow, multipliers) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def is_reached(instance):
    """Whether the model has a haul to every site that omitted hauls lead to."""
    return bool(np.isin(instance.omitted_haul.head, instance.haul.head).all())


@pytest.mark.parametrize("parts", MIXTURES)
def test_no_plan_with_any_link_beats_the_bound(parts):
    instance = narrowed(made(5, parts), 5, share=0.7)
    narrow, least = build_whole(instance), optimum(build_whole(widened(instance)))
    if least is not None:
        for multipliers in some_multipliers(narrow, 5):
            assert_below(proven_bound(narrow, multipliers), least)


@pytest.mark.parametrize("parts", MIXTURES)
def test_a_link_costs_what_its_column_would(parts):
    instance = narrowed(made(2, parts), 2)
    narrow, wide = build_whole(instance), build_whole(widened(instance))
    n_seen = 0
    for multipliers in some_multipliers(narrow, 2):
        y = sound_multipliers(narrow, multipliers)
        y[narrow.model.rows_of(*AT_ONE_SITE)] = 0.0
        reduced = wide.model.cost - wide.model.matrix.T @ carried_over(narrow, wide, y)
        for number, part in enumerate(wide.parts):
            limit = np.full((instance.n_sites, instance.n_materials), np.inf)
            for kind in KINDS:
                links, columns = priced_links(narrow, number, y, kind, limit), part.columns
                at = {
                    (int(link), int(material)): column
                    for link, material, column in zip(
                        getattr(columns, f"{kind}_link"), getattr(columns, f"{kind}_material"),
                        part.in_whole(kind), strict=True,
                    )
                }  # fmt: skip
                n_before = len(getattr(instance, kind).tail)
                flows = zip(links.link.tolist(), links.material.tolist(), links.cost.tolist(), strict=True)
                own = [(cost, at.get((n_before + link, material))) for link, material, cost in flows]
                n_seen += len([column for _, column in own if column is not None])
                for cost, column in own:
                    assert column is None or cost == pytest.approx(reduced[column], rel=1e-8, abs=1e-8)
    assert n_seen > 0


@pytest.mark.parametrize("seed", range(4))
def test_rows_are_the_same_whichever_links_have_columns(seed):
    instance = narrowed(made(seed, ("processing base", "booked pick-up")), seed)
    narrow, wide = build_whole(instance), build_whole(widened(instance))
    lengths = [
        {block.name: block.stop - block.start for block in one.model.row_families if not block.name.endswith("to_open")}
        for one in (narrow, wide)
    ]
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize("seed", range(6))
def test_a_solve_takes_the_links_that_it_needs(seed):
    instance = narrowed(dataclasses.replace(made(seed, ()), targets=()), seed, share=0.7)
    instance = with_parts(instance, seed, "everyone served") if seed % 2 else instance
    own, least = optimum(build_whole(instance)), optimum(build_whole(widened(instance)))
    if own is None:
        return
    found, solution = solve_for_all_links(instance, engine="exact", gap=0.0, time_limit_s=20)
    assert solution.bound / MODEL_CNY <= least + 1e-6 <= solution.value / MODEL_CNY + 2e-6
    assert solution.value / MODEL_CNY <= own + 1e-6
    require_valid_stages(found, verify_stages(found, solution.plans), claimed_cost_cny=solution.cost_cny)
    proven = proven_bound(build_whole(found), solution.certificate.multipliers) * MODEL_CNY
    assert min(proven, solution.value) == pytest.approx(solution.bound, rel=1e-9, abs=1e-6)
    assert certificate_faults(found, build_whole(found), solution) == []


@pytest.mark.parametrize("engine", ["exact", "city"])
@pytest.mark.parametrize("seed", [1, 4, 6, 11])
def test_links_priced_after_the_solve_are_in_its_bound(seed, engine, monkeypatch):
    instance = narrowed(dataclasses.replace(made(seed, ()), targets=()), seed, share=0.5)
    instance = with_parts(instance, seed, "everyone served")
    own, least = optimum(build_whole(instance)), optimum(build_whole(widened(instance)))
    assert own is not None and least < own - 1e-6, "some omitted link is in the best plan"
    monkeypatch.setattr(links, "MANY", 0)
    found, solution = solve_for_all_links(instance, engine=engine, gap=0.0, time_limit_s=60, work=3.0)
    assert found.n_omitted < instance.n_omitted
    assert solution.bound / MODEL_CNY <= least + 1e-6 <= solution.value / MODEL_CNY + 2e-6
    require_valid_stages(found, verify_stages(found, solution.plans), claimed_cost_cny=solution.cost_cny)
    assert solution.proven == solution.bound
    assert certificate_faults(found, build_whole(found), solution) == []


def test_a_rough_estimate_of_many_links_bounds_too(monkeypatch):
    instance = narrowed(made(4, ()), 4)
    narrow, least = build_whole(instance), optimum(build_whole(widened(instance)))
    bounds = [proven_bound(narrow, multipliers) for multipliers in some_multipliers(narrow, 4)]
    monkeypatch.setattr(omitted, "MOST_LINKS", 0)
    rough = [proven_bound(narrow, multipliers) for multipliers in some_multipliers(narrow, 4)]
    assert all(one <= other + 1e-9 * abs(other) for one, other in zip(rough, bounds, strict=True))
    assert max(rough) > min(bounds)
    for bound in rough:
        assert_below(bound, least)


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_on_other_links_is_the_same_plan(seed):
    whole = dataclasses.replace(made(seed, ("booked pick-up",)), targets=())
    instances = [narrowed(whole, [seed, n]) for n in range(2)]
    plans = solve(instances[0], engine="exact", gap=0.05, time_limit_s=20).plans
    before = verify_stages(instances[0], plans)
    ours, moved = on_links_of(instances[1], instances[0], plans)
    after = verify_stages(ours, moved)
    assert after[0].cost_cny == pytest.approx(before[0].cost_cny, rel=1e-6)
    assert after[0].faults == ()


@pytest.mark.parametrize("parts", [(), ("processing base",), ("rebuilding", "disposal"), ("cases",)])
@pytest.mark.parametrize("seed", [0, 3, 4])
def test_what_every_plan_brings_is_that_over_any_link(seed, parts):
    instance = narrowed(with_parts(made(seed, ()), seed, "everyone served", *parts), seed, share=0.4)
    narrow, wide = build_whole(instance), build_whole(widened(instance))
    covers = find_covers(narrow, Record(20), most=20)
    assert covers
    for cover in covers:
        same = carried_cover(narrow, wide, cover)
        assert needed_kt(narrow.model, cover, narrow) == pytest.approx(needed_kt(wide.model, same), rel=1e-6, abs=1e-9)
        shaken = dataclasses.replace(cover, multipliers=cover.multipliers * 1.1)
        assert (
            needed_kt(narrow.model, shaken, narrow) <= needed_kt(wide.model, carried_cover(narrow, wide, shaken)) + 1e-9
        )
        least = dataclasses.replace(wide.model, cost=inflow_kt(wide.model, same))
        answer = run_highs(program_of(least, is_linear=True), time_limit_s=20, options={})
        aside = capacity_kt(wide.model, same)[same.units == 0].sum()
        assert needed_kt(narrow.model, cover, narrow) <= answer.cost - aside + 1e-6


def test_heping_has_a_column_for_every_haul_within_the_cut_off():
    config = siting.examples.load("heping")
    assert not config.instance.omits_links
    assert len(config.instance.haul.tail) > 10 * (config.instance.sites.echelon == Echelon.POINT).sum()


@pytest.mark.parametrize("seed", [0, 4])
def test_with_covers_prices_rise_over_the_links_that_matter_too(seed):
    instance = narrowed(dataclasses.replace(made(seed, ()), targets=()), seed)
    instance = with_parts(instance, seed, "everyone served")
    how = {"engine": "city", "gap": 0.0, "threads": 1, "work": 2.0, "time_limit_s": 60}
    narrow = solve(instance, prices_links=False, **how)
    assert narrow.certificate.covers

    wider, found = price_every_link(instance, narrow, Record(60.0))

    assert len(wider.haul.tail) > len(instance.haul.tail)
    assert found.bound > narrow.bound + 1
    assert certificate_faults(wider, build_whole(wider), found) == []
    assert certified_bound(build_whole(wider), found.certificate) * MODEL_CNY == pytest.approx(found.bound)
    assert found.bound / MODEL_CNY <= optimum(build_whole(widened(instance))) + 1e-6


def test_ctrl_c_while_every_link_is_priced_is_told(monkeypatch):
    instance = narrowed(dataclasses.replace(made(1, ()), targets=()), 1)
    narrow = solve(instance, engine="city", gap=0.0, threads=1, work=1.0, time_limit_s=60, prices_links=False)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(every_link, "links_that_matter", interrupt)
    found, solution = price_every_link(instance, narrow, Record(60.0))
    assert found is instance
    assert solution.status is Status.INTERRUPTED
    assert solution.bound == narrow.bound
