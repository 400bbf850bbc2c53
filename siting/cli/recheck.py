"""`siting verify`: what a run folder claims beside what its instance and plan say."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.errors import FileError, VerificationError, raise_faults
from siting.model import build_whole
from siting.model.linear import MODEL_CNY
from siting.model.sitebound import proven_bound
from siting.plan import relative_gap
from siting.results.record import RunRecord, stage_records
from siting.results.summary import plan_summary
from siting.runs.folder import read_run
from siting.verify import Verification, verify_stages, whole_cost_cny

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Line:
    """One figure as the run folder claims it and as it is recomputed, CNY a year."""

    name: str
    claimed: float
    recomputed: float

    def agrees(self, scale: float) -> bool:
        """Whether the two differ by rounding only, of figures as large as `scale`."""
        return abs(self.claimed - self.recomputed) <= TOLERANCE * max(1.0, scale)


def recheck_run(console: Console, folder: Path) -> None:
    """Recompute the plan of a run folder and the bound that its multipliers prove, and print both sides.

    Raises
    ------
    VerificationError
        If the plan breaks a rule, or a figure is not what the folder claims: all in one list.
    """
    run = read_run(folder)
    whole = run.whole_instance
    fresh = verify_stages(whole, run.solution.plans)
    records = stage_records(run)
    faults: list[str] = []
    for one, (name, record) in zip(fresh, records.items(), strict=True):
        faults += _stage_faults(console, record, one, name)
    cost_cny = whole_cost_cny(whole, fresh)
    scale = max(sum(abs(cny) for cny in one.cost_terms_cny.values()) for one in fresh)
    faults += _differing([Line("net cost of the plan", run.solution.cost_cny, cost_cny)], scale)
    rollout = None if run.rollout is None else replace(run.rollout, verifications=fresh)
    faults += _summary_faults(folder, replace(run, verification=fresh[-1], rollout=rollout))
    faults += _bound_faults(console, run)
    raise_faults(faults, VerificationError)
    outcomes = [outcome for one in fresh for outcome in one.targets]
    held = sum(outcome.holds for outcome in outcomes)
    console.print(Text(f"The plan holds: every rule, {held} of {len(outcomes)} targets.", style="green"))


def _stage_faults(console: Console, run: RunRecord, fresh: Verification, name: str) -> list[str]:
    """Print the cost of one stage as claimed and as recomputed; its faults, with the stage's name where it has one."""
    stored = run.verification
    lines = [Line(term, stored.cost_terms_cny.get(term, math.nan), cny) for term, cny in fresh.cost_terms_cny.items()]
    lines.append(Line("net cost", stored.cost_cny if name else run.solution.cost_cny, fresh.cost_cny))
    scale = sum(abs(cny) for cny in fresh.cost_terms_cny.values())
    console.print(_table(lines, scale, name))
    return [f"{name}: {fault}" if name else fault for fault in (*fresh.faults, *_differing(lines, scale))]


def _differing(lines: list[Line], scale: float) -> list[str]:
    return [
        f"{line.name}: claimed {line.claimed:,.2f} CNY/yr, recomputed {line.recomputed:,.2f} CNY/yr"
        for line in lines
        if not line.agrees(scale)
    ]


def _table(lines: list[Line], scale: float, stage: str) -> Table:
    table = Table(title=f"Cost a year, CNY{f', {stage}' if stage else ''}", title_justify="left")
    for name in ("term", "claimed", "recomputed", ""):
        table.add_column(name, justify="right" if name in ("claimed", "recomputed") else "left")
    for line in lines:
        if line.claimed or line.recomputed:
            mark = Text("agrees", style="green") if line.agrees(scale) else Text("DIFFERS", style="bold red")
            table.add_row(line.name.replace("_", " "), f"{line.claimed:,.0f}", f"{line.recomputed:,.0f}", mark)
    return table


def _summary_faults(folder: Path, run: RunRecord) -> list[str]:
    """Figures of plan.json that are not those of the recomputed plan."""
    claimed = _read_json(folder / "plan.json")
    return [
        f"plan.json: {at} says {old}, recomputed it is {new}"
        for at, old, new in _differences(claimed, plan_summary(run))
    ]


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read ({error}); run again to write it anew") from error


def _differences(claimed: Any, fresh: Any, at: str = "") -> list[tuple[str, Any, Any]]:
    """(dotted key, claimed, recomputed) wherever two trees differ by more than rounding."""
    if isinstance(claimed, dict) and isinstance(fresh, dict):
        keys = [*fresh, *(key for key in claimed if key not in fresh)]
        pairs = ((f"{at}.{key}" if at else key, claimed.get(key), fresh.get(key)) for key in keys)
        return [found for name, old, new in pairs for found in _differences(old, new, name)]
    if isinstance(claimed, list) and isinstance(fresh, list) and len(claimed) == len(fresh):
        pairs = ((f"{at}.{n}", old, new) for n, (old, new) in enumerate(zip(claimed, fresh, strict=True)))
        return [found for name, old, new in pairs for found in _differences(old, new, name)]
    if isinstance(claimed, int | float) and isinstance(fresh, int | float):
        is_same = math.isclose(claimed, fresh, rel_tol=TOLERANCE, abs_tol=1.0 if abs(fresh) >= 1000 else 1e-3)
    else:
        is_same = claimed == fresh
    return [] if is_same else [(at, claimed, fresh)]


def _bound_faults(console: Console, run: RunRecord) -> list[str]:
    """Print what the stored multipliers prove; a bound above the cost is a fault, for then one of the two is wrong.

    So is a bound of the city engine that they do not prove: it knows of no other proof.
    """
    solution = run.solution
    claimed_gap = f"{100 * solution.gap:.2f} %" if math.isfinite(solution.gap) else "not known"
    console.print(f"Bound claimed: {solution.bound_cny:,.0f} CNY/yr (gap {claimed_gap})")
    if solution.certificate is None:
        console.print("No multipliers are stored: the bound rests on the solver's word alone.")
        return []
    whole = build_whole(run.whole_instance)
    multipliers = solution.certificate.multipliers
    if multipliers.shape != (whole.model.n_rows,):
        return [f"certificate: {len(multipliers)} multipliers for a model of {whole.model.n_rows} rows"]
    proven_cny = proven_bound(whole, multipliers) * MODEL_CNY
    gap = relative_gap(solution.cost_cny, proven_cny)
    console.print(f"Bound recomputed from the stored multipliers: {proven_cny:,.0f} CNY/yr (gap {100 * gap:.2f} %)")
    allowed_cny = TOLERANCE * abs(solution.cost_cny)
    faults = []
    if solution.bound_cny > proven_cny + allowed_cny:
        if solution.engine == "city":
            faults = [f"bound: {solution.bound_cny:,.0f} CNY/yr is claimed, the multipliers prove {proven_cny:,.0f}"]
        else:
            console.print("What lies between the two was proven by the solver's branch and bound.")
    too_high = {"claimed": solution.bound_cny, "recomputed": proven_cny}
    return faults + [
        f"bound {name}: {bound:,.0f} CNY/yr is above the cost of the plan, {solution.cost_cny:,.0f} CNY/yr"
        for name, bound in too_high.items()
        if bound > solution.cost_cny + allowed_cny
    ]
