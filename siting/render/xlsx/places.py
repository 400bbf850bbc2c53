"""Sheets of places: facilities by district, and what is hauled between them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from siting.language import Label
from siting.language.catalogue import texts
from siting.render.xlsx.page import (
    MONEY,
    MONEY_A_YEAR,
    STAGES,
    TONNES_A_YEAR,
    Page,
    Row,
    head,
    in_10k,
    stage_value,
)
from siting.results.actions import ACTION_LABELS
from siting.results.facilitynames import facility_names, type_labels
from siting.results.labels import LINK_LABELS
from siting.results.movements import flow_table
from siting.results.record import RunRecord
from siting.results.rollout import all_facilities, over_stages, stage_column
from siting.results.units import district_labels
from siting.results.wording import ECHELON_LABELS
from siting.vocabulary import Echelon

MOST_FLOWS = 20_000
YEARLY = (
    "investment_cny_per_year", "land_cny_per_year", "fixed_operation_cny_per_year", "unit_operation_cny_per_year",
    "closing_cny_per_year",
)  # fmt: skip


def facility_page(run: RunRecord) -> Page:
    """One row for each facility, by district, the largest echelon first; as many as facilities.csv has."""
    table = all_facilities(run)
    echelon = table["echelon"].map({one.name.lower(): -one for one in Echelon})
    table = table.assign(rank=echelon).sort_values(["district_code", "rank", "site", "option"], kind="stable")
    names, districts, types = facility_names(run, all_facilities(run)), district_labels(run), type_labels(run.config)
    extra = [name for name in table if str(name).startswith("throughput_") and name != "throughput_t"]
    rows = [
        _facility(facility, (names, districts, types), extra, number)
        for number, facility in enumerate(table.to_dict("records"), start=1)
    ]
    columns = (
        *_FACILITY_COLUMNS,
        *(head(f"{_stage(name)}处理量", f"throughput {_stage(name)}", "tenth", TONNES_A_YEAR) for name in extra),
    )
    return Page(
        name=Label(en="Facilities", zh="设施"),
        title=Label(en="Facilities by district", zh="设施一览（按区）"),
        columns=columns,
        rows=tuple(rows),
        notes=(
            Label(
                en="Coordinates: WGS-84. Annual cost: annuities of building and land, and operation of the facility.",
                zh="坐标系：WGS-84。年成本：建设投资与用地的年金及该设施运行费，不含运输。",
            ),
        ),
        frozen=4,
    )


_FACILITY_COLUMNS = (
    head("序号", "no.", "whole"),
    head("区", "district"),
    head("编号", "id"),
    head("名称（依托场所）", "name of the place"),
    head("层级", "echelon"),
    head("类型", "type"),
    head("规模", "size"),
    head("措施", "action"),
    head("建成年份", "opens in", "year"),
    head("关停年份", "closed by", "year"),
    head("场所类别", "kind of place"),
    head("经度", "longitude", "degrees", Label(en="°", zh="°")),
    head("纬度", "latitude", "degrees", Label(en="°", zh="°")),
    head("能力", "capacity", "tenth", TONNES_A_YEAR),
    head("处理量", "throughput", "tenth", TONNES_A_YEAR),
    head("负荷率", "load", "share"),
    head("服务居民", "residents served", "whole", Label(en="persons", zh="人")),
    head("用地", "land", "tenth", Label(en="m²", zh="平方米")),
    head("投资（不含土地）", "investment without land", "money", MONEY),
    head("年成本", "annual cost", "money", MONEY_A_YEAR),
)


def _stage(column: object) -> str:
    """The year or case of a column `throughput_<stage>_t`."""
    return str(column).removeprefix("throughput_").removesuffix("_t")


def _facility(one: dict[Any, Any], words: tuple[dict[str, Label], ...], extra: list[Any], number: int) -> Row:
    names, districts, types = words
    opened, closed = (None if pd.isna(one[key]) else int(one[key]) for key in ("opened", "closed"))
    kind = "" if pd.isna(one["kind"]) else kind_label(str(one["kind"]))
    return (
        number, districts[one["district_code"]], one["id"], names[one["id"]],
        ECHELON_LABELS[Echelon[one["echelon"].upper()]], types[one["type"]], one["size"], ACTION_LABELS[one["action"]],
        opened, closed, kind, one["lon"], one["lat"],
        round(one["capacity_t"], 1), round(one["throughput_t"], 1), round(one["utilisation_share"], 4),
        None if pd.isna(one["residents_served"]) else round(one["residents_served"]), one["area_m2"],
        in_10k(one["investment_cny"]), in_10k(sum(one[name] for name in YEARLY)),
        *(None if pd.isna(one[name]) else round(one[name], 1) for name in extra),
    )  # fmt: skip


def flow_page(run: RunRecord) -> Page:
    """One row for each link and material, the largest first within its class; the rest is left to flows.csv."""
    table = pd.DataFrame(over_stages(run, flow_table).drop(columns="geometry"))
    by_size = table.sort_values("tonnes", ascending=False, kind="stable")
    kept = by_size.head(MOST_FLOWS).sort_index()
    names = facility_names(run, all_facilities(run)) | _generator_names(run)
    stage = stage_column(run)
    rows = tuple(_flow(run, one, names, stage) for one in kept.to_dict("records"))
    return Page(
        name=Label(en="Flows", zh="物流"),
        title=Label(en="What is hauled from where to where", zh="物流去向"),
        columns=(
            *((STAGES[stage],) if stage else ()),
            head("环节", "link"),
            head("起点编号", "from, id"),
            head("起点", "from"),
            head("终点编号", "to, id"),
            head("终点", "to"),
            head("物料", "material"),
            head("数量", "tonnes", "tenth", TONNES_A_YEAR),
            head("运距（单程）", "distance, one way", "hundredth", Label(en="km", zh="公里")),
            head("车辆", "vehicle"),
            head("运输费", "haul and handling", "money", MONEY_A_YEAR),
        ),
        rows=rows,
        notes=_left_out(len(table) - len(kept), float(table["tonnes"].sum() - kept["tonnes"].sum())),
    )


def _left_out(n_rows: int, tonnes: float) -> tuple[Label, ...]:
    if not n_rows:
        return ()
    return (
        Label(
            en=f"The {n_rows:,} smallest flows ({tonnes:,.0f} t a year in all) are left out here; flows.csv has them.",
            zh=f"最小的 {n_rows:,} 条物流（合计 {tonnes:,.0f} 吨/年）未列入本表，见 flows.csv。",
        ),
    )


def _generator_names(run: RunRecord) -> dict[str, Label]:
    """What a demand node that gives its material directly is called: its kind."""
    demand = run.geography.demand
    kinds = zip(demand["id"], demand["kind"], strict=True)
    return {str(node): kind_label(str(kind)) for node, kind in kinds if kind != "residential"}


def _flow(run: RunRecord, one: dict[Any, Any], names: dict[str, Label], stage: str) -> Row:
    return (
        *stage_value(stage, str(one[stage]) if stage else ""),
        LINK_LABELS[one["link_class"]], one["from"], names.get(one["from"], one["from"]),
        one["to"], names.get(one["to"], one["to"]), run.config.materials[one["material"]].label,
        round(one["tonnes"], 3), round(one["distance_km"], 3), _vehicle(str(one["vehicle"])), in_10k(one["cny"]),
    )  # fmt: skip


def _vehicle(name: str) -> str:
    """The vehicle, where a config tells several apart; else it has the name of its link."""
    return "" if name in LINK_LABELS else name.replace("_", " ")


def kind_label(kind: str) -> Label:
    """Return the name of a kind of candidate or generator: as the city writes it where the catalogue has no text.

    >>> kind_label("shop").zh, kind_label("bus_depot").zh
    ('商铺', 'bus depot')
    """
    own = kind.replace("_", " ")
    return texts("places").get(f"places.kind.{kind}", Label(own, own))
