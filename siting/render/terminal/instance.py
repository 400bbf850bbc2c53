"""The terminal's view of an instance: how much there is to plan with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.inputs.city import City
from siting.instance import Instance, Target
from siting.prepare import Prepared, lost_places
from siting.vocabulary import Echelon, Measure


def print_instance(console: Console, city: City, prepared: Prepared) -> None:
    """Print the sizes of an instance, how its places met the roads, and the coverage that its candidates allow."""
    instance = prepared.instance
    console.print(_count_table(instance))
    for name, report in prepared.snapping.items():
        pairs = report.n_network_pairs + report.n_along_pairs + report.n_straight_pairs
        console.print(f"{name.replace('_', ' ')}: {pairs:,} pairs")
    for line in lost_places(city, instance, prepared.snapping):
        console.print(line, soft_wrap=True)
    covering = [target for target in instance.targets if target.measure is Measure.COVERAGE]
    if covering:
        console.print(_coverage_table(instance, covering))


def _count_table(instance: Instance) -> Table:
    table = Table(title=f"{instance.name}, {instance.year}", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("number", justify="right")
    cells = instance.demand.is_household
    rows: list[tuple[str, float]] = [
        ("residents", instance.residents),
        ("population cells", cells.sum()),
        ("generators", (~cells).sum()),
        *((f"candidates: {e.label.en}", (instance.sites.echelon == e).sum()) for e in Echelon),
        ("sites that must be open", instance.sites.must_open.sum()),
        ("options (site, type, size)", instance.n_options),
        ("walks from a cell to a point", len(instance.walks.demand)),
        ("haul links", len(instance.haul.tail) + len(instance.direct.tail)),
        ("targets", len(instance.targets)),
    ]
    for name, number in rows:
        table.add_row(name, f"{number:,.0f}")
    for name, tonnes in zip(instance.materials.id, instance.demand.tonnes.sum(axis=0), strict=True):
        table.add_row(f"offered, {name}", f"{tonnes:,.0f} t/yr")
    return table


def _coverage_table(instance: Instance, targets: Iterable[Target]) -> Table:
    table = Table(title="Coverage: what the candidates allow if all were open", title_justify="left")
    for name in ("unit", "within", "asked", "reachable"):
        table.add_column(name, justify="left" if name == "unit" else "right")
    for target in targets:
        reachable = reachable_share(instance, target)
        style = "bold red" if target.is_at_least and reachable < target.value else ""
        asked = f"{'≥' if target.is_at_least else '≤'} {100 * target.value:.1f} %"
        within = f"{target.within_m or 0.0:,.0f} m"
        table.add_row(Text(target.unit), within, asked, Text(f"{100 * reachable:.1f} %", style=style))
    return table


def reachable_share(instance: Instance, target: Target) -> float:
    """Return the share of the unit's residents that have a candidate point within the target's distance."""
    walks = instance.walks
    is_near = walks.distance_m <= (target.within_m or 0.0)
    has_point = np.zeros(instance.n_demand, dtype=bool)
    has_point[walks.demand[is_near]] = True
    residents = instance.demand.residents * target.in_unit_demand
    return float(residents[has_point].sum() / residents.sum())
