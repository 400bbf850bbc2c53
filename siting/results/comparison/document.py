"""A comparison for programs: the content of `--json`, with keys as in docs/compare.md."""

from __future__ import annotations

from typing import Any

from siting.results.comparison.comparison import (
    Comparison,
    Figure,
    Pair,
    RunFace,
    TargetComparison,
    Verdict,
)
from siting.results.comparison.sites import OpenSite, SiteComparison, SitePair
from siting.results.summary import number
from siting.results.targets import TargetRow

SCHEMA_VERSION = 1
DECIMALS = 6


def comparison_summary(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON can hold it; what is not known or not compared is None."""
    return {
        "schema_version": SCHEMA_VERSION,
        "runs": [_run(face) for face in comparison.runs],
        "figures": [_figure(comparison, figure) for figure in comparison.figures],
        "targets": [_target(comparison, row) for row in comparison.targets],
        "settings": [{"path": one.path, "values": list(one.values)} for one in comparison.settings],
        "in_all": None if comparison.in_all is None else list(comparison.in_all),
        "pairs": [_pair(comparison, pair) for pair in comparison.pairs],
    }


def _run(face: RunFace) -> dict[str, Any]:
    return {
        "name": face.name,
        "title": face.title.as_dict(),
        "city": face.city.as_dict(),
        "year": face.year,
        "siting_version": face.version,
        "status": face.status,
        "cost_cny": number(face.cost_cny, 0),
        "bound_cny": number(face.bound_cny, 0),
        "gap": number(face.gap, DECIMALS),
        "faults": list(face.faults),
    }


def _figure(comparison: Comparison, figure: Figure) -> dict[str, Any]:
    others = range(len(figure.values))
    return {
        "group": figure.group,
        "key": figure.key,
        "label": figure.label.as_dict(),
        "unit": figure.unit,
        "better": str(figure.better),
        "values": [number(value, DECIMALS) for value in figure.values],
        "differences": [number(comparison.difference(figure, 0, n), DECIMALS) for n in others],
    }


def _target(comparison: Comparison, row: TargetComparison) -> dict[str, Any]:
    others = range(len(row.reached))
    return {
        "unit": row.unit.as_dict(),
        "label": row.label.as_dict(),
        "measured_in": row.measured_in,
        "sense": "at_least" if row.is_at_least else "at_most",
        "year": row.year,
        "runs": [_reached(one) for one in row.reached],
        "differences": [number(comparison.target_difference(row, 0, n), DECIMALS) for n in others],
    }


def _reached(one: TargetRow | None) -> dict[str, Any] | None:
    if one is None:
        return None
    values = {"asked": one.asked, "reached": one.reached, "margin": one.margin}
    rounded = {name: number(value, DECIMALS) for name, value in values.items()}
    return {**rounded, "holds": one.holds, "strength": "hard" if one.is_hard else "soft"}


def _pair(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    first, second = comparison.runs[pair.first], comparison.runs[pair.second]
    return {
        "first": first.name,
        "second": second.name,
        "obstacles": [
            {"kind": one.kind, "reason": one.reason.as_dict(), "blocks": sorted(map(str, one.blocks))}
            for one in pair.obstacles
        ],
        "verdict": None if pair.verdict is None else _verdict(pair.verdict),
        "sites": None if pair.sites is None else _sites(pair.sites),
        "walks": None if pair.walks is None else {name: number(value, 0) for name, value in vars(pair.walks).items()},
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": str(verdict.outcome),
        "difference_cny": number(verdict.difference_cny, 0),
        "least_cny": number(verdict.least_cny, 0),
        "most_cny": number(verdict.most_cny, 0),
        "sentence": verdict.sentence.as_dict(),
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
    told = {"first": _site(pair.first), "second": _site(pair.second), "is_changed": pair.is_changed}
    return told | {"distance_m": number(pair.distance_m, 0)}


def _site(site: OpenSite) -> dict[str, Any]:
    return {
        "id": site.id,
        "name": site.name,
        "echelon": site.echelon.key,
        "type": site.type,
        "size": site.size,
        "district": site.district.as_dict(),
        "lon": number(site.lon, 6),
        "lat": number(site.lat, 6),
        "capacity_t": number(site.capacity_t, 1),
        "throughput_t": number(site.throughput_t, 1),
    }
