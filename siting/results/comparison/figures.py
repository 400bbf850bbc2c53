"""Figures and targets of runs side by side.

Figures are those of `plan.json`; targets that count the same for the same unit share a row, whatever they ask.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from siting.instance import Floats
from siting.language import Label, text
from siting.results.comparison.comparison import Better, Comparison, Figure, Part, TargetComparison
from siting.results.results import Results
from siting.results.sentences import LEAST_PENALTY_CNY
from siting.results.summary import plan_summary
from siting.results.targets import TargetRow
from siting.vocabulary import COST_TERMS, LINK_CLASSES, LINKS, Chain, Echelon

KG_PER_T = 1000.0
LESS, MORE, NEITHER = Better.LESS, Better.MORE, Better.NEITHER
DISTRICT_GROUPS = ("district_points", "district_coverage", "district_collected")
"""Groups with a row for each district."""
GROUPS = ("chains", "cost", "terms", "service", "facilities", "tonnes", "haul", "emissions", "years", *DISTRICT_GROUPS)
LOADS = {f"{one.short.en}_load_mean_share": one for one in (Echelon.TRANSFER, Echelon.SORTING)}
"""Echelon whose mean load a key figure is, by key."""
OF_ALL = {"cost_cny_per_t.all": "cost_of_all", "emissions_kg_co2e_per_t.all": "emissions_of_all"}
"""Text of each figure of all chains together."""
SITE_COUNTS = ("sites_kept", "sites_upgraded", "sites_closed", "sites_built")


def group_labels() -> dict[str, Label]:
    """Return the name of each group of figures, in their order."""
    return {group: text(f"comparison.group.{group}") for group in GROUPS}


@dataclass(frozen=True)
class Kind:
    """Group, unit, sense and part of a figure."""

    group: str
    unit: str
    better: Better
    part: Part

    def figure(self, key: str, label: Label, values: Sequence[float]) -> Figure:
        """Return a figure of this kind."""
        return Figure(self.group, key, label, self.unit, self.better, self.part, tuple(values))


FACILITIES = Kind("facilities", "facilities", NEITHER, Part.TOTALS)
WHOLE_COST = {
    "cost_cny": "CNY/yr", "bound_cny": "CNY/yr", "gap": "share proven", "floor_cny": "CNY/yr",
    "decidable_gap": "share proven",
}  # fmt: skip
"""Units of the figures of the whole cost, by key."""
TERM = Kind("terms", "CNY/yr", LESS, Part.MONEY)
HAUL = Kind("haul", "t-km/yr", LESS, Part.STREAMS)
EMISSIONS = Kind("emissions", "t CO2e/yr", LESS, Part.STREAMS)
OF_CHAINS = {
    "cost_cny_per_t": Kind("chains", "CNY/t", LESS, Part.RATES),
    "cost_cny_per_resident": Kind("chains", "CNY per resident", LESS, Part.RATES),
    "paid_cny": Kind("chains", "CNY/yr", LESS, Part.MONEY),
    "investment_cny": Kind("chains", "CNY", LESS, Part.MONEY),
    "collected_t": Kind("chains", "t/yr", MORE, Part.STREAMS),
}
"""Kind of each figure of a chain in `plan.json`."""
KEY_FIGURES = {
    "cost_cny_per_t.all": Kind("cost", "CNY/t", LESS, Part.RATES),
    "served_share": Kind("service", "share of residents", MORE, Part.SHARES),
    "mean_walk_m": Kind("service", "m", LESS, Part.SHARES),
    "residents_per_point": Kind("service", "residents", NEITHER, Part.SHARES),
    **dict.fromkeys(SITE_COUNTS, FACILITIES),
    **dict.fromkeys(LOADS, Kind("facilities", "share of capacity", NEITHER, Part.SHARES)),
    "emissions_kg_co2e_per_t.all": Kind("emissions", "kg CO2e/t", LESS, Part.RATES),
}
"""Kind of each key figure that is compared."""

PAID, WITH_PENALTIES = ("cost", "paid_cny"), ("cost", "cost_cny")
HEADLINES = (
    ("chains", "households/cost_cny_per_t"), ("chains", "generators/cost_cny_per_t"), PAID, WITH_PENALTIES,
    ("facilities", "point"), ("service", "mean_walk_m"), ("chains", "households/collected_t"),
    ("chains", "generators/collected_t"), ("emissions", "total"),
)  # fmt: skip
"""Group and key of the figures that are told first."""

Summary = dict[str, Any]
Key = tuple[object, ...]


def compare_figures(runs: Sequence[Results]) -> tuple[Figure, ...]:
    """Return all figures of the runs, group by group; those that no run has are left out."""
    sides = _Sides(runs)
    parts = (_chains, _cost, _service, _facilities, _streams, _years, _districts)
    figures = (figure for part in parts for figure in part(sides))
    return tuple(figure for figure in figures if any(math.isfinite(value) for value in figure.values))


@dataclass(frozen=True)
class _Sides:
    """Runs and the content of their `plan.json`."""

    runs: Sequence[Results]
    summaries: list[Summary] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "summaries", [plan_summary(run) for run in self.runs])

    def values(self, *path: str, times: float = 1.0) -> tuple[float, ...]:
        """Return the number at a path of each summary; nan where there is none."""
        return _values(self.summaries, *path, times=times)

    def key_figure(self, key: str) -> Iterator[Figure]:
        """Yield a key figure of the runs; nothing where none has it."""
        if any(key in summary["key_figures"] for summary in self.summaries):
            name = f"figures.{OF_ALL.get(key, key)}"
            label = text("figures.load.mean", echelon=LOADS[key].short) if key in LOADS else text(name)
            yield KEY_FIGURES[key].figure(key, label, self.values("key_figures", key, "value"))


def _values(summaries: Sequence[Summary], *path: str, times: float = 1.0) -> tuple[float, ...]:
    def look(at: Any) -> float:
        for key in path:
            at = at.get(key) if isinstance(at, dict) else None
        return math.nan if at is None else float(at) * times

    return tuple(look(summary) for summary in summaries)


def _chains(sides: _Sides) -> Iterator[Figure]:
    """Yield the cost, investment and tonnes of each chain that any run has."""
    for chain in Chain:
        for key, kind in OF_CHAINS.items():
            label = text("chains.of_chain", chain=chain.label, figure=text(f"comparison.chains.{key}"))
            yield kind.figure(f"{chain.key}/{key}", label, sides.values("chains", chain.key, key))


def _cost(sides: _Sides) -> Iterator[Figure]:
    """Yield cost, with penalties below it where there are any, bound, floor, gaps and terms that are not 0 in all."""
    net = text(f"comparison.cost.{'of_both' if any(len(one.last.chain_totals) > 1 for one in sides.runs) else 'net'}")
    has_penalties = any(one.penalty_cny > LEAST_PENALTY_CNY for one in sides.runs)
    if has_penalties:
        yield Kind("cost", "CNY/yr", LESS, Part.WHOLE).figure("paid_cny", net, sides.values("paid_cny"))
    for key, unit in WHOLE_COST.items():
        kind = Kind("cost", unit, NEITHER if key in ("bound_cny", "floor_cny") else LESS, Part.WHOLE)
        label = text("comparison.cost.with_penalties") if has_penalties else net
        label = label if key == "cost_cny" else text(f"comparison.cost.{key}")
        values = sides.values(key)
        if key in ("cost_cny", "bound_cny", "gap") or any(map(math.isfinite, values)):
            yield kind.figure(key, label, values)
    terms = {term: sides.values("cost_terms_cny", term) for term in COST_TERMS}
    shown = tuple(float(round(one.run.verification.paid_cny)) for one in sides.runs)
    money = Kind("cost", "CNY/yr", LESS, Part.MONEY)
    if any(one.has_periods for one in sides.runs):
        yield money.figure("shown_cny", text("comparison.cost.shown_cny"), shown)
    yield from sides.key_figure("cost_cny_per_t.all")
    for term, values in terms.items():
        if any(value and math.isfinite(value) for value in values):
            yield TERM.figure(term, COST_TERMS[term], values)


def _service(sides: _Sides) -> Iterator[Figure]:
    assigned = [float(round(one.run.district_figures["assigned_residents"].sum())) for one in sides.runs]
    for key, better, values in (("residents", NEITHER, sides.values("residents")), ("assigned", MORE, assigned)):
        kind = Kind("service", "residents", better, Part.TOTALS)
        yield kind.figure(key, text(f"comparison.service.{key}"), values)
    yield from sides.key_figure("served_share")
    yield from _coverage(sides)
    for key in ("mean_walk_m", "residents_per_point"):
        yield from sides.key_figure(key)


def _coverage(sides: _Sides) -> Iterator[Figure]:
    """Yield the share of all residents within each distance that any run has."""
    names = {name for one in sides.runs for name in one.run.district_figures if name.startswith("residents_within_")}
    distances = sorted((name.removeprefix("residents_within_").removesuffix("_m") for name in names), key=float)
    for distance in distances:
        shares = [_share_within(one, f"residents_within_{distance}_m") for one in sides.runs]
        label = text("common.residents_within", distance_m=distance)
        yield KEY_FIGURES["served_share"].figure(f"within_{distance}_m_share", label, shares)


def _share_within(results: Results, name: str) -> float:
    figures = results.run.district_figures
    return float(figures[name].sum()) / max(1.0, results.run.instance.residents) if name in figures else math.nan


def _facilities(sides: _Sides) -> Iterator[Figure]:
    for echelon in Echelon:
        yield FACILITIES.figure(echelon.key, echelon.label, sides.values("facilities", echelon.key, "open"))
        kinds = [one["facilities"].get(echelon.key, {}).get("by_type_and_size", {}) for one in sides.summaries]
        for kind in sorted({kind for of_run in kinds for kind in of_run}):
            counts = [float(of_run.get(kind, 0)) for of_run in kinds]
            yield FACILITIES.figure(f"{echelon.key}/{kind}", _kind_label(sides.runs, echelon, kind), counts)
    for key in (*SITE_COUNTS, *LOADS):
        yield from sides.key_figure(key)


def _kind_label(runs: Sequence[Results], echelon: Echelon, kind: str) -> Label:
    """Return the label of a type and size, from the first run that has it; the size where the type has several."""
    name, size = kind.split("/", 1)
    types = [getattr(one.run.config.facilities, echelon.key).get(name) for one in runs]
    known = [one for one in types if one is not None and size in one.sizes] or [one for one in types if one is not None]
    if not known:
        return Label(kind, kind)
    several = any(len(one.sizes) > 1 for one in known)
    label: Label = known[0].label
    return text("comparison.type_of_size", type=label, size=size) if several else label


def _streams(sides: _Sides) -> Iterator[Figure]:
    for key in ("offered", "collected", "processed"):
        kind = Kind("tonnes", "t/yr", NEITHER if key == "offered" else MORE, Part.STREAMS)
        yield kind.figure(key, text(f"comparison.tonnes.{key}"), sides.values("tonnes", key, "total"))
    materials = {name: label for one in reversed(sides.runs) for name, label in one.material_labels.items()}
    for name, label in materials.items() if len(materials) > 1 else ():
        kind = Kind("tonnes", "t/yr", MORE, Part.STREAMS)
        collected = text("comparison.joined", first=text("comparison.tonnes.collected"), second=label)
        yield kind.figure(f"collected/{name}", collected, sides.values("tonnes", "collected", name))
    hauls = {name: sides.values("tonne_km", name) for name in LINK_CLASSES}
    total = [float(sum(summary["tonne_km"].values())) for summary in sides.summaries]
    yield HAUL.figure("total", text("comparison.all_haul"), total)
    for name, values in hauls.items():
        if any(value > 0 for value in values):
            yield HAUL.figure(name, LINKS[name].label, values)
    emitted_t = [sum(summary["emissions_kg_co2e"].values()) / KG_PER_T for summary in sides.summaries]
    yield EMISSIONS.figure("total", text("results.emissions.all"), emitted_t)
    for name in ("transport", "operation"):
        values = sides.values("emissions_kg_co2e", name, times=1 / KG_PER_T)
        yield EMISSIONS.figure(name, text(f"results.emissions.{name}"), values)
    for chain in Chain:
        key = f"emissions_kg_co2e_per_t.{chain.key}"
        values = sides.values("key_figures", key, "value")
        label = text("figures.emissions_kg_co2e_per_t", chain=chain.label)
        yield KEY_FIGURES["emissions_kg_co2e_per_t.all"].figure(key, label, values)
    yield from sides.key_figure("emissions_kg_co2e_per_t.all")


def _years(sides: _Sides) -> Iterator[Figure]:
    periods = [{one["name"]: one for one in (*summary["years"], *summary["cases"])} for summary in sides.summaries]
    money, counts = Kind("years", "CNY/yr", LESS, Part.MONEY), Kind("years", "facilities", NEITHER, Part.TOTALS)
    for name in sorted({name for of_run in periods for name in of_run}):
        cost = text("comparison.joined", first=name, second=text("comparison.cost.net"))
        yield money.figure(f"{name}/paid_cny", cost, _values(periods, name, "paid_cny"))
        for echelon in (Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING):
            label = text("comparison.joined", first=name, second=echelon.label)
            values = _values(periods, name, "facilities", echelon.key, "open")
            yield counts.figure(f"{name}/{echelon.key}", label, values)


def _districts(sides: _Sides) -> Iterator[Figure]:
    """Yield points, residents served and tonnes collected by district; nothing where the runs share only one."""
    peopled = [one.run.instance.districts[one.run.district_figures["residents"] > 0] for one in sides.runs]
    codes = [str(code) for code in peopled[0] if all(code in of_run for of_run in peopled)]
    if len(codes) < 2:
        return
    kinds = (
        Kind("district_points", "facilities", NEITHER, Part.TOTALS),
        Kind("district_coverage", "share of residents", MORE, Part.SHARES),
        Kind("district_collected", "t/yr", MORE, Part.STREAMS),
    )
    by_run = [_of_districts(one) for one in sides.runs]
    for kind in kinds:
        for code in codes:
            values = [float(of_run[kind.group][of_run["code"].index(code)]) for of_run in by_run]
            yield kind.figure(code, sides.runs[0].district_labels[code], values)


def _of_districts(results: Results) -> dict[str, Any]:
    """Return the codes of districts, and their figures by group, (n_districts,)."""
    figures = results.run.district_figures
    served: Floats = figures["assigned_residents"] / np.maximum(figures["residents"], 1e-9)
    return {
        "code": [str(code) for code in results.run.instance.districts],
        "district_points": figures["open_point"],
        "district_coverage": served,
        "district_collected": figures["collected_t"],
    }


def compare_targets(runs: Sequence[Results]) -> tuple[TargetComparison, ...]:
    """Return one row for each target of any run, in the order in which they appear."""
    found = [keyed_targets(run.last.target_rows) for run in runs]
    first: dict[Key, TargetRow] = {}
    for rows in found:
        first |= {key: row for key, row in rows.items() if key not in first}
    return tuple(
        TargetComparison(
            unit=row.unit_label,
            label=row.label,
            measured_in=row.measured_in,
            is_at_least=row.is_at_least,
            year=row.year,
            reached=tuple(rows.get(key) for rows in found),
        )
        for key, row in first.items()
    )


def keyed_targets(rows: Iterable[TargetRow]) -> dict[Key, TargetRow]:
    """Return targets by what they count; repeated ones are numbered."""
    turns: Counter[Key] = Counter()
    keyed: dict[Key, TargetRow] = {}
    for row in rows:
        keyed[*row.counted, turns[row.counted]] = row
        turns[row.counted] += 1
    return keyed


def headline_figures(comparison: Comparison) -> list[Figure]:
    """Return the figures that are told first; of coverage, that at the shortest distance which differs."""
    of_key = {(figure.group, figure.key): figure for figure in comparison.figures}
    others = range(1, len(comparison.runs))
    within = [
        one
        for one in comparison.figures
        if one.key.startswith("within_") and any(comparison.difference(one, 0, number) for number in others)
    ]
    left_out = {WITH_PENALTIES} if PAID in of_key else set()
    wanted = [of_key[key] for key in HEADLINES if key in of_key and key not in left_out]
    walk = wanted.index(of_key["service", "mean_walk_m"])
    wanted[walk:walk] = within[:1] or [of_key["service", "served_share"]]
    return wanted
