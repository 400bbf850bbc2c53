"""What the figures of a comparison are called, in English and Chinese."""

from __future__ import annotations

from siting.language import Label

GROUPS = {
    "cost": Label(en="Cost", zh="成本"),
    "terms": Label(en="Cost by term", zh="成本构成"),
    "service": Label(en="Service to residents", zh="居民服务"),
    "facilities": Label(en="Facilities", zh="设施"),
    "tonnes": Label(en="Tonnes", zh="物料量"),
    "haul": Label(en="Haul", zh="运输"),
    "emissions": Label(en="Emissions", zh="碳排放"),
    "years": Label(en="By year or case", zh="分年份或情景"),
    "district_points": Label(en="Recycling points by district", zh="各区回收点"),
    "district_coverage": Label(en="Residents served by district", zh="各区居民服务比例"),
    "district_collected": Label(en="Collected by district", zh="各区回收量"),
}
DISTRICT_GROUPS = ("district_points", "district_coverage", "district_collected")
"""Groups with a row for each district."""

COST = {
    "cost_cny": Label(en="net cost", zh="年净成本"),
    "bound_cny": Label(en="proven bound: no plan costs less", zh="已证下界：任何方案不低于此"),
    "gap": Label(en="gap between the two", zh="两者差距"),
    "paid_cny": Label(en="net cost without penalties for missed targets", zh="扣除罚项后的年净成本"),
    "shown_cny": Label(en="net cost in the year or case shown below", zh="下列年份或情景的年净成本"),
}

SERVICE = {
    "residents": Label(en="residents of the planned area", zh="规划范围居民"),
    "assigned": Label(en="residents served by a point", zh="有回收点服务的居民"),
}

TONNES = {
    "offered": Label(en="offered", zh="产生量"),
    "collected": Label(en="collected", zh="回收量"),
    "processed": Label(en="sorted", zh="分拣量"),
}

ALL_EMISSIONS = Label(en="emissions", zh="碳排放")
ALL_HAUL = Label(en="all haul", zh="运输周转量")


def within_label(distance: str) -> Label:
    """Coverage within a distance, m."""
    return Label(en=f"residents within {distance} m of their point", zh=f"{distance} 米内有回收点的居民")


def joined(first: Label, second: Label) -> Label:
    """Two labels as one."""
    return Label(en=f"{first.en}, {second.en}", zh=f"{first.zh}：{second.zh}")
