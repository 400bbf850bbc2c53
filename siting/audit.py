"""Compare the figures that a run claims with those recomputed from its instance and plan."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from siting.certificate import FOREIGN_INSTANCE, certificate_faults, certified_bound, digest, floor_bound
from siting.errors import FileError
from siting.instance import Floats
from siting.model import build_whole
from siting.model.target_rows import objective_scale
from siting.plan import relative_gap
from siting.results.record import Claims, RunRecord
from siting.results.results import Results
from siting.results.summary import plan_summary
from siting.results.targets import standing
from siting.verify import Verification, district_figures, verify_stages, whole_cost_cny

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Line:
    """A figure as the run claims it and as it is recomputed, CNY a year.

    `scale_cny` is the size of the figures that it is a sum of, to judge rounding by.
    """

    period: str
    name: str
    claimed: float
    recomputed: float
    scale_cny: float

    @property
    def agrees(self) -> bool:
        """Return whether the two differ by rounding only."""
        return abs(self.claimed - self.recomputed) <= TOLERANCE * max(1.0, self.scale_cny)


@dataclass(frozen=True)
class Bound:
    """The bound that a run claims and the one that its certificate proves, in `unit`, with their gaps (shares).

    `proven` is nan where the certificate proves nothing about what is claimed.
    """

    claimed: float
    claimed_gap: float
    proven: float
    proven_gap: float
    unit: str
    by_solver: bool
    """Whether the part of the claim that the multipliers do not prove rests on the solver alone."""
    floor_cny: float = math.nan
    """Proven least cost of the tonnes of any plan, CNY a year; nan where cost is not minimised."""
    decidable_gap: float = math.nan
    """Gap of the proven bound, of the cost less the floor, a share."""


@dataclass(frozen=True)
class Audit:
    """The comparison of a run's claims with its recomputed figures; `faults` lists every difference.

    `standing` says how many targets hold, in one sentence.
    """

    lines: tuple[Line, ...]
    bound: Bound
    standing: str
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Return whether the plan breaks no rule and every figure is as claimed."""
        return not self.faults

    def __str__(self) -> str:
        """Return the outcome in one sentence."""
        if self.faults:
            return f"The run does not hold: {len(self.faults)} faults"
        return f"The plan keeps every rule and every hard target. {self.standing}"


def audit_run(run: RunRecord, claimed_summary: Mapping[str, Any] | None = None) -> Audit:
    """Recompute cost, targets and bound of a run.

    Parameters
    ----------
    run
        The run, with its instance, plan and certificate.
    claimed_summary
        Content of its plan.json, where it was read from a folder.
    """
    whole, certificate = run.whole_instance, run.solution.certificate
    if certificate is not None and certificate.instance_digest != digest(whole):
        return Audit((), _unproven(run), "", (FOREIGN_INSTANCE,))
    fresh = verify_stages(whole, run.solution.plans)
    faults: list[str] = []
    lines: list[Line] = []
    claims = _claims(run)
    for number, (one, (period, results)) in enumerate(zip(fresh, Results(run).by_period.items(), strict=True)):
        of_period = list(_period_lines(results.run, claims.verifications[number], one, period))
        odd = [] if one.faults else _district_faults(results.run, claims.district_figures[number])
        found = (*one.faults, *_differing(of_period), *odd)
        faults += [f"{period}: {fault}" if period else fault for fault in found]
        lines += of_period
    scale_cny = max(line.scale_cny for line in lines)
    total = Line("", "net cost of the plan", run.solution.cost_cny, whole_cost_cny(whole, fresh), scale_cny)
    faults += _differing([total])
    if claimed_summary is not None:
        rollout = None if run.rollout is None else replace(run.rollout, verifications=fresh)
        recomputed = plan_summary(Results(replace(run, verification=fresh[-1], rollout=rollout)))
        faults += [
            f"plan.json: {at} says {old}, recomputed it is {new}"
            for at, old, new in _differences(claimed_summary, recomputed)
        ]
    bound, bound_faults = _bound(run)
    outcomes = [outcome for one in fresh for outcome in one.targets]
    return Audit(tuple(lines), bound, standing(outcomes).en, (*faults, *bound_faults))


def read_summary(folder: Path) -> Any:
    """Return the content of the plan.json of a run folder.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    path = folder / "plan.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read ({error}); run again to write it anew") from error


def _period_lines(run: RunRecord, claimed: Verification, fresh: Verification, period: str) -> Iterator[Line]:
    stored, scale_cny = claimed, sum(abs(cny) for cny in fresh.cost_terms_cny.values())
    for term, cny in fresh.cost_terms_cny.items():
        yield Line(period, term, stored.cost_terms_cny.get(term, math.nan), cny, scale_cny)
    claimed_cny = stored.cost_cny if period else run.solution.cost_cny
    yield Line(period, "net cost", claimed_cny, fresh.cost_cny, scale_cny)


def _claims(run: RunRecord) -> Claims:
    """Return the figures of each period as the run has them: those of its folder where it was read from one."""
    if run.claims is not None:
        return run.claims
    if run.rollout is not None:
        return Claims(run.rollout.verifications, run.rollout.district_figures)
    return Claims((run.verification,), (run.district_figures,))


def _district_faults(run: RunRecord, stored: Mapping[str, Floats]) -> list[str]:
    """Return which figures of districts differ from those recomputed; those of a plan that holds are finite or nan."""
    return [
        f"districts: {name} is not what the plan gives (districts.csv); run again to write it anew"
        for name, figures in district_figures(run.instance, run.solution.plan).items()
        if name not in stored or not np.allclose(stored[name], figures, rtol=TOLERANCE, atol=1e-3, equal_nan=True)
    ]


def _differing(lines: list[Line]) -> list[str]:
    return [
        f"{line.name}: claimed {line.claimed:,.2f} CNY/yr, recomputed {line.recomputed:,.2f} CNY/yr"
        for line in lines
        if not line.agrees
    ]


def _differences(claimed: Any, fresh: Any, at: str = "") -> list[tuple[str, Any, Any]]:
    """Return (dotted key, claimed, recomputed) wherever two trees differ by more than rounding."""
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


def _unproven(run: RunRecord) -> Bound:
    solution = run.solution
    return Bound(solution.bound, solution.gap, math.nan, math.nan, _unit(run), by_solver=True)


def _unit(run: RunRecord) -> str:
    """Return the unit of what was optimised."""
    solution, objective = run.solution, run.whole_instance.objective
    if objective is not None:
        return objective.measure.unit
    return "CNY/yr" if math.isfinite(solution.bound_cny) or not run.goals else run.goals[-1].measure.unit


def _bound(run: RunRecord) -> tuple[Bound, list[str]]:
    """Recompute the bound. A bound above the cost is a fault, for then one of the two is wrong.

    So is a bound of the city engine that its multipliers do not prove, for it has no other proof, and any claim that
    the multipliers prove more than they do.
    """
    solution, instance = run.solution, run.whole_instance
    whole = build_whole(instance)
    refused = certificate_faults(instance, whole, solution)
    if refused or solution.certificate is None:
        return _unproven(run), refused
    scale, unit = objective_scale(instance), _unit(run)
    if instance.objective is None and not math.isfinite(solution.bound_cny):
        return _unproven(run), []  # for the longest walk, the certificate is of the cost of the last plan
    proven = certified_bound(whole, solution.certificate) * scale
    allowed = TOLERANCE * max(abs(solution.value), abs(scale) * TOLERANCE)

    def above(one: float, other: float) -> bool:
        """Return whether a bound claims more than it may; of what is maximised, where it is less."""
        return (one - other) * math.copysign(1.0, scale) > allowed

    is_above, is_city = above(solution.bound, proven), solution.engine == "city"
    claimed, shown = (_told(value, unit) for value in (solution.bound, proven))
    faults = [f"bound: {claimed} is claimed, the multipliers prove {shown}"] if is_above and is_city else []
    if above(solution.proven, proven):
        faults += [f"bound: {_told(solution.proven, unit)} is said to be proven by multipliers, which prove {shown}"]
    faults += [
        f"bound {name}: {_told(bound, unit)} is above the cost of the plan, {_told(solution.value, unit)}"
        if scale > 0
        else f"bound {name}: {_told(bound, unit)} is less than the plan reaches, {_told(solution.value, unit)}"
        for name, bound in {"claimed": solution.bound, "recomputed": proven}.items()
        if above(bound, solution.value)
    ]
    gap, by_solver = relative_gap(solution.value, proven), is_above and not is_city
    bound = Bound(solution.bound, solution.gap, proven, gap, unit, by_solver=by_solver)
    if instance.objective is not None:
        return bound, faults
    floor_cny = min(floor_bound(whole, solution.certificate.floor_multipliers) * scale, solution.cost_cny)
    if not abs(solution.floor_cny - floor_cny) <= allowed:
        claimed, shown = (_told(value, unit) for value in (solution.floor_cny, floor_cny))
        faults.append(f"floor: {claimed} is claimed to be paid by every plan, the multipliers prove {shown}")
    of_rest = replace(solution, bound_cny=proven, floor_cny=floor_cny).decidable_gap
    return replace(bound, floor_cny=floor_cny, decidable_gap=of_rest), faults


def _told(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if unit == "CNY/yr" else f"{value:,.6g} {unit}"
