"""How long the model takes to build, on this project's own path and as a PuLP problem.

Run by hand: `python -m benchmarks.build synthetic-10000 configs/tianjin-2027.yaml --repeat 5 --json build.json`.
"""

from __future__ import annotations

import time

from benchmarks.measure import Row, measured
from benchmarks.report import Column, common_arguments, median_row, print_rows, write_rows
from benchmarks.sources import instance_of, name_of

SOURCES = ("synthetic-1000", "synthetic-10000", "synthetic-100000")
PATHS = {"arrays": "own arrays", "pulp": "PuLP"}
GRACE_S = 120.0
COLUMNS: tuple[Column, ...] = (
    ("source", "city", ""),
    ("path", "built as", ""),
    ("n_columns", "columns", ",d"),
    ("n_rows", "rows", ",d"),
    ("n_entries", "non-zeros", ",d"),
    ("build_s", "build s", ".2f"),
    ("instance_mb", "instance MB", ",.0f"),
    ("peak_mb", "peak MB", ",.0f"),
    ("status", "ended", ""),
)


def build_one(source: str, *, path: str) -> Row:
    """Build the model of a city; PuLP's seconds are those from the arrays to its problem, added to the arrays' own."""
    from siting.journal import peak_memory_mb
    from siting.model import build_whole
    from siting.model.pulp_model import to_pulp

    instance = instance_of(source)
    instance_mb = peak_memory_mb()
    began = time.perf_counter()
    model = build_whole(instance).model
    if path == "pulp":
        to_pulp(model)
    return {
        "n_columns": model.n_columns,
        "n_rows": model.n_rows,
        "n_entries": int(model.matrix.nnz),
        "build_s": time.perf_counter() - began,
        "instance_mb": instance_mb,
        "status": "built",
    }


def main(arguments: list[str] | None = None) -> None:
    """Build each city's model on each path, in a process of its own."""
    parser = common_arguments(__doc__ or "", time_limit_s=300.0)
    parser.add_argument("source", nargs="*", default=SOURCES, help="synthetic-N, configs or run folders")
    asked = parser.parse_args(arguments)
    rows = []
    for source in asked.source:
        for path, name in PATHS.items():
            how = {"source": source, "path": path}
            limit_s = asked.time_limit + GRACE_S
            runs = [measured("benchmarks.build:build_one", how, limit_s=limit_s) for _ in range(asked.repeat)]
            rows.append({"source": name_of(source), "path": name} | median_row(runs))
    print_rows("Building the model", COLUMNS, rows)
    write_rows(asked.json, rows)


if __name__ == "__main__":
    main()
