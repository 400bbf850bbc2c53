"""Prices of the targets of a run: computed one by one, resumed where they were left, told as an answer."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from siting.answer import Answer
from siting.certificate import digest
from siting.errors import ConfigError, did_you_mean
from siting.files import write_json
from siting.instance import Target
from siting.language import Label, text
from siting.pricing import (
    Known,
    PricedTarget,
    Question,
    Solved,
    base_of,
    curve_questions,
    differences,
    ordered,
    price_targets,
    questions,
)
from siting.render.answers.prices import price_sections
from siting.results.results import Results
from siting.results.targets import target_label
from siting.results.units import unit_label
from siting.runs.manifest import note_file

LEAST_S, MOST_S = 5.0, 60.0
"""Seconds for a target by default, at least and at most: a run's time limit is shared by its targets."""
SAME_CNY = 1.0
"""A step that costs less than this changes nothing."""
CURVE_STEPS = 3
"""Steps to either side of the value asked on a curve, by default."""
Progress = Callable[[str, int, int], None]


def _nobody(_id: str, _done: int, _n: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class Effort:
    """Effort to spend: `seconds` for each target (None: a share of the run's time limit); `steps` in units, by id."""

    seconds: float | None = None
    steps: Mapping[str, float] | None = None
    threads: int = 1


def price_run(
    results: Results,
    *,
    ids: Sequence[str] = (),
    curve: str | None = None,
    points: int = 2 * CURVE_STEPS,
    effort: Effort | None = None,
    folder: Path | None = None,
    progress: Progress = _nobody,
) -> Answer:
    """Price the next step of each target of a run, or of those with `ids`; of `curve`, values to both sides.

    Raises
    ------
    ConfigError
        If there is no such target, the objective is no cost, or the run has no certificate.
    """
    effort = effort or Effort()
    record = results.run
    targets = record.whole_instance.targets
    _require_known([*ids, *([curve] if curve else []), *(effort.steps or {})], targets)
    solved = Solved.of(record.whole_instance, record.solution)
    asked = _asked(targets, ids=ids, curve=curve, points=points, effort=effort)
    seconds = effort.seconds or min(MOST_S, max(LEAST_S, record.config.solve.time_limit_s / max(1, len(asked))))
    name = "prices" if curve is None else f"prices-{curve}"
    ledger = _Ledger(None if folder is None else folder / f"{name}.json", results, asked, seconds, progress)
    how = {"threads": effort.threads, "seed": record.config.solve.seed}
    priced = price_targets(solved, asked, seconds=seconds, done=ledger.rows, tell=ledger.add, **how)
    base = base_of(solved.known, priced)
    priced = ordered(priced, base) if curve else priced
    table = _table(results, asked, priced, base)
    title = text("answers.prices.title")
    if curve is not None and len(table):
        one = table.iloc[0]
        unit, target = Label(one["unit_en"], one["unit_zh"]), Label(one["label_en"], one["label_zh"])
        title = text("answers.prices.curve_title", unit=unit, target=target)
    sections = price_sections(table, solved.known, base, is_curve=curve is not None)
    return Answer(results, name, title, sections, {name: table}, ledger.summary(base, table))


def _require_known(ids: Sequence[str], targets: Sequence[Target]) -> None:
    known = [one.id for one in targets]
    for one in ids:
        if one not in known:
            there_are = f"there are {', '.join(known)}"
            raise ConfigError(f"target {one}: unknown; {did_you_mean(one, known, there_are)}")


def _asked(
    targets: Sequence[Target], *, ids: Sequence[str], curve: str | None, points: int, effort: Effort
) -> list[Question]:
    """Return the questions: next steps of targets, or a curve of one."""
    steps = dict(effort.steps or {})
    if curve is None:
        return questions([one for one in targets if not ids or one.id in ids], steps)
    one = [target for target in targets if target.id == curve][-1]
    return curve_questions(one, steps.get(curve), n_easier=points // 2, n_harder=points - points // 2)


class _Ledger:
    """Prices computed so far, in a file of the run folder, from which an interrupted command continues."""

    def __init__(
        self, path: Path | None, results: Results, asked: Sequence[Question], seconds: float, progress: Progress
    ) -> None:
        self.path, self.progress, self.n = path, progress, sum(one.value is not None for one in asked)
        record = results.run
        parts = (digest(record.whole_instance), record.solution.cost_cny, record.solution.bound_cny, seconds)
        self.key = hashlib.sha256(repr(parts).encode()).hexdigest()
        self.targets = {(one.id, one.year): one for one in record.whole_instance.targets}
        self.rows = self._read()
        for number, one in enumerate(self.rows, 1):
            progress(one.target.id, number, self.n)

    def add(self, priced: PricedTarget) -> None:
        """Keep one more, and tell of it."""
        self.rows.append(priced)
        if self.path is not None:
            write_json(self.path, {"key": self.key, "is_complete": False, "priced": self._rows()})
            note_file(self.path)
        self.progress(priced.target.id, len(self.rows), self.n)

    def summary(self, base: Known, table: pd.DataFrame) -> dict[str, Any]:
        """Return the content of the JSON file when all is done."""
        own = {"cost_cny": _finite(base.cost_cny), "bound_cny": _finite(base.bound_cny)}
        rows = [{name: _finite(value) for name, value in row.items()} for row in table.to_dict("records")]
        return {"key": self.key, "is_complete": True, "own_problem": own, "prices": rows, "priced": self._rows()}

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {
                "id": one.target.id, "year": one.target.year, "value": one.value, "is_harder": one.is_harder,
                "cost_cny": _finite(one.known.cost_cny), "bound_cny": _finite(one.known.bound_cny),
                "has_no_plan": one.known.has_no_plan, "estimate_cny": _finite(one.estimate_cny),
                "most_cny": _finite(one.most_cny), "start_cny": one.start_cny,
            }
            for one in self.rows
        ]  # fmt: skip

    def _read(self) -> list[PricedTarget]:
        """Return earlier prices for the same plan with the same effort; none if the file cannot be read."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8")) if self.path is not None else {}
            rows = content["priced"] if content.get("key") == self.key else []
            return [self._priced(row) for row in rows]
        except (OSError, ValueError, LookupError, AttributeError):
            return []

    def _priced(self, row: Mapping[str, Any]) -> PricedTarget:
        known = Known(_number(row["cost_cny"], math.inf), _number(row["bound_cny"], -math.inf))
        known = Known(math.inf, math.inf) if row["has_no_plan"] else known
        target = self.targets[row["id"], row["year"]]
        estimate, most = _number(row["estimate_cny"], math.nan), _number(row["most_cny"], math.inf)
        return PricedTarget(target, row["value"], known, estimate, most, row["is_harder"], row["start_cny"])


def _finite(value: Any) -> Any:
    """Return a value as JSON has it: None for a number that is not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float | None, missing: float) -> float:
    return missing if value is None else float(value)


def _table(results: Results, asked: Sequence[Question], priced: Sequence[PricedTarget], base: Known) -> pd.DataFrame:
    """Return one row for each target or value, in the order asked; those that cannot ask for more have no figures."""
    found = {(one.target.id, one.target.year, one.value): one for one in priced}
    gaps = dict(zip(found, differences(base, priced), strict=True))
    rows = []
    for question in asked:
        key = (question.target.id, question.target.year, question.value)
        row = _described(results, question)
        if key in found:
            one, gap = found[key], gaps[key]
            outcome = _outcome(one)
            row |= {
                "estimate_cny_per_year": gap.estimate_cny, "plan_cny_per_year": gap.plan_cny,
                "least_cny_per_year": gap.least_cny, "most_cny_per_year": gap.most_cny,
                "cost_cny_per_year": one.known.cost_cny, "bound_cny_per_year": one.known.bound_cny,
                "outcome": outcome,
            }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


COLUMNS = (
    "id", "year", "unit", "unit_en", "unit_zh", "label_en", "label_zh", "measured_in", "strength", "asked", "next",
    "estimate_cny_per_year", "plan_cny_per_year", "least_cny_per_year", "most_cny_per_year", "cost_cny_per_year",
    "bound_cny_per_year", "outcome",
)  # fmt: skip


def _outcome(one: PricedTarget) -> str:
    """Return `no_plan` (proven), `not_found`, `met` (by this plan or a cheaper one) or `priced`."""
    if one.known.has_no_plan:
        return "no_plan"
    if math.isinf(one.plan_cny):
        return "not_found"
    return "met" if one.is_harder and one.plan_cny < SAME_CNY else "priced"


def _described(results: Results, question: Question) -> dict[str, Any]:
    record, target = results.run, question.target
    unit, label = unit_label(record, target.unit), target_label(record.config, record.instance, target)
    missing = dict.fromkeys(COLUMNS[-7:-1], math.nan)
    return missing | {
        "id": target.id, "year": target.year, "unit": target.unit, "unit_en": unit.en, "unit_zh": unit.zh,
        "label_en": label.en, "label_zh": label.zh, "measured_in": target.measure.unit,
        "strength": "hard" if target.is_hard else "soft", "asked": target.value,
        "next": math.nan if question.value is None else question.value, "outcome": "no_next",
    }  # fmt: skip
