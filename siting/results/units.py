"""Responsibility units (the city, districts, others) and the bodies that answer for targets and facilities."""

from __future__ import annotations

from siting.instance import Target
from siting.language import Label, text
from siting.results.record import RunRecord
from siting.vocabulary import MEASURES, Measure

NOTHING = Label("", "")
CITY = "city"
EVERY_DISTRICT = ("各区人民政府", "各区政府", "district governments")
"""Names by which a target for each district means that district's own government."""
OF_FACILITIES = {one for one in Measure if MEASURES[one].counted == "options"} - {Measure.VEHICLES}
"""Measures of the facilities of a unit, for which its body answers."""


def district_labels(run: RunRecord) -> dict[str, Label]:
    """Return the name of each district of a run by its code; the code itself where the city has none of that code."""
    columns = (run.geography.districts[name].tolist() for name in ("code", "name_en", "name_zh"))
    known = {str(code): Label(name_en, name_zh) for code, name_en, name_zh in zip(*columns, strict=True)}
    return {code: known.get(code, Label(code, code)) for code in map(str, run.instance.districts)}


def city_label(run: RunRecord) -> Label:
    """Return the name of the city."""
    return Label(run.geography.city_name_en, run.geography.city_name_zh)


def district_of_unit(run: RunRecord, unit: str) -> int:
    """Return the row of the district that a unit is, by code or name; −1 where it is none."""
    names = run.geography.districts
    meant = {
        c for c, en, zh in zip(names["code"], names["name_en"], names["name_zh"], strict=True) if unit in (c, en, zh)
    }
    return next((row for row, code in enumerate(run.instance.districts.tolist()) if code in meant), -1)


def unit_label(run: RunRecord, unit: str) -> Label:
    """Return the name of a unit: the city (or the part that is planned), a district, or its own name."""
    district = district_of_unit(run, unit)
    if district >= 0:
        return district_labels(run)[str(run.instance.districts[district])]
    if unit != CITY:
        return Label(unit, unit)
    return text("results.planned_area") if run.config.scope.districts else city_label(run)


def government(district: Label) -> Label:
    """Return the government of a district.

    >>> government(Label(en="Heping", zh="和平区")).zh
    '和平区人民政府'
    """
    return text("results.government", district=district)


def body_of_target(run: RunRecord, target: Target) -> Label:
    """Return the body responsible for a target; if it names none, the government of its district, or all of them."""
    named = target.responsible.strip()
    district = district_of_unit(run, target.unit)
    if district >= 0 and (not named or named in EVERY_DISTRICT):
        return government(unit_label(run, target.unit))
    return Label(named, named)


def bodies_of_facility(run: RunRecord, district_code: str, type_id: str) -> tuple[Label, Label]:
    """Return the responsible body and the lead of a facility, by its district and type.

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
        elif target.unit == CITY and not leading.zh:
            leading = body_of_target(run, target)
    own = own if own.zh else government(district_labels(run)[district_code])
    return own, leading if leading.zh != own.zh else NOTHING


def _is_of_echelon(run: RunRecord, target: Target, type_row: int) -> bool:
    return target.echelon is None or run.instance.type_echelon[type_row] == target.echelon
