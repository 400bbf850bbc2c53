"""What stands in the way of comparing two runs, and what is to be kept in mind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from siting.instance import Instance
from siting.language import Label
from siting.language.quantities import quantity
from siting.results.comparison.areas import OF_AREA, area_obstacles
from siting.results.comparison.comparison import Obstacle, Part, RunFace
from siting.results.comparison.settings import compare_settings
from siting.results.comparison.targets import keyed_targets
from siting.results.record import RunRecord

SAME_SHARE = 1e-6
MOST_PATHS = 3

OF_STREAMS = frozenset({Part.STREAMS, Part.MONEY, Part.WHOLE, Part.RATES, Part.VERDICT})


def obstacles_between(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> tuple[Obstacle, ...]:
    """What stands between two runs, the gravest first."""
    of_area = tuple(area_obstacles(first, second, faces))
    found = (
        *of_area,
        *_materials(first, second, faces),
        *_stages(first, second, faces),
        *_year(faces),
        *_version(faces),
        *(() if any(one.blocks == OF_AREA for one in of_area) else _same_area(first, second, faces)),
        *_faults(faces),
    )
    return tuple(sorted(found, key=lambda one: -len(one.blocks)))


def _materials(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    ours, theirs = ([str(name) for name in run.instance.materials.id] for run in (first, second))
    if set(ours) != set(theirs):
        a, b = faces
        yield Obstacle(
            "materials",
            Label(
                en=f"Other materials: {a.name} plans {', '.join(ours)}; {b.name} plans {', '.join(theirs)}. "
                "Cost, tonnes and emissions count different things.",
                zh=f"物料不同：{a.name} 为 {'、'.join(ours)}；{b.name} 为 {'、'.join(theirs)}。"
                "成本、吨数和碳排放的口径不同。",
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
                en=f"Other years: {a.name} is for {a.year}, {b.name} for {b.year}. Targets of one year are not those "
                "of the other, and nothing is concluded from the bounds.",
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
                en=f"Other versions of siting: {a.name} was made by {a.version}, {b.name} by {b.version}. The model "
                "may have changed, so nothing is concluded from the bounds; run both again to know.",
                zh=f"程序版本不同：{a.name} 由 {a.version} 生成，{b.name} 由 {b.version} 生成。模型可能已变化，"
                "不据下界作出结论；请用同一版本重新求解。",
            ),
            frozenset({Part.VERDICT}),
        )


def _same_area(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """What may differ although the two plan one area."""
    yield from _strength(first, second, faces)
    yield from _demand(first, second, faces)
    yield from _figures(first, second)


def _strength(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """Targets that are hard in one run and soft in the other: a penalty stands in one cost only."""
    ours, theirs = keyed_targets(first), keyed_targets(second)
    n_other = sum(ours[key].is_hard != theirs[key].is_hard for key in ours.keys() & theirs.keys())
    if n_other:
        a, b = faces
        yield Obstacle(
            "strength",
            Label(
                en=f"Of the targets that both have, {n_other:,} must hold in one and may be missed for a penalty in "
                "the other: the costs count other things, and nothing is concluded from the bounds.",
                zh=f"{a.name} 与 {b.name} 中有 {n_other:,} 项目标一为硬目标、一为可付罚项的软目标：成本口径不同，"
                "不据下界作出结论。",
            ),
            frozenset({Part.VERDICT}),
        )


def _demand(first: RunRecord, second: RunRecord, faces: tuple[RunFace, RunFace]) -> Iterator[Obstacle]:
    """Demand that differs where the cells are the same."""
    told = [(run.instance.residents, float(run.instance.demand.tonnes.sum())) for run in (first, second)]
    if any(abs(a - b) > SAME_SHARE * max(a, b) for a, b in zip(*told, strict=True)):
        a, b = faces
        people, tonnes = ([quantity(one[n], unit) for one in told] for n, unit in enumerate(("residents", "t/yr")))
        yield Obstacle(
            "demand",
            Label(
                en=f"Other demand: {people[0].en} residents and {tonnes[0].en} in {a.name}, {people[1].en} and "
                f"{tonnes[1].en} in {b.name}.",
                zh=f"需求不同：{a.name} 居民 {people[0].zh}、{tonnes[0].zh}，"
                f"{b.name} 居民 {people[1].zh}、{tonnes[1].zh}。",
            ),
        )


def _figures(first: RunRecord, second: RunRecord) -> Iterator[Obstacle]:
    """Figures of the configs that differ beside the targets: part of every difference comes from them."""
    differing = compare_settings([first.config, second.config])
    paths = [one.path for one in differing if one.path.split(".")[0] not in {"solve", "year", "horizon"}]
    if paths:
        listed = ", ".join(paths[:MOST_PATHS]) + (" …" if len(paths) > MOST_PATHS else "")
        yield Obstacle(
            "settings",
            Label(
                en=f"{len(paths):,} other figures of the configs differ ({listed}): part of each difference is theirs.",
                zh=f"除目标外，另有 {len(paths):,} 项配置不同（{listed}）：各项差异部分由此而来。",
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
