"""Compare the figures that a run claims with those recomputed from its instance and plan."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from siting.certificate import FOREIGN_INSTANCE, certificate_faults, digest, proven_bound
from siting.errors import FileError
from siting.model import build_whole
from siting.model.linear import MODEL_CNY
from siting.plan import relative_gap
from siting.results.record import RunRecord
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
        """Whether the two differ by rounding only."""
        return abs(self.claimed - self.recomputed) <= TOLERANCE * max(1.0, self.scale_cny)


@dataclass(frozen=True)
class Bound:
    """The bound that a run claims and the one that its certificate proves, CNY a year, with their gaps (shares).

    `proven_cny` is nan where no multipliers are stored.
    """

    claimed_cny: float
    claimed_gap: float
    proven_cny: float
    proven_gap: float
    by_branching: bool
    """Whether the claim rests on the branch and bound of a solver where it is above what the multipliers prove."""


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
        """Whether the plan breaks no rule and every figure is as claimed."""
        return not self.faults

    def __str__(self) -> str:
        """The outcome in one sentence."""
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
    for one, (period, results) in zip(fresh, Results(run).by_period.items(), strict=True):
        of_period = list(_period_lines(results.run, one, period))
        found = (*one.faults, *_differing(of_period), *([] if one.faults else _district_faults(results.run)))
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


def _period_lines(run: RunRecord, fresh: Verification, period: str) -> Iterator[Line]:
    stored, scale_cny = run.verification, sum(abs(cny) for cny in fresh.cost_terms_cny.values())
    for term, cny in fresh.cost_terms_cny.items():
        yield Line(period, term, stored.cost_terms_cny.get(term, math.nan), cny, scale_cny)
    claimed_cny = stored.cost_cny if period else run.solution.cost_cny
    yield Line(period, "net cost", claimed_cny, fresh.cost_cny, scale_cny)


def _district_faults(run: RunRecord) -> list[str]:
    """Return which figures of districts differ from those recomputed; those of a plan that holds are finite or nan."""
    stored = run.district_figures
    return [
        f"districts: {name} is not what the plan gives; run again to write it anew"
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
    return Bound(run.solution.bound_cny, run.solution.gap, math.nan, math.nan, by_branching=False)


def _bound(run: RunRecord) -> tuple[Bound, list[str]]:
    """Recompute the bound. A bound above the cost is a fault, for then one of the two is wrong.

    So is a bound of the city engine that its multipliers do not prove: it has no other proof.
    """
    solution = run.solution
    whole = build_whole(run.whole_instance)
    refused = certificate_faults(run.whole_instance, whole, solution)
    if refused or solution.certificate is None or run.whole_instance.objective is not None:
        return _unproven(run), refused
    proven_cny = proven_bound(whole, solution.certificate.multipliers) * MODEL_CNY
    allowed_cny = TOLERANCE * abs(solution.cost_cny)
    is_above = solution.bound_cny > proven_cny + allowed_cny
    is_city = solution.engine == "city"
    faults = []
    if is_above and is_city:
        faults = [f"bound: {solution.bound_cny:,.0f} CNY/yr is claimed, the multipliers prove {proven_cny:,.0f}"]
    too_high = {"claimed": solution.bound_cny, "recomputed": proven_cny}
    faults += [
        f"bound {name}: {bound:,.0f} CNY/yr is above the cost of the plan, {solution.cost_cny:,.0f} CNY/yr"
        for name, bound in too_high.items()
        if bound > solution.cost_cny + allowed_cny
    ]
    gap = relative_gap(solution.cost_cny, proven_cny)
    return Bound(solution.bound_cny, solution.gap, proven_cny, gap, by_branching=is_above and not is_city), faults
