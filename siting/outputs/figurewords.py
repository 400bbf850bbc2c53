"""What figures are called: terms of cost, kinds of emission, classes of link, key figures and their units."""

from __future__ import annotations

import re

from siting.config.base import Label
from siting.outputs.keyfigures import KeyFigure

TERM_LABELS = {
    "investment": Label(en="building and equipment, as an annuity", zh="建设投资（年金）"),
    "land": Label(en="land, as an annuity", zh="土地费用（年金）"),
    "closing": Label(en="closing, as an annuity", zh="关停费用（年金）"),
    "fixed_operation": Label(en="fixed operation: staff, rent, upkeep", zh="固定运营费（人员、租金、维护）"),
    "unit_operation": Label(en="operation of each tonne", zh="按量运营费"),
    "transport": Label(en="transport and handling", zh="运输与装卸费"),
    "access": Label(en="access of residents", zh="居民投放服务费"),
    "residue_disposal": Label(en="disposal of residue", zh="残渣处置费"),
    "carbon": Label(en="carbon price of emissions", zh="碳排放成本"),
    "avoided_carbon": Label(en="credit for avoided emissions", zh="减排收益"),
    "purchase": Label(en="paid for material", zh="物料收购支出"),
    "sales": Label(en="sale of material", zh="物料销售收入"),
    "subsidy": Label(en="subsidies", zh="补贴收入"),
    "shortfall_penalty": Label(
        en="penalty for missed soft targets (nobody pays it)", zh="软性目标未达成的惩罚（非实际支出）"
    ),
}

EMISSION_LABELS = {
    "transport": Label(en="transport", zh="运输"),
    "operation": Label(en="electricity of facilities", zh="设施用电"),
}

LINK_LABELS = {
    "point_to_transfer": Label(en="recycling point to transfer station", zh="回收点至中转站"),
    "transfer_to_sorting": Label(en="transfer station to sorting centre", zh="中转站至分拣中心"),
    "generator_to_sorting": Label(en="generator to sorting centre", zh="产生源至分拣中心"),
    "generator_to_transfer": Label(en="generator to transfer station", zh="产生源至中转站"),
    "generator_to_base": Label(en="generator to processing base", zh="产生源至加工利用基地"),
    "transfer_to_base": Label(en="transfer station to processing base", zh="中转站至加工利用基地"),
    "sorting_to_base": Label(en="sorting centre to processing base", zh="分拣中心至加工利用基地"),
    "door_to_transfer": Label(en="door to transfer station", zh="上门回收至中转站"),
}

KEY_LABELS_ZH = {
    "cost_cny_per_resident": "人均年净成本",
    "cost_cny_per_t": "单位回收量净成本",
    "emissions_kg_co2e_per_t": "单位回收量碳排放",
    "sites_kept": "保留设施",
    "sites_upgraded": "改造提升设施",
    "sites_closed": "关停设施",
    "sites_built": "新建设施",
    "upgrade_capex_cny": "改造提升一次性投资",
    "build_capex_cny": "新建一次性投资",
    "closing_cny_per_year": "关停费用（年金）",
    "mean_walk_m": "居民平均步行距离",
    "served_share": "有回收点服务的居民比例",
    "residents_per_point": "每个回收点服务居民",
    "t_per_point_day": "每个回收点日均回收量",
    "shared_share": "两网融合回收点比例",
    "mobile_stops": "流动回收停靠点",
    "fleet_vehicles": "流动回收车辆",
    "mobile_share": "流动回收占比",
    "door_t": "上门回收量",
    "base_t": "加工利用基地处理量",
    "point_to_point_t": "其中产生源直供",
    "avoided_t_co2e": "产品替代减少的排放",
    "net_t_co2e": "净排放",
}
"""In Chinese by key; the English label is the figure's own."""
LOADED_ZH = {"station": "中转站", "centre": "分拣中心", "base": "加工利用基地"}
EXTREMES_ZH = {"min": "最低", "mean": "平均", "max": "最高"}
KEY_UNITS = {"cost_cny_per_resident": "CNY per resident"}
"""The unit for readers where it says more than that of plan.json."""


def figure_label(figure: KeyFigure) -> Label:
    """What a key figure is called."""
    return Label(en=figure.label, zh=KEY_LABELS_ZH.get(figure.key) or _made_label(figure))


def figure_unit(figure: KeyFigure) -> str:
    """The unit of a key figure, a key of `siting.outputs.units.UNITS`."""
    return KEY_UNITS.get(figure.key, figure.unit)


def _made_label(figure: KeyFigure) -> str:
    """The Chinese name of a figure that there is one of for each class of link, kind of facility, rule or district."""
    key = figure.key
    if load := re.fullmatch(r"(\w+?)_load_(min|mean|max)_share", key):
        return f"{LOADED_ZH[load[1]]}{EXTREMES_ZH[load[2]]}负荷率"
    if key.startswith("haul_km_"):
        return f"平均运距：{LINK_LABELS[key.removeprefix('haul_km_')].zh}"
    if key.startswith("spacing_"):
        return f"最近两处设施的距离（{figure.label.rpartition('asked ')[2]}以上）"
    if key.startswith("subsidy_cny_"):
        return f"补贴收入：{key.removeprefix('subsidy_cny_')}"
    if key.startswith("tkm_"):
        return f"运输周转量：{key.removeprefix('tkm_')}"
    return figure.label
