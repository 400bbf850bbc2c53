"""The figures of runs side by side, as `plan.json` of each has them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from siting.language import Label, text
from siting.results.comparison import labels
from siting.results.comparison.bydistrict import district_figures
from siting.results.comparison.comparison import Better, Figure, Part
from siting.results.record import RunRecord
from siting.results.summary import plan_summary
from siting.vocabulary import COST_TERMS, LINK_CLASSES, LINKS, Echelon

KG_PER_T = 1000.0
LESS, MORE, NEITHER = Better.LESS, Better.MORE, Better.NEITHER

LOADS = {f"{one.short.en}_load_mean_share": one for one in (Echelon.TRANSFER, Echelon.SORTING)}
"""Echelon whose mean load a key figure is, by key."""
KEY_FIGURES = {
    "cost_cny_per_resident": ("cost", "CNY per resident", LESS, Part.RATES),
    "cost_cny_per_t": ("cost", "CNY/t", LESS, Part.RATES),
    "served_share": ("service", "share of residents", MORE, Part.SHARES),
    "mean_walk_m": ("service", "m", LESS, Part.SHARES),
    "residents_per_point": ("service", "residents", NEITHER, Part.SHARES),
    **dict.fromkeys(
        ("sites_kept", "sites_upgraded", "sites_closed", "sites_built"),
        ("facilities", "facilities", NEITHER, Part.TOTALS),
    ),
    **dict.fromkeys(LOADS, ("facilities", "share of capacity", NEITHER, Part.SHARES)),
    "emissions_kg_co2e_per_t": ("emissions", "kg CO2e/t", LESS, Part.RATES),
}
"""Group, unit, sense and part of each key figure that is compared."""

Summary = dict[str, Any]


def compare_figures(runs: Sequence[RunRecord]) -> tuple[Figure, ...]:
    """All figures of the runs, group by group; those that no run has are left out."""
    summaries = [plan_summary(run) for run in runs]
    figures = (
        *_cost(runs, summaries),
        *_service(runs, summaries),
        *_facilities(runs, summaries),
        *_streams(runs, summaries),
        *_years(summaries),
        *district_figures(runs),
    )
    return tuple(figure for figure in figures if any(math.isfinite(value) for value in figure.values))


def _values(summaries: Sequence[Summary], *path: str, times: float = 1.0) -> tuple[float, ...]:
    """The number at a path of each summary; nan where there is none."""

    def look(at: Any) -> float:
        for key in path:
            at = at.get(key) if isinstance(at, dict) else None
        return math.nan if at is None else float(at) * times

    return tuple(look(summary) for summary in summaries)


def _key_figure(summaries: Sequence[Summary], key: str) -> Iterator[Figure]:
    """A key figure of the runs; nothing where none has it."""
    group, unit, better, part = KEY_FIGURES[key]
    values = _values(summaries, "key_figures", key, "value")
    if any(key in summary["key_figures"] for summary in summaries):
        label = text("figures.load.mean", echelon=LOADS[key].short) if key in LOADS else text(f"figures.{key}")
        yield Figure(group, key, label, unit, better, part, values)


def _cost(runs: Sequence[RunRecord], summaries: Sequence[Summary]) -> Iterator[Figure]:
    """Cost, bound, gap and the terms; a term that is 0 in every run is left out."""
    for key, unit in (("cost_cny", "CNY/yr"), ("bound_cny", "CNY/yr"), ("gap", "share proven")):
        better = NEITHER if key == "bound_cny" else LESS
        yield Figure("cost", key, labels.COST[key], unit, better, Part.WHOLE, _values(summaries, key))
    terms = {term: _values(summaries, "cost_terms_cny", term) for term in COST_TERMS}
    shown = tuple(float(round(run.verification.cost_cny)) for run in runs)
    if any(run.rollout is not None for run in runs):
        yield Figure("cost", "shown_cny", labels.COST["shown_cny"], "CNY/yr", LESS, Part.MONEY, shown)
    if any(terms["shortfall_penalty"]):
        paid = tuple(cost - penalty for cost, penalty in zip(shown, terms["shortfall_penalty"], strict=True))
        yield Figure("cost", "paid_cny", labels.COST["paid_cny"], "CNY/yr", LESS, Part.MONEY, paid)
    for key in ("cost_cny_per_resident", "cost_cny_per_t"):
        yield from _key_figure(summaries, key)
    for term, values in terms.items():
        if any(value and math.isfinite(value) for value in values):
            yield Figure("terms", term, COST_TERMS[term], "CNY/yr", LESS, Part.MONEY, values)


def _service(runs: Sequence[RunRecord], summaries: Sequence[Summary]) -> Iterator[Figure]:
    def figure(key: str, unit: str, better: Better, part: Part, values: tuple[float, ...]) -> Figure:
        return Figure("service", key, labels.SERVICE[key], unit, better, part, values)

    assigned = tuple(float(round(run.district_figures["assigned_residents"].sum())) for run in runs)
    yield figure("residents", "residents", NEITHER, Part.TOTALS, _values(summaries, "residents"))
    yield figure("assigned", "residents", MORE, Part.TOTALS, assigned)
    yield from _key_figure(summaries, "served_share")
    yield from _coverage(runs)
    for key in ("mean_walk_m", "residents_per_point"):
        yield from _key_figure(summaries, key)


def _coverage(runs: Sequence[RunRecord]) -> Iterator[Figure]:
    """Share of all residents within each distance that any run tells of."""
    names = {name for run in runs for name in run.district_figures if name.startswith("residents_within_")}
    distances = sorted((name.removeprefix("residents_within_").removesuffix("_m") for name in names), key=float)
    for distance in distances:
        shares = tuple(_share_within(run, f"residents_within_{distance}_m") for run in runs)
        label, key = labels.within_label(distance), f"within_{distance}_m_share"
        yield Figure("service", key, label, "share of residents", MORE, Part.SHARES, shares)


def _share_within(run: RunRecord, name: str) -> float:
    figures = run.district_figures
    return float(figures[name].sum()) / max(1.0, run.instance.residents) if name in figures else math.nan


def _facilities(runs: Sequence[RunRecord], summaries: Sequence[Summary]) -> Iterator[Figure]:
    """Open facilities by echelon, and below each by type and size."""
    for echelon in Echelon:
        name = echelon.name.lower()
        total = _values(summaries, "facilities", name, "open")
        yield Figure("facilities", name, echelon.label, "facilities", NEITHER, Part.TOTALS, total)
        kinds = [summary["facilities"].get(name, {}).get("by_type_and_size", {}) for summary in summaries]
        for kind in sorted({kind for of_run in kinds for kind in of_run}):
            counts = tuple(float(of_run.get(kind, 0)) for of_run in kinds)
            label = _kind_label(runs, name, kind)
            yield Figure("facilities", f"{name}/{kind}", label, "facilities", NEITHER, Part.TOTALS, counts)
    for key in ("sites_kept", "sites_upgraded", "sites_closed", "sites_built", *LOADS):
        yield from _key_figure(summaries, key)


def _kind_label(runs: Sequence[RunRecord], echelon: str, kind: str) -> Label:
    """The label of a type and size, from the first run that has it; the size only where the type has several."""
    name, size = kind.split("/", 1)
    types = [getattr(run.config.facilities, echelon).get(name) for run in runs]
    known = [one for one in types if one is not None and size in one.sizes] or [one for one in types if one is not None]
    if not known:
        return Label(en=kind, zh=kind)
    label = known[0].label
    several = any(len(one.sizes) > 1 for one in known)
    return Label(en=f"{label.en}, {size}", zh=f"{label.zh}（{size}）") if several else label


def _streams(runs: Sequence[RunRecord], summaries: Sequence[Summary]) -> Iterator[Figure]:
    """Tonnes, haul and emissions."""
    for key, label in labels.TONNES.items():
        better = NEITHER if key == "offered" else MORE
        yield Figure("tonnes", key, label, "t/yr", better, Part.STREAMS, _values(summaries, "tonnes", key, "total"))
    materials = {name: material.label for run in reversed(runs) for name, material in run.config.materials.items()}
    for name, label in materials.items() if len(materials) > 1 else ():
        values = _values(summaries, "tonnes", "collected", name)
        told = labels.joined(labels.TONNES["collected"], label)
        yield Figure("tonnes", f"collected/{name}", told, "t/yr", MORE, Part.STREAMS, values)
    hauls = {name: _values(summaries, "tonne_km", name) for name in LINK_CLASSES}
    total = tuple(float(sum(summary["tonne_km"].values())) for summary in summaries)
    yield Figure("haul", "total", labels.ALL_HAUL, "t-km/yr", LESS, Part.STREAMS, total)
    for name, values in hauls.items():
        if any(value > 0 for value in values):
            yield Figure("haul", name, LINKS[name].label, "t-km/yr", LESS, Part.STREAMS, values)
    emitted = [summary["emissions_kg_co2e"] for summary in summaries]
    tonnes = tuple(sum(of_run.values()) / KG_PER_T for of_run in emitted)
    yield Figure("emissions", "total", labels.ALL_EMISSIONS, "t CO2e/yr", LESS, Part.STREAMS, tonnes)
    for name in ("transport", "operation"):
        values = _values(summaries, "emissions_kg_co2e", name, times=1 / KG_PER_T)
        yield Figure("emissions", name, text(f"results.emissions.{name}"), "t CO2e/yr", LESS, Part.STREAMS, values)
    yield from _key_figure(summaries, "emissions_kg_co2e_per_t")


def _years(summaries: Sequence[Summary]) -> Iterator[Figure]:
    """Cost and points of each planning year or case, by its name."""
    stages = [{one["name"]: one for one in (*summary["years"], *summary["cases"])} for summary in summaries]
    for name in sorted({name for of_run in stages for name in of_run}):
        named = Label(en=name, zh=name)
        cost = labels.joined(named, labels.COST["cost_cny"])
        yield Figure("years", f"{name}/cost_cny", cost, "CNY/yr", LESS, Part.MONEY, _values(stages, name, "cost_cny"))
        for echelon in (Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING):
            label = labels.joined(named, echelon.label)
            key = echelon.name.lower()
            values = _values(stages, name, "facilities", key, "open")
            yield Figure("years", f"{name}/{key}", label, "facilities", NEITHER, Part.TOTALS, values)
