"""What targets count and whom they are for, in terms of a run."""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Instance, Target, Texts
from siting.language import Label
from siting.results.record import RunRecord
from siting.results.wording import target_label


def outcome_label(run: RunRecord, target: Target) -> Label:
    """What a target counts, in both languages."""
    instance = run.instance
    return target_label(
        run.config,
        target,
        type_id=_only_type(instance, target),
        material_id=_only(instance.materials.id, target.counts_material),
    )


def district_of_unit(run: RunRecord, unit: str) -> int:
    """The district that a responsibility unit is, by code or name; −1 where it is none."""
    names = run.geography.districts
    meant = {
        c for c, en, zh in zip(names["code"], names["name_en"], names["name_zh"], strict=True) if unit in (c, en, zh)
    }
    return next((row for row, code in enumerate(run.instance.districts.tolist()) if code in meant), -1)


def _only_type(instance: Instance, target: Target) -> str | None:
    """The one facility type that a target counts; None where it counts all of its echelon."""
    if target.echelon is None:
        return _only(instance.facility_types, target.counts_type)
    of_echelon = instance.type_echelon == target.echelon
    return None if target.counts_type[of_echelon].all() else _only(instance.facility_types, target.counts_type)


def _only(names: Texts, counts: Bools) -> str | None:
    """The one name that counts; None where several do or all."""
    return str(names[np.argmax(counts)]) if counts.sum() == 1 and len(names) > 1 else None
