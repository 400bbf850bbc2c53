"""The terminal's view of an instance: how much there is to plan with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from rich.console import Console

from siting.inputs.city import City
from siting.instance import Instance, Target
from siting.language import Label, spoken, text
from siting.language.quantities import quantity
from siting.prepare import Prepared, lost_places
from siting.render.table import Cell, Row, Table, columns, missed_if
from siting.render.terminal.table import rich_table
from siting.vocabulary import Echelon, Measure


def print_instance(console: Console, city: City, prepared: Prepared) -> None:
    """Print the sizes of an instance, how its places met the roads, and the coverage that its candidates allow."""
    instance = prepared.instance
    console.print(rich_table(_count_table(instance), show_header=False))
    for name, report in prepared.snapping.items():
        pairs = report.n_network_pairs + report.n_along_pairs + report.n_straight_pairs
        console.print(spoken("terminal.instance.pairs", name=name.replace("_", " "), pairs=pairs))
    for line in lost_places(city, instance, prepared.snapping):
        console.print(line, soft_wrap=True)
    covering = [target for target in instance.targets if target.measure in (Measure.COVERAGE, Measure.SERVED)]
    if covering:
        console.print(rich_table(_coverage_table(instance, covering)))


def _count_table(instance: Instance) -> Table:
    cells = instance.demand.is_household
    rows: list[Row] = [
        (text("terminal.instance.residents"), instance.residents),
        (text("terminal.instance.cells"), cells.sum()),
        (text("terminal.instance.generators"), (~cells).sum()),
        *(
            (text("terminal.instance.candidates", echelon=one.label), (instance.sites.echelon == one).sum())
            for one in Echelon
        ),
        (text("terminal.instance.must_open"), instance.sites.must_open.sum()),
        (text("terminal.instance.options"), instance.n_options),
        (text("terminal.instance.walks"), len(instance.walks.demand)),
        (text("terminal.instance.hauls"), len(instance.haul.tail) + len(instance.direct.tail)),
        (text("terminal.instance.targets"), len(instance.targets)),
    ]
    for name, tonnes in zip(instance.materials.id, instance.demand.tonnes.sum(axis=0), strict=True):
        offered = text("terminal.instance.offered", material=name)
        rows.append((offered, text("terminal.instance.tonnes", tonnes=tonnes)))
    title = f"{instance.name}, {instance.year}"
    return Table(Label(title, title), columns("terminal.instance", what="text", number="whole"), tuple(rows))


def _coverage_table(instance: Instance, targets: Iterable[Target]) -> Table:
    rows: list[Row] = []
    for target in targets:
        reachable = reachable_share(instance, target)
        within = text("terminal.instance.in_reach")
        if target.within_m is not None:
            within = quantity(target.within_m, "m")
        asked = Cell(target.asked, sign="≥" if target.is_at_least else "≤")
        rows.append((target.unit, within, asked, missed_if(target.is_at_least and reachable < target.asked, reachable)))
    heads = columns("terminal.instance", unit="text", within="any", asked="share", reachable="share")
    return Table(text("terminal.instance.coverage"), heads, tuple(rows))


def reachable_share(instance: Instance, target: Target) -> float:
    """Return the share of the unit's residents that have a candidate point within the target's distance."""
    walks = instance.walks
    is_near = walks.distance_m <= (np.inf if target.within_m is None else target.within_m)
    has_point = np.zeros(instance.n_demand, dtype=bool)
    has_point[walks.demand[is_near]] = True
    residents = instance.demand.residents * target.in_unit_demand
    return float(residents[has_point].sum() / residents.sum())
