"""How time and memory grow with the size of a made-up city.

Run by hand: `python -m benchmarks.scale --cells 1000 3000 10000 30000 100000 --time-limit 900 --json scale.json`.
"""

from __future__ import annotations

import time

from benchmarks.measure import Row, measured
from benchmarks.report import Column, common_arguments, median_row, print_rows, write_rows
from benchmarks.sources import instance_of, name_of

CELLS = (1_000, 3_000, 10_000, 30_000, 100_000)
GRACE_S = 300.0
COLUMNS: tuple[Column, ...] = (
    ("source", "city", ""),
    ("n_sites", "sites", ",d"),
    ("n_columns", "columns", ",d"),
    ("instance_s", "instance s", ".1f"),
    ("build_s", "model s", ".1f"),
    ("first_plan_s", "first plan s", ".1f"),
    ("solve_s", "solve s", ".1f"),
    ("gap_percent", "gap %", ".2f"),
    ("value", "CNY a year", ",.0f"),
    ("faults", "faults", "d"),
    ("peak_mb", "peak MB", ",.0f"),
    ("status", "ended", ""),
)


def solve_one(source: str, *, time_limit_s: float, gap: float, engine: str, threads: int) -> Row:
    """Make the instance, build its model, solve it, verify the plan."""
    from siting.model import build_whole
    from siting.solve.solve import solve
    from siting.verify import verify

    began = time.perf_counter()
    instance = instance_of(source)
    made = time.perf_counter()
    model = build_whole(instance).model
    built = time.perf_counter()
    size = {"n_columns": model.n_columns, "n_rows": model.n_rows, "n_entries": int(model.matrix.nnz)}
    del model
    found = solve(instance, engine=engine, time_limit_s=time_limit_s, gap=gap, threads=threads)
    with_plan = [line.seconds for line in found.history if line.cost_cny < float("inf")]
    plans = [verify(instance.at_stage(n), plan) for n, plan in enumerate(found.plans)]
    return size | {
        "n_demand": instance.n_demand,
        "n_sites": instance.n_sites,
        "instance_s": made - began,
        "build_s": built - made,
        "first_plan_s": with_plan[0] if with_plan else None,
        "solve_s": found.seconds,
        "value": found.value,
        "bound": found.bound,
        "gap_percent": 100 * found.gap,
        "faults": sum(len(one.faults) for one in plans),
        "engine": found.engine,
        "status": str(found.status),
    }


def main(arguments: list[str] | None = None) -> None:
    """Solve each city in a process of its own."""
    parser = common_arguments(__doc__ or "", time_limit_s=900.0)
    parser.add_argument("--cells", type=int, nargs="*", default=CELLS, metavar="N", help="demand nodes of each city")
    parser.add_argument("--source", nargs="*", default=[], help="configs or run folders beside the made-up cities")
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--engine", default="auto", choices=("auto", "city", "exact"))
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args(arguments)
    rows = []
    for source in [*(f"synthetic-{n}" for n in asked.cells), *asked.source]:
        how = {"source": source, "gap": asked.gap, "engine": asked.engine, "threads": asked.threads}
        how["time_limit_s"] = asked.time_limit
        limit_s = 1.1 * asked.time_limit + GRACE_S
        runs = [measured("benchmarks.scale:solve_one", how, limit_s=limit_s) for _ in range(asked.repeat)]
        rows.append({"source": name_of(source)} | median_row(runs))
    print_rows(f"Scale, {asked.time_limit:.0f} s each", COLUMNS, rows)
    write_rows(asked.json, rows)


if __name__ == "__main__":
    main()
