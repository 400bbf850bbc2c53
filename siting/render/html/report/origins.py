"""Where the data come from, which of them are made up, and under what licence they may be shown."""

from __future__ import annotations

import re

from siting.language import Label
from siting.render.html.report.parts import Cell, Column, Piece, Section, Sentence, Table, cells, listed, same
from siting.results.record import RunRecord

TABLE_LABELS = {
    "districts": Label(en="districts", zh="行政区"),
    "demand": Label(en="residents and demand", zh="居民与需求"),
    "generators": Label(en="commercial and industrial generators", zh="工商业产生源"),
    "candidates": Label(en="candidate sites", zh="候选场址"),
    "existing": Label(en="existing facilities", zh="现有设施"),
    "road_nodes": Label(en="road junctions", zh="道路节点"),
    "road_edges": Label(en="roads", zh="道路"),
    "places": Label(en="places", zh="地名"),
    "water": Label(en="water", zh="水系"),
    "buildings": Label(en="buildings", zh="建筑"),
}
NATURES = {
    "real": Cell(Label(en="real", zh="真实"), "holds"),
    "derived": Cell(Label(en="derived", zh="推算")),
    "synthetic": Cell(Label(en="synthetic", zh="合成"), "missed"),
}


def origin_section(run: RunRecord) -> Section:
    """Data by table, credits, what is synthetic, the versions that made the run."""
    warning = synthetic_warning(run)
    pieces: list[Piece] = [] if warning is None else [Sentence(warning, "caution")]
    pieces += [_tables(run)] if run.geography.notes else []
    pieces += [_credits(run), Sentence(_made_with(run), "note")]
    return Section("data", Label(en="Data, origins and licences", zh="数据来源与许可"), tuple(pieces))


def synthetic_warning(run: RunRecord) -> Label | None:
    """Which tables are made up; None where none is."""
    made_up = [_parts(note)[0] for note in run.geography.notes if _parts(note)[1] == "synthetic"]
    if not made_up:
        return None
    names = listed(TABLE_LABELS.get(name, same(name)) for name in made_up)
    return Label(
        en=f"Synthetic data: {names.en} are made up or their use is. The plan shows what such a network costs and where"
        " it would lie; before anything is built, each site, its land and its owner must be looked at.",
        zh=f"合成数据：{names.zh}为合成数据或其用途为虚拟设定。本方案说明网络的成本与布局，"
        "任何场址在建设前均须核实现场、用地与权属。",
    )


def _parts(note: str) -> tuple[str, str, str]:
    """Table, nature and method of a note; the whole note as the method where it is not of that form."""
    found = re.match(r"(\w+): (real|derived|synthetic)\. ?(.*)", note, re.DOTALL)
    return (found[1], found[2], found[3]) if found else ("", "", note)


def _tables(run: RunRecord) -> Table:
    rows = []
    for note in run.geography.notes:
        table, nature, method = _parts(note)
        rows.append(cells([TABLE_LABELS.get(table, same(table)), NATURES.get(nature, Cell(same(""))), same(method)]))
    columns = (
        Column(Label(en="data", zh="数据")),
        Column(Label(en="nature", zh="性质")),
        Column(Label(en="how it was made", zh="生成方法"), is_long=True),
    )
    return Table(Label(en="What is real, derived or synthetic", zh="数据性质说明"), columns, tuple(rows), is_wide=True)


def _credits(run: RunRecord) -> Table:
    rows = tuple(cells([same(one)]) for one in run.geography.attributions)
    return Table(
        Label(en="Sources and licences", zh="来源与许可"),
        (Column(Label(en="credit", zh="署名"), is_long=True),),
        rows,
        is_wide=True,
    )


def _made_with(run: RunRecord) -> Label:
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    return Label(
        en=f"Made with {versions}. inputs.json has the SHA-256 of each of the {len(run.inputs):,} input files.",
        zh=f"软件版本：{versions}。{len(run.inputs):,}个输入文件的 SHA-256 见 inputs.json。",
    )
