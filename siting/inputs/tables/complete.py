"""What a table must have: its required columns and cells, ids once each, districts that exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from siting.inputs.tables.coordinates import Table
from siting.inputs.tables.faults import Faults
from siting.inputs.tables.names import district_codes, unknown_district
from siting.inputs.tables.schema import Column, Kind
from siting.inputs.tables.wording import did_you_mean


def tell_absent(table: Table, kind: Kind, values: Mapping[str, list[Any]], faults: Faults) -> None:
    """Add a fault for every required column that is not there and every required cell that is empty."""
    names = {column.key: column for column in kind.columns}
    texts = list(table.header.texts.values())
    needed = [[names[key]] for key in kind.required] + ([[names[key] for key in kind.one_of]] if kind.one_of else [])
    needed += [[names[key]] for key in kind.asked if key not in kind.one_of and names[key].name in values]
    for choice in needed:
        spoken = " or ".join(f"{column.header.zh} ({column.name})" for column in choice)
        given = [column for column in choice if column.name in values]
        if not given and not any(column.name in faults.by_column for column in choice):
            near = did_you_mean(choice[0].header.zh, texts) or did_you_mean(choice[0].name, texts)
            cure = f"{near}map it with `columns: {{{choice[0].name}: …}}`; the headers are {texts}"
            faults.add(choice[0].name, f"{table.grid.place}: no column for {spoken}; {cure}")
            continue
        for row, cells in enumerate(zip(*(values[column.name] for column in given), strict=True)):
            is_empty = all(cell is None for cell in cells)
            if is_empty and not _is_told(table, given[0], row, faults):
                faults.add(given[0].name, f"{table.where(given[0].name, row)}: empty; {spoken} is needed in every row")


def _is_told(table: Table, column: Column, row: int, faults: Faults) -> bool:
    """Whether a fault already says what is wrong with the cell."""
    return (column.name, table.rows.numbers[row]) in faults.cells


def tell_repeated(table: Table, kind: Kind, values: Mapping[str, list[Any]], faults: Faults) -> None:
    """Add a fault for every id that is empty or given twice."""
    column = next((column for column in kind.columns if column.type == "id"), None)
    if column is None or column.name not in values or (kind.letter is None and column.key not in kind.one_of):
        return
    seen: dict[str, int] = {}
    for row, value in enumerate(values[column.name]):
        where = table.where(column.name, row)
        if value is None:
            if kind.letter and not _is_told(table, column, row, faults):
                faults.add(
                    column.name, f"{where}: no {column.name}; give every row its own, or take the whole column away"
                )
        elif value in seen:
            first = table.where(column.name, seen[value]).rpartition(", ")[2]
            faults.add(column.name, f"{where}: {column.name} {value!r} stands in {first} already; make them unique")
        else:
            seen[value] = row


def tell_strangers(
    table: Table, districts: pd.DataFrame | None, values: Mapping[str, list[Any]], faults: Faults
) -> None:
    """Add a fault for every district that is not in the list of districts."""
    if districts is None or "district" not in values:
        return
    codes = district_codes(values["district"], districts)
    for row, (name, code) in enumerate(zip(values["district"], codes, strict=True)):
        if name is not None and code is None:
            faults.add("district", f"{table.where('district', row)}: {unknown_district(name, districts)}")
