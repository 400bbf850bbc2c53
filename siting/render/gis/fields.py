"""What the columns of a plan's layers mean, and short names for formats that hold no more than ten letters."""

from __future__ import annotations

from collections.abc import Iterable

from siting.language import Label

LONGEST = 10
SHORT_WORDS = {
    "assigned": "asg", "capacity": "cap", "closing": "clos", "collected": "coll", "distance": "dist",
    "district": "dist", "extended": "ext", "existing": "exist", "fixed": "fix", "generator": "gen",
    "household": "hh", "investment": "inv", "operation": "op", "participation": "part", "per": "p", "point": "pt",
    "processed": "proc", "residents": "res", "share": "shr", "sorting": "sort", "throughput": "thru",
    "transfer": "tran", "utilisation": "util", "within": "w", "year": "yr",
}  # fmt: skip

MEANINGS = {
    "year": ("年份", "planning year"),
    "case": ("情景", "case of demand"),
    "code": ("区划代码", "code of the district"),
    "id": ("编号", "id of the site"),
    "name": ("名称（依托场所）", "name of the place"),
    "name_en": ("英文名", "English name"),
    "name_zh": ("中文名", "Chinese name"),
    "echelon": ("层级", "echelon: point, transfer, sorting, base"),
    "district": ("所在区", "district"),
    "district_code": ("区划代码", "code of the district"),
    "kind": ("场所类别", "kind of place"),
    "osm_class": ("来源类别", "class in the source"),
    "lon": ("经度（投影坐标时为东坐标）", "longitude, or easting where the datum is in metres"),
    "lat": ("纬度（投影坐标时为北坐标）", "latitude, or northing where the datum is in metres"),
    "type": ("设施类型", "facility type"),
    "size": ("规模", "size"),
    "capacity_t": ("能力，吨/年", "capacity, t a year"),
    "extended_t": ("其中扩建，吨/年", "of it bought by the tonne, t a year"),
    "throughput_t": ("处理量，吨/年", "throughput, t a year"),
    "disposed_t": ("就地处置，吨/年", "disposed of here, t a year"),
    "utilisation_share": ("负荷率", "throughput over capacity"),
    "residents_served": ("服务居民，人", "residents assigned"),
    "investment_cny": (
        "投资（设施层为一次性；区层为年金），元",
        "investment, CNY: once for facilities, a year for districts",
    ),
    "investment_cny_per_year": ("投资年金，元/年", "investment as an annuity, CNY a year"),
    "land_cny": ("用地年金，元/年", "land as an annuity, CNY a year"),
    "land_cny_per_year": ("用地年金，元/年", "land as an annuity, CNY a year"),
    "fixed_operation_cny": ("固定运行费，元/年", "fixed operation, CNY a year"),
    "fixed_operation_cny_per_year": ("固定运行费，元/年", "fixed operation, CNY a year"),
    "unit_operation_cny_per_year": ("变动运行费，元/年", "operation by the tonne, CNY a year"),
    "area_m2": ("用地，平方米", "land, m2"),
    "vehicles": ("占用车辆", "vehicles of a fleet"),
    "is_shared": ("是否两网融合", "at an outlet of household waste"),
    "is_existing": ("是否现有设施", "stood before the plan"),
    "action": ("措施", "keep, upgrade, close or build"),
    "closing_cny_per_year": ("关停费用年金，元/年", "closing as an annuity, CNY a year"),
    "opened": ("建成年份", "year in which it opens"),
    "closed": ("关停年份", "year by which it is closed"),
    "nature": ("数据性质", "what is real or synthetic"),
    "from": ("起点编号", "id of where it comes from"),
    "to": ("终点编号", "id of where it goes"),
    "link_class": ("环节", "class of link"),
    "material": ("物料", "material"),
    "tonnes": ("数量，吨/年", "t a year"),
    "distance_km": ("单程运距，公里", "one way along roads, km"),
    "vehicle": ("车辆", "vehicle"),
    "cny": ("运输费，元/年", "haul and handling, CNY a year"),
    "cell": ("人口网格编号", "id of the population cell"),
    "point": ("回收点编号", "id of the recycling point"),
    "share": ("分配比例", "share of the cell's residents"),
    "residents": ("居民，人", "residents"),
    "distance_m": ("步行距离，米", "walk, m"),
    "participation_share": ("参与率", "share that residents bring"),
    "assigned_residents": ("有回收点服务的居民，人", "residents with a point"),
    "mean_walk_m": ("平均步行距离，米", "mean walk, m"),
    "collected_household_t": ("居民回收量，吨/年", "collected from households, t a year"),
    "collected_generator_t": ("工商业回收量，吨/年", "collected from generators, t a year"),
    "collected_t": ("回收量，吨/年", "collected, t a year"),
    "processed_t": ("本区分拣量，吨/年", "sorted here, t a year"),
}
"""Chinese and English; columns that are made by rule are in `meaning`."""


def meaning(column: str) -> Label:
    """What a column holds, with its unit.

    >>> meaning("residents_within_500_m").en
    'residents within 500 m of their point'
    """
    if column in MEANINGS:
        zh, en = MEANINGS[column]
        return Label(en=en, zh=zh)
    first, _, rest = column.partition("_")
    if column.startswith("residents_within_"):
        metres = column.removeprefix("residents_within_").removesuffix("_m")
        return Label(en=f"residents within {metres} m of their point", zh=f"{metres} 米内有回收点的居民，人")
    words = {"open": ("设施数", "open facilities"), "capacity": ("能力，吨/年", "capacity, t a year"),
             "throughput": ("处理量，吨/年", "throughput, t a year")}  # fmt: skip
    if first in words:
        zh, en = words[first]
        of = rest.removesuffix("_t")
        return Label(en=f"{en}: {of}", zh=f"{zh}：{of}")
    return Label(en=column, zh=column)


def short_names(columns: Iterable[str]) -> dict[str, str]:
    """Names of at most ten letters, each of them once, by column.

    >>> list(short_names(["id", "residents_within_1000_m", "investment_cny", "investment_cny_per_year"]).values())
    ['id', 'res_w_1000', 'inv_cny', 'inv_cny_p']
    """
    names: dict[str, str] = {}
    for column in columns:
        words = [column] if len(column) <= LONGEST else [SHORT_WORDS.get(word, word) for word in column.split("_")]
        stem = name = "_".join(words)[:LONGEST].rstrip("_")
        number = 2
        while name in names.values():
            name = f"{stem[: LONGEST - len(str(number))]}{number}"
            number += 1
        names[column] = name
    return names
