"""Comparison of runs: its parts as records."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field

from siting.language import Label
from siting.results.comparison.sites import SiteComparison
from siting.results.targets import TargetRow


class Part(enum.StrEnum):
    """Part of a comparison that an obstacle can rule out."""

    SITES = "sites"
    TARGETS = "targets"
    TOTALS = "totals"
    STREAMS = "streams"
    MONEY = "money"
    WHOLE = "whole"
    RATES = "rates"
    SHARES = "shares"
    VERDICT = "verdict"


class Better(enum.StrEnum):
    """Direction in which a figure improves."""

    LESS = "less"
    MORE = "more"
    NEITHER = "neither"


class Outcome(enum.StrEnum):
    """Conclusion from the proven bounds on the costs of two runs."""

    FIRST_CHEAPER = "first_cheaper"
    SECOND_CHEAPER = "second_cheaper"
    OPEN = "open"
    EQUAL = "equal"
    SAME_PROBLEM = "same_problem"
    UNPROVEN = "unproven"


@dataclass(frozen=True)
class RunFace:
    """Identity and headline figures of a run.

    `name` is its own among the runs compared. `cost_cny` counts penalties of missed soft targets, which are
    `penalty_cny`; `bound_cny` is −inf and `gap` inf where not known.
    `floor_cny` and `decidable_gap` are nan where cost is not minimised.
    """

    name: str
    title: Label
    city: Label
    year: int
    version: str
    status: str
    cost_cny: float
    bound_cny: float
    gap: float
    floor_cny: float
    decidable_gap: float
    faults: tuple[str, ...]
    penalty_cny: float = 0.0

    @property
    def paid_cny(self) -> float:
        """Net cost without penalties, CNY a year."""
        return self.cost_cny - self.penalty_cny


@dataclass(frozen=True)
class Figure:
    """One figure of all runs, in the order of the runs; nan where a run has no such figure.

    A difference means something only where nothing is in the way of `part`.
    """

    group: str
    key: str
    label: Label
    unit: str
    better: Better
    part: Part
    values: tuple[float, ...]


@dataclass(frozen=True)
class TargetComparison:
    """One target of all runs; `reached` is None where a run does not have it."""

    unit: Label
    label: Label
    measured_in: str
    is_at_least: bool
    year: int
    reached: tuple[TargetRow | None, ...]

    @property
    def values(self) -> tuple[float, ...]:
        """Value that each run reaches; nan where it does not have the target."""
        return tuple(math.nan if one is None else one.reached for one in self.reached)

    @property
    def better(self) -> Better:
        """Direction in which the figure improves."""
        return Better.MORE if self.is_at_least else Better.LESS


@dataclass(frozen=True)
class Setting:
    """A key of the config that the runs do not have alike; the values as text, empty where a run has none."""

    path: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Obstacle:
    """Why some parts of two runs cannot be compared; one that blocks nothing is to be kept in mind."""

    kind: str
    reason: Label
    blocks: frozenset[Part] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """Statement proven about the costs of two runs, CNY a year.

    Whatever better plans are found, the cheapest plan of the second run costs between `least_cny` and `most_cny` more
    than that of the first (less, where negative; ±inf where a bound is not known).
    """

    outcome: Outcome
    difference_cny: float
    least_cny: float
    most_cny: float
    sentence: Label

    def __str__(self) -> str:
        """Return the verdict in English."""
        return self.sentence.en


@dataclass(frozen=True)
class WalkChanges:
    """Residents by what becomes of their walk from the first run to the second; they sum to all residents.

    Cells with a point in both and a mean walk within `same_within_m` count as `same`.
    """

    shorter: float
    longer: float
    gained: float
    lost: float
    same: float
    same_within_m: float


@dataclass(frozen=True)
class Pair:
    """Two runs by their numbers, `first` < `second`. `verdict`, `sites` and `walks` are None where in the way."""

    first: int
    second: int
    obstacles: tuple[Obstacle, ...]
    verdict: Verdict | None
    sites: SiteComparison | None
    walks: WalkChanges | None

    @property
    def blocked(self) -> frozenset[Part]:
        """The parts that cannot be compared."""
        return frozenset().union(*(obstacle.blocks for obstacle in self.obstacles))

    @property
    def conclusion(self) -> Label:
        """The verdict in a sentence; where there is none, the reasons."""
        if self.verdict is not None:
            return self.verdict.sentence
        reasons = [obstacle.reason for obstacle in self.obstacles if Part.VERDICT in obstacle.blocks]
        return Label(" ".join(reason.en for reason in reasons), "".join(reason.zh for reason in reasons))


@dataclass(frozen=True)
class Comparison:
    """Two or more runs side by side; `pairs` holds each two of them once.

    `in_all` are the ids of the sites that every run opens, None where sites cannot be compared.
    """

    runs: tuple[RunFace, ...]
    figures: tuple[Figure, ...]
    targets: tuple[TargetComparison, ...]
    settings: tuple[Setting, ...]
    pairs: tuple[Pair, ...]
    in_all: tuple[str, ...] | None = field(default=None)

    def pair(self, first: int, second: int) -> Pair:
        """Return the pair of two runs, `first` < `second`."""
        return next(pair for pair in self.pairs if (pair.first, pair.second) == (first, second))

    def difference(self, figure: Figure, first: int, second: int) -> float:
        """Return the second run's figure minus the first's; nan where the two cannot be compared."""
        is_blocked = figure.part in self._blocked(first, second)
        return math.nan if is_blocked else figure.values[second] - figure.values[first]

    def target_difference(self, row: TargetComparison, first: int, second: int) -> float:
        """Return the second run's value of a target minus the first's; nan where the two cannot be compared."""
        before, after = row.reached[first], row.reached[second]
        if before is None or after is None or Part.TARGETS in self._blocked(first, second):
            return math.nan
        return after.reached - before.reached

    def _blocked(self, first: int, second: int) -> frozenset[Part]:
        """Return the parts of two runs, in any order, that cannot be compared; none of a run and itself."""
        if first == second:
            return frozenset()
        return self.pair(min(first, second), max(first, second)).blocked
