"""What stands in the way of comparing two runs, and what is to be kept in mind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from siting.compare.comparison import Obstacle, Part, RunFace
from siting.compare.targets import keyed_outcomes
from siting.config.base import Label
from siting.geography import Geography
from siting.instance import Instance
from siting.outputs.mapcolumns import cell_rows
from siting.outputs.record import RunRecord

SAME_PLACE_DEG = 5e-5
"""About 5 m: places of one id that lie further apart are two places."""
SAME_SHARE = 1e-6

OF_AREA = frozenset({Part.SITES, Part.TARGETS, Part.TOTALS, Part.STREAMS, Part.MONEY, Part.WHOLE, Part.VERDICT})
OF_STREAMS = frozenset({Part.STREAMS, Part.MONEY, Part.WHOLE, Part.RATES, Part.VERDICT})


def obstacles_between(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> tuple[Obstacle, ...]:
    """What stands between two runs, the gravest first."""
    found = (
        *_area(first, second, faces),
        *_materials(first, second, faces),
        *_stages(first, second, faces),
        *_year(faces),
        *_version(faces),
        *_strength(first, second, faces),
        *_inputs(first, second, faces),
        *_faults(faces),
    )
    return tuple(sorted(found, key=lambda one: -len(one.blocks)))


def _area(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """Other cities, other parts of one, or sites of one name in two places."""
    a, b = faces
    ours, theirs = _cells(first), _cells(second)
    common = ours.index.intersection(theirs.index)
    at_one = _is_near(ours.loc[common], theirs.loc[common])
    shared = common[at_one]
    if len(shared) == 0:
        is_city = a.city != b.city
        reason = Label(
            en=f"{a.name} plans {a.city.en}, {b.name} plans {b.city.en}: they have no population cell in common."
            if is_city
            else f"{a.name} and {b.name} have no population cell in common: other areas, or another grid of cells.",
            zh=f"{a.name} 规划的是{a.city.zh}，{b.name} 规划的是{b.city.zh}：两者没有共同的人口网格。"
            if is_city
            else f"{a.name} 与 {b.name} 没有共同的人口网格：规划范围或网格不同。",
        )
        yield Obstacle("city" if is_city else "area", reason, OF_AREA)
        return
    if len(shared) < max(len(ours), len(theirs)):
        told = [float(one["residents"].drop(shared).sum()) for one in (ours, theirs)]
        yield Obstacle(
            "area",
            Label(
                en=f"The planned areas differ: {told[0]:,.0f} residents live in cells that only {a.name} has, "
                f"{told[1]:,.0f} in cells that only {b.name} has.",
                zh=f"规划范围不同：仅属 {a.name} 的网格有居民 {told[0]:,.0f} 人，"
                f"仅属 {b.name} 的网格有居民 {told[1]:,.0f} 人。",
            ),
            OF_AREA,
        )
    yield from _moved_ids(first.geography, second.geography, faces)


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


def _materials(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    ours, theirs = ([str(name) for name in run.instance.materials.id] for run in (first, second))
    if set(ours) != set(theirs):
        a, b = faces
        yield Obstacle(
            "materials",
            Label(
                en=f"Other materials: {a.name} plans {', '.join(ours)}; {b.name} plans {', '.join(theirs)}. "
                "Cost, tonnes and emissions count different things.",
                zh=f"物料不同：{a.name} 为 {'、'.join(ours)}；{b.name} 为 {'、'.join(theirs)}。成本、吨数和碳排放的口径不同。",
            ),
            OF_STREAMS,
        )


def _stages(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """One run with years or cases that the other has not: their whole costs are sums over other stages."""
    told = []
    for run in (first, second):
        stages = None if run.rollout is None else run.rollout.stages
        told.append(str(run.instance.year) if stages is None else ", ".join(str(name) for name in stages.name))
    if told[0] != told[1] and (first.rollout is not None or second.rollout is not None):
        a, b = faces
        yield Obstacle(
            "stages",
            Label(
                en=f"Other years or cases: {a.name} plans {told[0]}; {b.name} plans {told[1]}. Whole cost and bound "
                "are over other spans; the rest is told of the last year or case of each.",
                zh=f"规划年份或情景不同：{a.name} 为 {told[0]}；{b.name} 为 {told[1]}。总成本与下界的口径不同；"
                "其余数据取各自的最后一个年份或情景。",
            ),
            frozenset({Part.WHOLE, Part.VERDICT}),
        )


def _year(faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    a, b = faces
    if a.year != b.year:
        yield Obstacle(
            "year",
            Label(
                en=f"Other years: {a.name} is for {a.year}, {b.name} for {b.year}. Targets of one year are not those of "
                "the other, and nothing is concluded from the bounds.",
                zh=f"年份不同：{a.name} 为 {a.year} 年，{b.name} 为 {b.year} 年。两年目标不同，不据下界作出结论。",
            ),
            frozenset({Part.VERDICT}),
        )


def _version(faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    a, b = faces
    if a.version != b.version:
        yield Obstacle(
            "version",
            Label(
                en=f"Other versions of siting: {a.name} was made by {a.version}, {b.name} by {b.version}. The model may "
                "have changed, so nothing is concluded from the bounds; run both again to know.",
                zh=f"程序版本不同：{a.name} 由 {a.version} 生成，{b.name} 由 {b.version} 生成。模型可能已变化，"
                "不据下界作出结论；请用同一版本重新求解。",
            ),
            frozenset({Part.VERDICT}),
        )


def _strength(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """Targets that are hard in one run and soft in the other: a penalty stands in one cost only."""
    ours, theirs = keyed_outcomes(first), keyed_outcomes(second)
    n_other = sum(ours[key].target.is_hard != theirs[key].target.is_hard for key in ours.keys() & theirs.keys())
    if n_other:
        a, b = faces
        yield Obstacle(
            "strength",
            Label(
                en=f"{n_other:,} targets must hold in one of {a.name} and {b.name} and may be missed for a penalty in "
                "the other: the costs count other things, and nothing is concluded from the bounds.",
                zh=f"{a.name} 与 {b.name} 中有 {n_other:,} 项目标一为硬目标、一为可付罚项的软目标：成本口径不同，"
                "不据下界作出结论。",
            ),
            frozenset({Part.VERDICT}),
        )


def _inputs(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """Demand that differs where the cells are the same."""
    told = [(run.instance.residents, float(run.instance.demand.tonnes.sum())) for run in (first, second)]
    if any(abs(a - b) > SAME_SHARE * max(a, b) for a, b in zip(*told, strict=True)):
        a, b = faces
        yield Obstacle(
            "demand",
            Label(
                en=f"Other demand: {told[0][0]:,.0f} residents and {told[0][1]:,.0f} t/yr in {a.name}, "
                f"{told[1][0]:,.0f} and {told[1][1]:,.0f} in {b.name}.",
                zh=f"需求不同：{a.name} 居民 {told[0][0]:,.0f} 人、{told[0][1]:,.0f} 吨/年，"
                f"{b.name} 居民 {told[1][0]:,.0f} 人、{told[1][1]:,.0f} 吨/年。",
            ),
        )


def _faults(faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    for face in faces:
        if face.faults:
            yield Obstacle(
                "faults",
                Label(
                    en=f"{face.name} breaks {len(face.faults):,} rules: its figures are those of a plan that does not "
                    "hold.",
                    zh=f"{face.name} 有 {len(face.faults):,} 处校验未通过：其数据来自不成立的方案。",
                ),
                frozenset({Part.VERDICT}),
            )


def is_same_problem(first: Instance, second: Instance) -> bool:
    """Whether two instances are alike in what they hold and link; their configs say what they ask."""
    pairs = (
        (first.demand.id, second.demand.id),
        (first.demand.tonnes, second.demand.tonnes),
        (first.sites.id, second.sites.id),
        (first.options.site, second.options.site),
        (first.walks.distance_m, second.walks.distance_m),
        (first.direct.distance_m, second.direct.distance_m),
        (first.haul.distance_m, second.haul.distance_m),
    )
    return all(np.array_equal(a, b) for a, b in pairs)
