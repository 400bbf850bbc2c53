"""What the figures of a comparison are called, in English and Chinese."""

from __future__ import annotations

from siting.config.base import Label

GROUPS = {
    "cost": Label(en="Cost", zh="成本"),
    "terms": Label(en="Cost by term", zh="成本构成"),
    "service": Label(en="Service to residents", zh="居民服务"),
    "facilities": Label(en="Facilities", zh="设施"),
    "tonnes": Label(en="Tonnes", zh="物料量"),
    "haul": Label(en="Haul", zh="运输"),
    "emissions": Label(en="Emissions", zh="碳排放"),
    "years": Label(en="By year or case", zh="分年份或情景"),
}

TERMS = {
    "investment": Label(en="investment", zh="建设投资"),
    "land": Label(en="land", zh="用地"),
    "closing": Label(en="closing", zh="关闭"),
    "fixed_operation": Label(en="fixed operation", zh="固定运行"),
    "unit_operation": Label(en="operation by the tonne", zh="变动运行"),
    "transport": Label(en="transport", zh="运输"),
    "access": Label(en="visits and pick-up", zh="流动与上门服务"),
    "residue_disposal": Label(en="disposal of residue", zh="残渣处置"),
    "carbon": Label(en="carbon", zh="碳成本"),
    "avoided_carbon": Label(en="avoided carbon", zh="避免的碳排放"),
    "purchase": Label(en="purchase of material", zh="物料收购"),
    "sales": Label(en="sales of material", zh="物料销售"),
    "subsidy": Label(en="subsidies", zh="补贴"),
    "shortfall_penalty": Label(en="penalty for missed soft targets", zh="软目标未达成的罚项"),
}

COST = {
    "cost_cny": Label(en="net cost", zh="年净成本"),
    "bound_cny": Label(en="proven bound: no plan costs less", zh="已证下界：任何方案不低于此"),
    "gap": Label(en="gap between the two", zh="两者差距"),
    "paid_cny": Label(en="net cost without penalties for missed targets", zh="扣除罚项后的年净成本"),
    "shown_cny": Label(en="net cost in the year or case shown below", zh="下列年份或情景的年净成本"),
    "cost_cny_per_resident": Label(en="net cost per resident", zh="人均年净成本"),
    "cost_cny_per_t": Label(en="net cost per tonne collected", zh="每吨回收物净成本"),
}

SERVICE = {
    "residents": Label(en="residents of the planned area", zh="规划范围居民"),
    "assigned": Label(en="residents served by a point", zh="有回收点服务的居民"),
    "served_share": Label(en="share of residents served", zh="服务居民比例"),
    "mean_walk_m": Label(en="mean walk to the point", zh="平均步行距离"),
    "residents_per_point": Label(en="residents per point", zh="每个回收点服务居民"),
}

TONNES = {
    "offered": Label(en="offered", zh="产生量"),
    "collected": Label(en="collected", zh="回收量"),
    "processed": Label(en="sorted", zh="分拣量"),
}

EMISSIONS = {
    "total": Label(en="emissions", zh="碳排放"),
    "transport": Label(en="of transport", zh="其中：运输"),
    "operation": Label(en="of operation", zh="其中：运行"),
    "emissions_kg_co2e_per_t": Label(en="emissions per tonne collected", zh="每吨回收物碳排放"),
}

LINKS = {
    "total": Label(en="all haul", zh="运输周转量"),
    "point_to_transfer": Label(en="point → station", zh="回收点 → 中转站"),
    "transfer_to_sorting": Label(en="station → centre", zh="中转站 → 分拣中心"),
    "generator_to_sorting": Label(en="generator → centre", zh="产生源 → 分拣中心"),
    "generator_to_transfer": Label(en="generator → station", zh="产生源 → 中转站"),
    "generator_to_base": Label(en="generator → base", zh="产生源 → 加工基地"),
    "transfer_to_base": Label(en="station → base", zh="中转站 → 加工基地"),
    "sorting_to_base": Label(en="centre → base", zh="分拣中心 → 加工基地"),
    "door_to_transfer": Label(en="door → station", zh="上门 → 中转站"),
}


def within_label(distance: str) -> Label:
    """Coverage within a distance, m."""
    return Label(en=f"residents within {distance} m of their point", zh=f"{distance} 米内有回收点的居民")


def joined(first: Label, second: Label) -> Label:
    """Two labels as one."""
    return Label(en=f"{first.en}, {second.en}", zh=f"{first.zh}：{second.zh}")
