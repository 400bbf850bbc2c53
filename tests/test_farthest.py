"""How much goes to the farthest of the places considered: against a loop over tails, and what a run says of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.config import load_config
from siting.plan import farthest_shares
from siting.problem import Problem
from siting.solve.solve import solve
from siting.vocabulary import LINK_CLASSES
from tests.small_city import small_config, write_small_city
from tests.tiny import tiny_instance


def nearest_only(links, most):
    """The `most` shortest links of each tail and class; one less for the first tail, as where the cut-off is near."""
    kept = []
    for tail, kind in {(int(tail), int(kind)) for tail, kind in zip(links.tail, links.link_class, strict=True)}:
        own = np.flatnonzero((links.tail == tail) & (links.link_class == kind))
        kept += sorted(own, key=lambda k: links.distance_m[k])[: most - (tail == min(links.tail) and most > 1)]
    return np.array(sorted(kept))


def narrowed(links, most):
    kept = nearest_only(links, most)
    return dataclasses.replace(links, **{f.name: getattr(links, f.name)[kept] for f in dataclasses.fields(links)})


def share_by_loop(links, moved, kind):
    own = np.flatnonzero(links.link_class == kind)
    many = {int(tail): int((links.tail[own] == tail).sum()) for tail in links.tail[own]}
    most = max(many.values())
    if most == len(set(links.head[own])):
        return 0.0
    last = [max(own[links.tail[own] == tail], key=lambda k: links.distance_m[k]) for tail in many if many[tail] == most]
    return moved[last].sum() / moved[own].sum()


@pytest.mark.parametrize("most", [1, 2, 9])
def test_the_share_is_that_of_a_loop_over_tails(most):
    rng = np.random.default_rng(most)
    instance = tiny_instance(3, n_cells=4, n_points=4, n_transfers=3, n_centres=4, n_generators=3)
    instance = dataclasses.replace(
        instance, haul=narrowed(instance.haul, most), direct=narrowed(instance.direct, most), targets=()
    )
    plan = solve(instance, engine="exact", time_limit_s=20).plan
    plan = dataclasses.replace(
        plan,
        haul_t=rng.random((len(instance.haul.tail), instance.n_materials)),
        direct_t=rng.random((len(instance.direct.tail), instance.n_materials)),
    )
    found = farthest_shares(instance, plan)
    parts = ((instance.direct, plan.direct_t.sum(axis=1)), (instance.haul, plan.haul_t.sum(axis=1)))
    for links, moved in parts:
        for kind in np.unique(links.link_class):
            assert found[LINK_CLASSES[kind]] == pytest.approx(share_by_loop(links, moved, kind))
    assert (max(found.values()) > 0) == (most < 9)


def test_a_run_names_the_key_to_raise_only_where_choices_are_narrow(tmp_path):
    said = {}
    for most in (1, 50):
        config = small_config()
        config["travel"]["centres_per_generator"] = most
        loaded = load_config(write_small_city(tmp_path / str(most), config=config))
        log = Problem(loaded).solve().record.log
        said[most] = [line for line in log.splitlines() if "farthest of the" in line]
    assert any("farthest of the 1 considered" in line and "travel.centres_per_generator" in line for line in said[1])
    assert not any("centres_per_generator" in line for line in said[50])
