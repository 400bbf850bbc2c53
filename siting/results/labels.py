"""What the figures of a plan are called, in English and Chinese: one word for one thing in every output."""

from __future__ import annotations

from siting.config.schema import Config
from siting.language import Label
from siting.results.keyfigures import KeyFigure

COST_TERM_LABELS = {
    "investment": Label(en="investment", zh="建设投资"),
    "land": Label(en="land", zh="用地"),
    "closing": Label(en="closing", zh="关闭"),
    "fixed_operation": Label(en="fixed operation", zh="固定运行"),
    "unit_operation": Label(en="operation by the tonne", zh="变动运行"),
    "transport": Label(en="transport", zh="运输"),
    "access": Label(en="visits and pick-up", zh="流动与上门服务"),
    "residue_disposal": Label(en="disposal of residue", zh="残渣处置"),
    "product_disposal": Label(en="disposal of product", zh="产品处置"),
    "carbon": Label(en="carbon", zh="碳成本"),
    "avoided_carbon": Label(en="avoided carbon", zh="避免的碳排放"),
    "purchase": Label(en="purchase of material", zh="物料收购"),
    "sales": Label(en="sales of material", zh="物料销售"),
    "subsidy": Label(en="subsidies", zh="补贴"),
    "shortfall_penalty": Label(en="penalty for missed soft targets", zh="软目标未达成的罚项"),
}
"""By the names of `siting.plan.COST_TERMS`."""

LINK_LABELS = {
    "point_to_transfer": Label(en="point → station", zh="回收点 → 中转站"),
    "transfer_to_sorting": Label(en="station → centre", zh="中转站 → 分拣中心"),
    "generator_to_sorting": Label(en="generator → centre", zh="产生源 → 分拣中心"),
    "generator_to_transfer": Label(en="generator → station", zh="产生源 → 中转站"),
    "generator_to_base": Label(en="generator → base", zh="产生源 → 加工基地"),
    "transfer_to_base": Label(en="station → base", zh="中转站 → 加工基地"),
    "sorting_to_base": Label(en="centre → base", zh="分拣中心 → 加工基地"),
    "door_to_transfer": Label(en="door → station", zh="上门 → 中转站"),
    "base_to_base": Label(en="base → base", zh="加工基地 → 加工基地"),
}
"""By the names of `siting.instance.LINK_CLASSES`."""

STATUS_LABELS = {
    "published": Label(en="published", zh="已公布"),
    "recalled": Label(en="recalled, not looked up again", zh="凭记忆，未复核"),
    "assumption": Label(en="assumption", zh="假设"),
}
"""How far a figure of the config can be trusted: by `Parameter.status`."""

EMISSION_LABELS = {"transport": Label(en="of transport", zh="运输"), "operation": Label(en="of operation", zh="运行")}
LOADS = {"station": "中转站", "centre": "分拣中心", "base": "加工基地"}
LOAD_ENDS = {"min": "最低", "mean": "平均", "max": "最高"}
KEY_FIGURES_ZH = {
    "cost_cny_per_resident": "人均年净成本",
    "cost_cny_per_t": "每吨回收物净成本",
    "emissions_kg_co2e_per_t": "每吨回收物碳排放",
    "sites_kept": "保留设施",
    "sites_upgraded": "改造提升设施",
    "sites_closed": "关停设施",
    "sites_built": "新建设施",
    "upgrade_capex_cny": "改造提升一次性投入",
    "build_capex_cny": "新建设施一次性投入",
    "closing_cny_per_year": "关停费用（年金）",
    "mean_walk_m": "居民平均步行距离",
    "served_share": "有回收点服务的居民比例",
    "past_nearer_share": "其中：越过更近开放点者",
    "residents_per_point": "每个回收点服务居民",
    "t_per_point_day": "每个回收点日均回收量",
    "shared_share": "两网融合回收点比例",
    "mobile_stops": "流动回收停靠点",
    "fleet_vehicles": "流动回收车辆",
    "mobile_share": "流动回收占居民投放量比例",
    "door_t": "上门回收量",
    "extended_t": "按吨扩建的能力",
    "extension_capex_cny": "按吨扩建一次性投入",
    "disposed_t": "就地处置量（不再外运）",
    "base_t": "加工基地处理量",
    "point_to_point_t": "其中：产生源直运",
    "avoided_t_co2e": "再生产品避免的碳排放",
    "net_t_co2e": "净碳排放",
}


LINK_FIGURES = {"haul_km_": "平均运距", "farthest_share_": "运往所考虑的最远去向的比例"}
"""Figures of each class of link, by how their keys begin."""
KEY_UNITS = {"cost_cny_per_resident": "CNY per resident"}
"""Units for readers where they say more than those of plan.json."""


def key_figure_label(figure: KeyFigure, config: Config) -> Label:
    """What a key figure is called."""
    return Label(en=figure.label, zh=_key_figure_zh(figure.key, config) or figure.label)


def _key_figure_zh(key: str, config: Config) -> str:
    """The Chinese name of a key figure; empty where there is none."""
    if key in KEY_FIGURES_ZH:
        return KEY_FIGURES_ZH[key]
    for name, text in LOADS.items():
        if key.startswith(f"{name}_load_"):
            return f"{text}负荷率（{LOAD_ENDS[key.removeprefix(f'{name}_load_').removesuffix('_share')]}）"
    for prefix, text in LINK_FIGURES.items():
        if key.startswith(prefix):
            return f"{text}：{LINK_LABELS[key.removeprefix(prefix)].zh}"
    if key.startswith("spacing_"):
        rule = config.layout.spacing[int(key.removeprefix("spacing_").removesuffix("_m"))]
        return f"最近两处设施间距（要求 {rule.least_m:,.0f} 米）"
    if key.startswith("subsidy_cny_"):
        return f"{key.removeprefix('subsidy_cny_')} 所获补贴"
    return f"{key.removeprefix('tkm_')} 运输周转量" if key.startswith("tkm_") else ""
