"""Solve a prepared problem and verify the plan: the record of a run."""

from __future__ import annotations

from collections.abc import Sequence

from siting.certificate import fitted
from siting.config import Config, Loaded
from siting.errors import InfeasibleError, RefusedPlanError, fault_list
from siting.explain import Finding, check_arithmetic, explain_infeasible, is_budget
from siting.instance import Instance, Target
from siting.interrupts import postponed
from siting.journal import Journal
from siting.language.quantities import quantity
from siting.model import build_whole
from siting.passes import solve_passes
from siting.plan import Solution
from siting.prepare import Prepared
from siting.results.record import GoalFigure, Rollout, RunRecord
from siting.runs.provenance import input_digests, package_versions
from siting.solve.clock import Watch
from siting.solve.goals import Outcome, Reached
from siting.solve.relink import on_links_of
from siting.solve.start import Start
from siting.verify import district_figures, faults_of_stages, judge_stages

EXPLAIN_SECONDS = 120.0


def solve_run(
    prepared: Prepared, loaded: Loaded, journal: Journal, *, watch: Watch | None = None, start: RunRecord | None = None
) -> RunRecord:
    """Check, solve and verify, each a phase of the journal.

    Parameters
    ----------
    prepared
        The instance with its geography and goals.
    loaded
        The config that it was prepared from, with the settings of the solve.
    journal
        Notes the phases and what happens in them.
    watch
        Called with the progress of the solve, from another thread.
    start
        A run to start from, also of another config.

    Raises
    ------
    InfeasibleError
        If no plan meets the targets; the message lists which and how far each can be reached.
    OutOfTimeError
        If the time limit came before any plan.
    RefusedPlanError
        If the plan breaks a rule or its cost is not the claimed one; its `result` is the record.
    """
    config, inputs = loaded.config, input_digests(loaded)
    with journal.phase("check"):
        findings = tuple(check_arithmetic(prepared.instance))
        for finding in findings:
            journal.note(f"check: {finding.message}")
        refuse_or_explain(findings, prepared.instance, config, journal)
    with journal.phase("solve"):
        outcome = _solve(prepared, config, journal, watch, start)
    return record_of(prepared, loaded, outcome, inputs, journal)


def record_of(
    prepared: Prepared, loaded: Loaded, outcome: Outcome, inputs: dict[str, str], journal: Journal
) -> RunRecord:
    """Verify what was found and return it with its figures.

    Raises
    ------
    RefusedPlanError
        If the plan does not hold; its `result` is the record.
    """
    instance, solution = outcome.instance, outcome.solution
    with journal.phase("verify"), postponed(journal.note):
        verifications = judge_stages(instance, solution.plans, claimed_cost_cny=solution.cost_cny)
        figures = [district_figures(instance.at_stage(n), plan) for n, plan in enumerate(solution.plans)]
    record = RunRecord(
        config=loaded.config,
        figures=loaded.figures,
        instance=instance.at_stage(instance.n_stages - 1),
        geography=prepared.geography,
        solution=solution,
        verification=verifications[-1],
        district_figures=figures[-1],
        versions=package_versions(),
        inputs=inputs,
        stages=tuple(journal.phases),
        log=journal.text,
        goals=tuple(_goal_figure(one) for one in outcome.reached),
        rollout=None if instance.stages is None else Rollout(instance, verifications, tuple(figures)),
        checks=prepared.checks,
        changes=loaded.changes,
    )
    if faults := faults_of_stages(instance, verifications):
        raise RefusedPlanError(fault_list(faults), record)
    return record


def outcome_of(record: RunRecord, instance: Instance, goals: Sequence[Target]) -> Outcome | None:
    """Return the outcome that a record has of `goals`, in order, on `instance`; None if it is of others.

    Targets are compared with their values. That config and inputs are the same is for the caller to know.
    """
    whole = record.whole_instance
    held = {(target.id, target.value) for target in whole.targets}
    is_same = all((target.id, target.value) in held for target in instance.targets)
    reached = tuple(
        Reached(goal, one.value, one.bound, one.give_up) for goal, one in zip(goals, record.goals, strict=False)
    )
    if not is_same or tuple(map(_goal_figure, reached)) != record.goals or len(reached) != len(goals):
        return None
    return Outcome(whole, record.solution, reached)


def refuse_or_explain(findings: Sequence[Finding], instance: Instance, config: Config, journal: Journal) -> None:
    """Stop where no plan can exist; of a budget that is too small say what is needed and what it buys, by a solve.

    Raises
    ------
    InfeasibleError
        With every such finding.
    """
    budgets = {target.id for target in instance.targets if is_budget(target)}
    try:
        refuse_impossible(findings)
    except InfeasibleError as error:
        if instance.stages is not None or not any(one.is_fatal and one.target_id in budgets for one in findings):
            raise
        journal.note("a budget is too small; finding out what is needed and what it buys")
        seconds = min(EXPLAIN_SECONDS, config.solve.time_limit_s)
        reasons = explain_infeasible(instance, time_limit_s=seconds)
        raise InfeasibleError("\n".join([str(error), *(f"  - {line}" for line in reasons)])) from error


def refuse_impossible(findings: Sequence[Finding]) -> None:
    """Stop where the arithmetic of an instance leaves no room for a plan.

    Raises
    ------
    InfeasibleError
        With every such finding.
    """
    fatal = [finding.message for finding in findings if finding.is_fatal]
    if fatal:
        raise InfeasibleError(_listed("no plan can meet the targets", fatal))


def _solve(
    prepared: Prepared, config: Config, journal: Journal, watch: Watch | None, start: RunRecord | None
) -> Outcome:
    """Solve; if no plan exists, report which targets cannot hold and how far each can be reached."""
    instance, settings = prepared.instance, config.solve.model_dump()
    begun = multipliers = None
    if start is not None:
        earlier = start.whole_instance
        instance, _ = on_links_of(instance, earlier, start.solution.plans)
        begun = Start(earlier, start.solution.plans, f"start {start.config.name}")
        certificate = start.solution.certificate
        multipliers = None if certificate is None else fitted(certificate, build_whole(instance).model)
    try:
        outcome = solve_passes(
            instance,
            prepared.tours,
            prepared.goals,
            note=journal.note,
            **settings,
            watch=watch,
            start=begun,
            multipliers=multipliers,
        )
    except InfeasibleError as error:
        journal.note("no plan meets all targets; finding out how far each can be reached")
        reasons = explain_infeasible(instance, time_limit_s=min(EXPLAIN_SECONDS, config.solve.time_limit_s))
        raise InfeasibleError(_listed("no plan can meet the targets together", reasons)) from error
    for line in outcome.solution.history:
        journal.remember(
            f"solve {line.seconds:8.1f} s  cost {line.cost_cny:.0f}  bound {line.bound_cny:.0f}  {line.stage}"
        )
    journal.note(ending_line(outcome.solution))
    for one in outcome.reached:
        name = f"goal {one.goal.measure} of {one.goal.unit}"
        reached, bound = (quantity(value, one.goal.measure.unit).en for value in (one.value, one.bound))
        journal.note(f"{name}: reached {reached}, no plan beats {bound}")
    return outcome


def ending_line(solution: Solution) -> str:
    """Return a line of the log: how the solve ended, and whether it ends like that again."""
    counted = f"{solution.work:,.1f} units of work"
    if solution.work_limit is not None:
        counted += f" of {solution.work_limit:,.1f}"
    again = "a run like this gives the same plan" if solution.is_repeatable else "another run may end elsewhere"
    return f"solve ended: {solution.status.replace('_', ' ')} after {solution.seconds:,.1f} s, {counted}; {again}"


def _goal_figure(one: Reached) -> GoalFigure:
    goal = one.goal
    return GoalFigure(goal.measure, goal.unit, goal.within_m, goal.is_at_least, one.value, one.bound, one.give_up)


def _listed(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head + (":" if lines else ""), *(f"  - {line}" for line in lines)])
