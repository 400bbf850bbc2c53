"""Whether two runs plan one area with one set of places: by ids and coordinates of cells and sites."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from siting.geography import Geography
from siting.language import Label
from siting.language.quantities import quantity
from siting.results.comparison.comparison import Obstacle, Part, RunFace
from siting.results.demand import cell_rows
from siting.results.record import RunRecord

SAME_PLACE_DEG = 5e-5
"""About 5 m: places of one id that lie further apart are two places."""
OF_AREA = frozenset({Part.SITES, Part.TARGETS, Part.TOTALS, Part.STREAMS, Part.MONEY, Part.WHOLE, Part.VERDICT})
"""What is in the way where the areas differ: all but rates and shares."""


def area_obstacles(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """Other cities, other parts of one, or sites of one name in two places."""
    a, b = faces
    ours, theirs = _cells(first), _cells(second)
    common = ours.index.intersection(theirs.index)
    at_one = _is_near(ours.loc[common], theirs.loc[common])
    shared = common[at_one]
    if len(shared) == 0:
        yield _nothing_in_common(a, b)
        return
    if len(shared) < max(len(ours), len(theirs)):
        told = [quantity(float(one["residents"].drop(shared).sum()), "residents") for one in (ours, theirs)]
        yield Obstacle(
            "area",
            Label(
                en=f"The planned areas differ: {told[0].en} residents live in cells that only {a.name} has, "
                f"{told[1].en} in cells that only {b.name} has.",
                zh=f"规划范围不同：仅属 {a.name} 的网格有居民 {told[0].zh}，仅属 {b.name} 的网格有居民 {told[1].zh}。",
            ),
            OF_AREA,
        )
    yield from _moved_ids(first.geography, second.geography, faces)


def _nothing_in_common(a: RunFace, b: RunFace) -> Obstacle:
    if a.city != b.city:
        reason = Label(
            en=f"{a.name} plans {a.city.en}, {b.name} plans {b.city.en}: they have no population cell in common.",
            zh=f"{a.name} 规划的是{a.city.zh}，{b.name} 规划的是{b.city.zh}：两者没有共同的人口网格。",
        )
        return Obstacle("city", reason, OF_AREA)
    reason = Label(
        en=f"{a.name} and {b.name} have no population cell in common: other areas, or another grid of cells.",
        zh=f"{a.name} 与 {b.name} 没有共同的人口网格：规划范围或网格不同。",
    )
    return Obstacle("area", reason, OF_AREA)


def _cells(run: RunRecord) -> pd.DataFrame:
    """Place and residents of each residential cell, by its id."""
    frame = run.geography.demand.iloc[cell_rows(run.instance)]
    columns = {"x": frame.geometry.x, "y": frame.geometry.y, "residents": frame["residents"]}
    return pd.DataFrame(columns).set_axis(frame["id"].astype(str))


def _is_near(ours: pd.DataFrame, theirs: pd.DataFrame) -> np.ndarray:
    far = np.maximum(np.abs(ours["x"] - theirs["x"]), np.abs(ours["y"] - theirs["y"]))
    return np.asarray(far <= SAME_PLACE_DEG)


def _moved_ids(first: Geography, second: Geography, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """Sites of one id that lie in two places, so that ids say nothing."""
    places = []
    for geography in (first, second):
        at = geography.sites.geometry
        places.append(pd.DataFrame({"x": at.x, "y": at.y}).set_axis(geography.sites["id"].astype(str)))
    common = places[0].index.intersection(places[1].index)
    n_far = int((~_is_near(places[0].loc[common], places[1].loc[common])).sum())
    if n_far:
        yield Obstacle(
            "sites",
            Label(
                en=f"{n_far:,} of {len(common):,} site ids that both have stand for other places: the candidates were "
                "built anew.",
                zh=f"双方共有的 {len(common):,} 个场址编号中有 {n_far:,} 个位置不同：候选场址已重新生成。",
            ),
            frozenset({Part.SITES}),
        )
        return
    lacks = [len(one.index.difference(other.index)) for one, other in (places, places[::-1])]
    if any(lacks):
        yield Obstacle(
            "candidates",
            Label(
                en=f"The runs choose from other candidates: {lacks[0]:,} only {faces[0].name} has, {lacks[1]:,} only "
                f"{faces[1].name}.",
                zh=f"候选场址不同：{lacks[0]:,} 个仅见于 {faces[0].name}，{lacks[1]:,} 个仅见于 {faces[1].name}。",
            ),
        )
