"""A comparison for programs: the content of `--json`, with keys as in docs/howto/compare.md."""

from __future__ import annotations

from typing import Any

from siting.language import Label
from siting.results.comparison.comparison import Comparison, Figure, Pair, RunFace, TargetComparison
from siting.results.comparison.sites import OpenSite, SiteComparison, SitePair
from siting.results.summary import number
from siting.results.targets import TargetRow

SCHEMA_VERSION = 1
DECIMALS = 6


def comparison_summary(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON-serialisable objects; missing or incomparable values are None."""
    return {
        "schema_version": SCHEMA_VERSION,
        "runs": [_run(face) for face in comparison.runs],
        "figures": [_figure(comparison, figure) for figure in comparison.figures],
        "targets": [_target(comparison, row) for row in comparison.targets],
        "settings": [{"path": one.path, "values": list(one.values)} for one in comparison.settings],
        "in_all": None if comparison.in_all is None else list(comparison.in_all),
        "pairs": [_pair(comparison, pair) for pair in comparison.pairs],
    }


def _plain(record: Any, *names: str, **decimals: int) -> dict[str, Any]:
    """Return fields of a record: labels by language, numbers of `decimals` rounded, anything else as it is."""
    given = {name: getattr(record, name) for name in names}
    plain = {name: one.as_dict() if isinstance(one, Label) else one for name, one in given.items()}
    return plain | {name: number(getattr(record, name), places) for name, places in decimals.items()}


def _run(face: RunFace) -> dict[str, Any]:
    return {
        **_plain(face, "name", "title", "city", "year"),
        "siting_version": face.version,
        **_plain(face, "status", cost_cny=0, paid_cny=0, bound_cny=0, gap=DECIMALS),
        **_plain(face, floor_cny=0, decidable_gap=DECIMALS),
        "faults": list(face.faults),
    }


def _figure(comparison: Comparison, figure: Figure) -> dict[str, Any]:
    differences = [comparison.difference(figure, 0, n) for n in range(len(figure.values))]
    return {
        **_plain(figure, "group", "key", "label", "unit"),
        "better": str(figure.better),
        "values": [number(value, DECIMALS) for value in figure.values],
        "differences": [number(more, DECIMALS) for more in differences],
    }


def _target(comparison: Comparison, row: TargetComparison) -> dict[str, Any]:
    differences = [comparison.target_difference(row, 0, n) for n in range(len(row.reached))]
    return {
        **_plain(row, "unit", "label", "measured_in"),
        "sense": "at_least" if row.is_at_least else "at_most",
        "year": row.year,
        "runs": [_reached(one) for one in row.reached],
        "differences": [number(more, DECIMALS) for more in differences],
    }


def _reached(one: TargetRow | None) -> dict[str, Any] | None:
    if one is None:
        return None
    reached = _plain(one, asked=DECIMALS, reached=DECIMALS, margin=DECIMALS)
    return reached | {"holds": one.holds, "strength": "hard" if one.is_hard else "soft"}


def _pair(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    verdict, sites, walks = pair.verdict, pair.sites, pair.walks
    return {
        "first": comparison.runs[pair.first].name,
        "second": comparison.runs[pair.second].name,
        "obstacles": [
            _plain(one, "kind", "reason") | {"blocks": sorted(map(str, one.blocks))} for one in pair.obstacles
        ],
        "verdict": None
        if verdict is None
        else {
            "outcome": str(verdict.outcome),
            **_plain(verdict, difference_cny=0, least_cny=0, most_cny=0),
            "sentence": verdict.sentence.as_dict(),
        },
        "sites": None if sites is None else _sites(sites),
        "walks": None if walks is None else {name: number(value, 0) for name, value in vars(walks).items()},
    }


def _sites(sites: SiteComparison) -> dict[str, Any]:
    return {
        "moved_within_m": dict(sites.moved_within_m),
        "both": [_site_pair(pair) for pair in sites.both],
        "moved": [_site_pair(pair) for pair in sites.moved],
        "only_first": [_site(site) for site in sites.only_first],
        "only_second": [_site(site) for site in sites.only_second],
    }


def _site_pair(pair: SitePair) -> dict[str, Any]:
    own = {"first": _site(pair.first), "second": _site(pair.second), "is_changed": pair.is_changed}
    return own | _plain(pair, distance_m=0)


def _site(site: OpenSite) -> dict[str, Any]:
    whole = _plain(site, "id", "name", "type", "size", "district", lon=6, lat=6, capacity_t=1, throughput_t=1)
    return {"id": site.id, "name": site.name, "echelon": site.echelon.key} | whole
