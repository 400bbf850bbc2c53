"""One run as the outputs see it: everything that goes into a run folder, and that comes out of it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from siting.config import Change
from siting.config.parameters import Figure
from siting.config.schema import Config
from siting.geography import Geography
from siting.instance import Floats, Instance, Stages
from siting.language import Label
from siting.plan import Solution
from siting.standards import Check
from siting.verify import Verification
from siting.vocabulary import Measure


@dataclass(frozen=True)
class Stage:
    """Duration of a phase of the run. `peak_mb` is the peak memory of the process at its end."""

    name: str
    seconds: float
    peak_mb: float


@dataclass(frozen=True)
class GoalFigure:
    """Result for one goal of a run: best `value` and proven `bound`, in the unit of its measure."""

    measure: Measure
    unit: str
    within_m: float | None
    is_maximised: bool
    value: float
    bound: float
    give_up: float


@dataclass(frozen=True)
class Rollout:
    """The years, or the cases of demand, that a run planned together.

    `instance` has them as its stages; `verifications` and `district_figures` have one entry a stage.
    """

    instance: Instance
    verifications: tuple[Verification, ...]
    district_figures: tuple[Mapping[str, Floats], ...]

    @property
    def stages(self) -> Stages:
        """The years or cases."""
        if self.instance.stages is None:
            raise ValueError("a rollout has stages")
        return self.instance.stages


@dataclass(frozen=True)
class Publication:
    """Approval and grid of a run for the public; `exact` is its geography as it is, to compute with only."""

    approval: Label
    grid_deg: float
    exact: Geography


@dataclass(frozen=True)
class Claims:
    """Figures of each period as a run folder has them; `siting verify` compares them with those recomputed."""

    verifications: tuple[Verification, ...]
    district_figures: tuple[Mapping[str, Floats], ...]


@dataclass(frozen=True)
class RunRecord:
    """A whole run. `goals` are the measures optimised in order; empty if only cost was minimised.

    `district_figures` holds arrays (n_districts,) by name; `inputs` the SHA-256 of each input file.

    Of a run that planned several years or cases, `instance`, `verification` and `district_figures` are those of the
    last one alone, and `rollout` has them all. `standards` is the table of them that a run folder holds; a run that
    has just been solved has `checks` instead. `changes` are those of scenarios and the command line. The figures of a
    run that is read from a folder are recomputed from instance and plan; `claims` are those that the folder has.
    """

    config: Config
    figures: tuple[Figure, ...]
    instance: Instance
    geography: Geography
    solution: Solution
    verification: Verification
    district_figures: Mapping[str, Floats]
    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    stages: tuple[Stage, ...]
    log: str
    goals: tuple[GoalFigure, ...] = ()
    rollout: Rollout | None = None
    checks: tuple[Check, ...] = ()
    standards: pd.DataFrame | None = None
    changes: tuple[Change, ...] = ()
    publication: Publication | None = None
    claims: Claims | None = None

    @property
    def measured_geography(self) -> Geography:
        """The places as they are, to compute with; of a run for the public `geography` has coarse ones, to show."""
        return self.geography if self.publication is None else self.publication.exact

    @property
    def whole_instance(self) -> Instance:
        """The instance that was solved, with all its years or cases."""
        return self.instance if self.rollout is None else self.rollout.instance


def records_by_period(run: RunRecord) -> dict[str, RunRecord]:
    """Return a record of each period alone, by its name, of a run that has several."""
    rollout = run.rollout
    if rollout is None:
        raise ValueError("a run of one period has no others")
    return {
        str(name): replace(
            run,
            instance=rollout.instance.at_stage(number),
            solution=replace(run.solution, plans=(run.solution.plans[number],)),
            verification=rollout.verifications[number],
            district_figures=rollout.district_figures[number],
            rollout=None,
        )
        for number, name in enumerate(rollout.stages.name)
    }
