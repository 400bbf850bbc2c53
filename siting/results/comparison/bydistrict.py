"""Figures of each district that all runs plan, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from siting.instance import Floats
from siting.language import Label
from siting.results.comparison.comparison import Better, Figure, Part
from siting.results.record import RunRecord

Told = Callable[[RunRecord], Floats]


def district_figures(runs: Sequence[RunRecord]) -> Iterator[Figure]:
    """Points, residents served and tonnes collected of each district; nothing where the runs share one only."""
    codes = _common_districts(runs)
    if len(codes) < 2:
        return
    yield from _rows(runs, codes, ("district_points", "facilities", Better.NEITHER, Part.TOTALS), _points)
    yield from _rows(runs, codes, ("district_coverage", "share of residents", Better.MORE, Part.SHARES), _served)
    yield from _rows(runs, codes, ("district_collected", "t/yr", Better.MORE, Part.STREAMS), _collected)


def _common_districts(runs: Sequence[RunRecord]) -> list[str]:
    """The districts that have residents in every run, in the order of the first."""
    peopled = [run.instance.districts[run.district_figures["residents"] > 0] for run in runs]
    return [str(code) for code in peopled[0] if all(code in of_run for of_run in peopled)]


def _rows(
    runs: Sequence[RunRecord], codes: Sequence[str], what: tuple[str, str, Better, Part], told: Told
) -> Iterator[Figure]:
    group, unit, better, part = what
    frame = runs[0].geography.districts.set_index("code")
    by_run = [dict(zip(run.instance.districts, told(run).tolist(), strict=True)) for run in runs]
    for code in codes:
        label = Label(en=str(frame.at[code, "name_en"]), zh=str(frame.at[code, "name_zh"]))
        values = tuple(float(of_run[code]) for of_run in by_run)
        yield Figure(group, code, label, unit, better, part, values)


def _points(run: RunRecord) -> Floats:
    return run.district_figures["open_point"]


def _served(run: RunRecord) -> Floats:
    return run.district_figures["assigned_residents"] / np.maximum(run.district_figures["residents"], 1e-9)


def _collected(run: RunRecord) -> Floats:
    return run.district_figures["collected_t"]
