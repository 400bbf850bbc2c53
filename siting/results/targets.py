"""Targets: what each counts, asks and reaches, as one row, which every output reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from siting.config.schema import Config
from siting.instance import Bools, Instance, Target, Texts
from siting.language import Label, text
from siting.results.record import RunRecord
from siting.results.units import body_of_target, district_of_unit, unit_label
from siting.verify.result import TargetResult
from siting.vocabulary import OF_ARISING, Echelon, Measure

SHARE_DECIMALS = 4
DECIMALS = {"t/yr": 1, "t CO2e/yr": 1, "m a served resident": 1, "Gini coefficient": 4}
"""Digits after the point in scorecard.csv, by unit: shares have `SHARE_DECIMALS`, others none."""
SCORECARD = (
    "id", "unit", "measure", "echelon", "types", "within_m", "materials", "sense", "asked", "planned_margin",
    "reached", "margin", "measured_in", "holds", "strength", "penalty_cny", "year", "source", "responsible",
)  # fmt: skip
MISSED_LEAST = 1e-9


@dataclass(frozen=True)
class TargetRow:
    """A target and what a plan reaches of it in one period.

    Attributes
    ----------
    period, case
        Name of the planning year or case of demand; empty where the run has one. `case` is empty for years too.
    id, unit, unit_label
        Id of the target; responsibility unit as the config and as readers name it.
    district, district_code
        Row and code of the district that the unit is; −1 and empty for the city and other units.
    measure, label, measured_in
        What is counted, for programs and for readers, and the unit of `asked`, `reached` and `margin`.
    echelon, types, materials, within_m
        What narrows it; `types` and `materials` are joined by commas, empty where all are counted.
    is_at_least
        Whether `asked` is a minimum, else a maximum.
    asked, planned_margin, reached, margin
        The value asked, what is planned beyond it, what is reached, and by how much that is beyond what is asked:
        negative where the target is missed. Shares are in [0, 1].
    holds, is_hard
        Whether it is reached, and whether it must be.
    penalty_cny
        CNY a year for each unit missed; None for a hard target.
    year, due
        Year that the target is set for (0: every year), and that by which the plan has to reach it.
    source, responsible, body
        Source; who answers for it as the config says, and for readers.
    is_overall
        Whether all demand nodes and all facility types count.
    """

    period: str
    case: str
    id: str
    unit: str
    unit_label: Label
    district: int
    district_code: str
    measure: Measure
    label: Label
    measured_in: str
    echelon: Echelon | None
    types: str
    materials: str
    within_m: float | None
    is_at_least: bool
    asked: float
    planned_margin: float
    reached: float
    margin: float
    holds: bool
    is_hard: bool
    penalty_cny: float | None
    year: int
    due: int
    source: str
    responsible: str
    body: Label
    is_overall: bool

    @property
    def missing(self) -> float:
        """Amount by which the target is missed; 0 where it holds."""
        return 0.0 if self.holds else max(0.0, -self.margin)

    @property
    def tightness(self) -> tuple[bool, float]:
        """Sort key: missed targets first, then by margin relative to the required value."""
        return self.holds, self.margin / max(abs(self.asked), MISSED_LEAST)

    @property
    def counted(self) -> tuple[object, ...]:
        """Key of the quantity counted, its unit and its year, without the value asked."""
        kinds = self.types, self.materials, self.is_at_least, self.year
        return (self.unit, self.measure, self.echelon, self.within_m, *kinds)


def target_rows(run: RunRecord, *, period: str = "", case: str = "") -> tuple[TargetRow, ...]:
    """Return the targets of a run of one period, in the order of the instance."""
    return tuple(_row(run, outcome, period=period, case=case) for outcome in run.verification.targets)


def _row(run: RunRecord, outcome: TargetResult, *, period: str, case: str) -> TargetRow:
    target, instance = outcome.target, run.instance
    district = district_of_unit(run, target.unit)
    return TargetRow(
        period=period,
        case=case,
        id=target.id,
        unit=target.unit,
        unit_label=unit_label(run, target.unit),
        district=district,
        district_code=str(instance.districts[district]) if district >= 0 else "",
        measure=target.measure,
        label=target_label(run.config, instance, target),
        measured_in=target.measure.unit,
        echelon=target.echelon,
        types=_counted_types(instance, target),
        materials="" if target.counts_material.all() else ", ".join(instance.materials.id[target.counts_material]),
        within_m=target.within_m,
        is_at_least=target.is_at_least,
        asked=target.value,
        planned_margin=target.margin,
        reached=outcome.reached,
        margin=outcome.margin,
        holds=bool(outcome.holds),
        is_hard=target.is_hard,
        penalty_cny=target.penalty_cny,
        year=target.year,
        due=target.year or instance.year,
        source=target.source,
        responsible=target.responsible,
        body=body_of_target(run, target),
        is_overall=bool(target.in_unit_demand.all() and target.counts_type.all()),
    )


def standing(targets: Sequence[TargetRow] | Sequence[TargetResult]) -> Label:
    """Return a sentence with the numbers of targets that hold and are missed, hard and soft."""
    missed = [one.is_hard for one in targets if not one.holds]
    if not targets:
        return text("results.targets.none_set")
    if not missed:
        return text("results.targets.all_hold", n=len(targets))
    key = f"{'hard' if any(missed) else 'soft'}_missed{'_one' if len(missed) == 1 else ''}"
    held = len(targets) - len(missed)
    return text(f"results.targets.{key}", held=held, n=len(targets), missed=len(missed), hard=sum(missed))


def tightest_first(rows: Iterable[TargetRow]) -> list[TargetRow]:
    """Sort targets: missed ones first, then by margin relative to the required value."""
    return sorted(rows, key=lambda row: row.tightness)


def target_label(config: Config, instance: Instance, target: Target) -> Label:
    """Return a description of a target, for readers."""
    type_id, material_id = _only_type(instance, target), _only_material(instance, target)
    facilities = _facilities_label(config, target, type_id)
    material = config.materials[material_id].label if material_id in config.materials else text("results.recyclables")
    return _filled(
        target.measure.record.phrase,
        facilities=facilities,
        material=material,
        within=Label(*[f"{target.within_m or 0:,.0f}"] * 2),
        of_distance=Label("", "")
        if target.within_m is None
        else Label(f" within {target.within_m:,.0f} m", f"{target.within_m:,.0f} 米内"),
        fleet=text("results.mobile_stops") if type_id is None and target.echelon is None else facilities,
        of_type=Label("", "") if type_id is None else text("results.of_type", type=facilities),
    )


def _filled(phrase: Label, **values: Label) -> Label:
    return Label(
        phrase.en.format(**{name: value.en for name, value in values.items()}),
        phrase.zh.format(**{name: value.zh for name, value in values.items()}),
    )


def _facilities_label(config: Config, target: Target, type_id: str | None) -> Label:
    for _, name, facility_type in config.facilities.by_echelon():
        if name == type_id:
            return facility_type.label
    return target.echelon.label if target.echelon is not None else text("results.facilities")


def _only_type(instance: Instance, target: Target) -> str | None:
    """Return the one facility type that a target counts; None where it counts all of its echelon."""
    if target.echelon is None:
        return _only(instance.facility_types, target.counts_type)
    of_echelon = instance.type_echelon == target.echelon
    return None if target.counts_type[of_echelon].all() else _only(instance.facility_types, target.counts_type)


def _only_material(instance: Instance, target: Target) -> str | None:
    """Return the one material that a target counts; a share of what arises names it also where there is no other."""
    names = instance.materials.id
    if target.measure in OF_ARISING and len(names) == 1:
        return str(names[0])
    return _only(names, target.counts_material)


def _only(names: Texts, counts: Bools) -> str | None:
    """Return the one name that counts; None where several do or all."""
    return str(names[counts.argmax()]) if counts.sum() == 1 and len(names) > 1 else None


def _counted_types(instance: Instance, target: Target) -> str:
    """Return the facility types that a target counts, joined by commas; empty where it counts all of its echelon."""
    of_echelon = instance.type_echelon == target.echelon if target.echelon is not None else slice(None)
    if target.counts_type[of_echelon].all():
        return ""
    return ", ".join(instance.facility_types[target.counts_type])


def target_table(rows: Sequence[TargetRow]) -> pd.DataFrame:
    """Return targets as a table, one row each: `period`, the columns of scorecard.csv, `label_en` and `label_zh`."""
    return pd.DataFrame([_columns(row) for row in rows], columns=["period", *SCORECARD, "label_en", "label_zh"])


def _columns(row: TargetRow) -> dict[str, object]:
    as_they_are = ("period", *(name for name in SCORECARD if name in TargetRow.__dataclass_fields__))
    return {name: getattr(row, name) for name in as_they_are} | {
        "measure": str(row.measure),
        "echelon": None if row.echelon is None else row.echelon.key,
        "sense": "at_least" if row.is_at_least else "at_most",
        "strength": "hard" if row.is_hard else "soft",
        "label_en": row.label.en,
        "label_zh": row.label.zh,
    }


def scorecard_table(targets: pd.DataFrame) -> pd.DataFrame:
    """Return `period` and the columns of scorecard.csv, with numbers rounded by their unit."""
    is_share = targets["measured_in"].str.startswith("share")
    digits = targets["measured_in"].map(DECIMALS).fillna(0).where(~is_share, SHARE_DECIMALS).astype(int)
    rounded = {
        name: [round(value, places) for value, places in zip(targets[name], digits, strict=True)]
        for name in ("asked", "planned_margin", "reached", "margin")
    }
    return targets.assign(**rounded)[["period", *SCORECARD]]
