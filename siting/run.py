"""A whole run on one page: config and city to instance, check, solve, verify, and the run folder."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from siting.config import Config, Loaded
from siting.errors import FileError, InfeasibleError
from siting.explain import Finding, check_arithmetic, explain_infeasible
from siting.inputs.city import City, read_city
from siting.instance import Instance
from siting.journal import Journal
from siting.language.quantities import quantity
from siting.plan import Plan, farthest_shares
from siting.prepare import Prepared, lost_places, prepare
from siting.results.record import GoalFigure, Rollout, RunRecord
from siting.runs.folder import cache_folder, require_writable, write_run
from siting.runs.provenance import input_digests, package_versions
from siting.solve.clock import Watch
from siting.solve.goals import Outcome, Reached, solve_goals
from siting.verify import district_figures, require_valid_stages, verify_stages

EXPLAIN_SECONDS = 120.0
LOST_LISTED = 100
NARROW = 0.01
"""Share of tonnes to the farthest considered from which on a planner is told."""


@dataclass(frozen=True)
class Ready:
    """A config, the city it names, and the instance it asks for."""

    loaded: Loaded
    city: City
    prepared: Prepared


def get_ready(loaded: Loaded, journal: Journal) -> Ready:
    """Read the city of a config and make its instance; travel comes from the cache where nothing has changed."""
    with journal.stage("inputs"):
        city = read_city(loaded.config.city)
    with journal.stage("travel and instance"):
        prepared = prepare(loaded.config, city, cache_folder(loaded.config))
        for line in lost_places(city, prepared.instance, prepared.snapping, most_listed=LOST_LISTED):
            journal.remember(f"travel: {line}")
        for line in prepared.notes:
            journal.note(line)
    return Ready(loaded, city, prepared)


def run(loaded: Loaded, folder: Path, *, journal: Journal, watch: Watch | None = None) -> RunRecord:
    """Plan what `loaded` asks for and leave the run in `folder`.

    Raises
    ------
    SitingError
        Of the kind that fits; a folder that cannot be written is found before the solve.
    """
    require_writable(folder)
    ready = get_ready(loaded, journal)
    instance, inputs = ready.prepared.instance, input_digests(loaded)
    with journal.stage("check"):
        findings = check_arithmetic(instance)
        for finding in findings:
            journal.note(f"check: {finding.message}")
        refuse_impossible(findings)
    with journal.stage("solve"):
        outcome = _solve(ready.prepared, loaded.config, journal, watch)
        instance, solution = outcome.instance, outcome.solution
    with journal.stage("verify"):
        verifications = verify_stages(instance, solution.plans)
        require_valid_stages(instance, verifications, claimed_cost_cny=solution.cost_cny)
        figures = [district_figures(instance.at_stage(n), plan) for n, plan in enumerate(solution.plans)]
        for line in _narrow_choices(instance, solution.plan, loaded.config):
            journal.note(f"check: {line}")
    record = RunRecord(
        config=loaded.config,
        figures=loaded.figures,
        instance=instance.at_stage(instance.n_stages - 1),
        geography=ready.prepared.geography,
        solution=solution,
        verification=verifications[-1],
        district_figures=figures[-1],
        versions=package_versions(),
        inputs=inputs,
        stages=tuple(journal.stages),
        log=journal.text,
        goals=tuple(_figure(one) for one in outcome.reached),
        rollout=None if instance.stages is None else Rollout(instance, verifications, tuple(figures)),
        checks=ready.prepared.checks,
    )
    with journal.stage("outputs"):
        keep_run(folder, record)
    with contextlib.suppress(OSError), (folder / "log.txt").open("a", encoding="utf-8") as log:
        log.write(journal.lines[-1] + "\n")  # how long writing took; the run is whole without it
    return replace(record, stages=tuple(journal.stages), log=journal.text)


def refuse_impossible(findings: list[Finding]) -> None:
    """Stop where the arithmetic of an instance leaves no room for a plan.

    Raises
    ------
    InfeasibleError
        With every such finding.
    """
    fatal = [finding.message for finding in findings if finding.is_fatal]
    if fatal:
        raise InfeasibleError(_listed("no plan can meet the targets", fatal))


def _solve(prepared: Prepared, config: Config, journal: Journal, watch: Watch | None) -> Outcome:
    """The solution; where there is none, which targets cannot hold and how far each can be reached."""
    instance, asked = prepared.instance, config.solve.model_dump()
    try:
        outcome = solve_goals(instance, prepared.goals, **asked, watch=watch)
    except InfeasibleError as error:
        journal.note("no plan meets all targets; finding out how far each can be reached")
        reasons = explain_infeasible(instance, time_limit_s=min(EXPLAIN_SECONDS, config.solve.time_limit_s))
        raise InfeasibleError(_listed("no plan can meet the targets together", reasons)) from error
    for line in outcome.solution.history:
        journal.remember(
            f"solve {line.seconds:8.1f} s  cost {line.cost_cny:.0f}  bound {line.bound_cny:.0f}  {line.stage}"
        )
    for one in outcome.reached:
        name = f"goal {one.goal.measure} of {one.goal.unit}"
        reached, bound = (quantity(value, one.goal.measure.unit).en for value in (one.value, one.bound))
        journal.note(f"{name}: reached {reached}, no plan beats {bound}")
    return outcome


def _narrow_choices(instance: Instance, plan: Plan, config: Config) -> Iterator[str]:
    """Where more links than the config considers might make a cheaper plan: the bound does not tell of that."""
    for name, share in farthest_shares(instance, plan).items():
        if share > NARROW:
            key = config.travel.nearest_key(name)
            yield (
                f"{share:.1%} of the tonnes {name.replace('_', ' ')} go to the farthest of the"
                f" {getattr(config.travel, key)} considered; a plan may be cheaper with more (travel.{key})"
            )


def _figure(one: Reached) -> GoalFigure:
    goal = one.goal
    return GoalFigure(goal.measure, goal.unit, goal.within_m, goal.is_at_least, one.value, one.bound, one.give_up)


def _listed(head: str, lines: list[str]) -> str:
    return "\n".join([head + (":" if lines else ""), *(f"  - {line}" for line in lines)])


def keep_run(folder: Path, record: RunRecord) -> None:
    """Write the run folder; where that fails, save the run in a temporary folder, for a solve is dear.

    Raises
    ------
    FileError
        If `folder` could not be written; the message says where the run was saved.
    """
    try:
        write_run(folder, record)
    except FileError as error:
        spare = Path(tempfile.mkdtemp(prefix="siting-")) / record.config.name
        try:
            write_run(spare, record)
        except FileError:
            raise error from None
        raise FileError(f"{error}\nThe plan is not lost: this run was saved in {spare}") from error
