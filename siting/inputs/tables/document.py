"""The documentation of the columns: `python -m siting.inputs.tables.document > docs/reference/source-columns.md`."""

from __future__ import annotations

from collections.abc import Iterator

from siting.inputs.tables.describe import allowed
from siting.inputs.tables.schema import Kind, definition

OPENING = """# Columns of the sources

What `siting` reads from tables and layers, made from `siting/inputs/tables/columns.yaml` (do not edit here). A header
is known in any case, with full-width letters, blanks, `*`, a year or a unit in brackets; of several that are there the
first in the list is taken. Any other header is mapped with `columns:`. How it all works: [sources](sources.md).
"""


def columns_markdown() -> str:
    """Return the page: one table for each kind."""
    return OPENING + "".join(line for kind in definition().kinds.values() for line in _kind_lines(kind))


def _kind_lines(kind: Kind) -> Iterator[str]:
    yield f"\n## {kind.name}\n\nOne row is {kind.row.en}. Sheet in the template: "
    yield f"{kind.sheet.zh} / {kind.sheet.en}.\n\n" if kind.in_template else "none.\n\n"
    yield "| column | headers | unit | needed | holds |\n|---|---|---|---|---|\n"
    for column in kind.columns:
        headers = ", ".join(dict.fromkeys((column.header.zh, column.header.en, *column.aliases)))
        needed = "no empty cell" if column.key in kind.asked else ""
        if column.key in (*kind.required, *kind.one_of):
            needed = "yes" if column.key in kind.required else "one of these"
        holds = f"{column.help.en} ({allowed(column, 'en')})"
        if column.values:  # stored words, with the Chinese words that are read as these
            holds = f"{column.help.en}: {', '.join(f'`{name}` {value.zh}' for name, value in column.values.items())}"
            holds += "; others are kept" if column.type in ("label", "list") else ""
        yield f"| `{column.name}` | {headers} | {column.unit or ''} | {needed} | {holds} |\n"


if __name__ == "__main__":
    print(columns_markdown(), end="")
