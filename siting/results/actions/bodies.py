"""Who answers for what: as the targets say, else the government of the district."""

from __future__ import annotations

from siting.instance import Target
from siting.language import Label
from siting.results.actions.rows import NOTHING
from siting.results.facilitynames import district_labels
from siting.results.record import RunRecord
from siting.results.targets import district_of_unit
from siting.vocabulary import Measure

EVERY_DISTRICT = ("各区人民政府", "各区政府", "district governments")
"""How a target for each district names whoever answers for it; in the list of one district that is its own."""
OF_FACILITIES = (Measure.COUNT, Measure.CAPACITY, Measure.SHARED, Measure.INVESTMENT)


def unit_label(run: RunRecord, unit: str) -> Label:
    """A responsibility unit for readers: the city (or what is planned of it), a district, or its own name."""
    district = district_of_unit(run, unit)
    if district >= 0:
        return district_labels(run)[str(run.instance.districts[district])]
    if unit != "city":
        return Label(en=unit, zh=unit)
    if run.config.scope.districts:
        return Label(en="whole planned area", zh="规划范围")
    return Label(en=run.geography.city_name_en, zh=run.geography.city_name_zh)


def government(district: Label) -> Label:
    """The government of a district.

    >>> government(Label(en="Heping", zh="和平区")).zh
    '和平区人民政府'
    """
    return Label(en=f"government of {district.en}", zh=f"{district.zh}人民政府")


def body_of_target(run: RunRecord, target: Target) -> Label:
    """Who answers for a target; the government of the district where it names none, or all of them."""
    named = target.responsible.strip()
    district = district_of_unit(run, target.unit)
    if district >= 0 and (not named or named in EVERY_DISTRICT):
        return government(unit_label(run, target.unit))
    return Label(en=named, zh=named)


def bodies_of_facility(run: RunRecord, district_code: str, type_id: str) -> tuple[Label, Label]:
    """(who answers for a facility, who leads) by its district and type.

    A target of the district that counts facilities of this type names the first, else it is the district's government;
    such a target of the city names the second.
    """
    own, leading = NOTHING, NOTHING
    row = list(run.instance.facility_types).index(type_id)
    for target in run.whole_instance.targets:
        if target.measure not in OF_FACILITIES or not target.counts_type[row] or not _is_of_echelon(run, target, row):
            continue
        district = district_of_unit(run, target.unit)
        if district >= 0 and run.instance.districts[district] == district_code and not own.zh:
            own = body_of_target(run, target)
        elif target.unit == "city" and not leading.zh:
            leading = body_of_target(run, target)
    own = own if own.zh else government(district_labels(run)[district_code])
    return own, leading if leading.zh != own.zh else NOTHING


def _is_of_echelon(run: RunRecord, target: Target, type_row: int) -> bool:
    return target.echelon is None or run.instance.type_echelon[type_row] == target.echelon
