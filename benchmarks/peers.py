"""The same city solved by what a planner could pick instead, under equal time limits, side by side.

PuLP with HiGHS and with CBC, HiGHS on the arrays, SCIP (`pyscipopt`), this project's engine; and the covering part
alone by spopt and by `siting.locate`. Run by hand:
`python -m benchmarks.peers synthetic-1000 configs/tianjin-2027.yaml --time-limit 300 --json peers.json`.
spopt and pyscipopt are the extra `bench`; what is not installed is left out, with a line that says so.
"""

from __future__ import annotations

import importlib.util

from benchmarks.measure import Row, measured
from benchmarks.report import Column, common_arguments, median_row, print_rows, write_rows
from benchmarks.sources import name_of
from siting.cli.terminal import out

SOURCES = ("synthetic-1000",)
WORK = {
    "siting": "benchmarks.solvers:by_siting",
    "pulp-highs": "benchmarks.solvers:by_pulp_highs",
    "pulp-cbc": "benchmarks.solvers:by_pulp_cbc",
    "highspy": "benchmarks.solvers:by_highspy",
    "scip": "benchmarks.solvers:by_scip",
    "cover-siting": "benchmarks.coverage:by_siting",
    "cover-spopt": "benchmarks.coverage:by_spopt",
}
NEEDS = {"scip": "pyscipopt", "cover-spopt": "spopt"}
GRACE_S = 120.0
"""For reading, building and stopping, which are no part of a solver's time limit."""
COLUMNS: tuple[Column, ...] = (
    ("source", "city", ""),
    ("peer", "solved by", ""),
    ("value", "value", ",.0f"),
    ("bound", "bound", ",.0f"),
    ("gap_percent", "gap %", ".2f"),
    ("above_percent", "off best bound %", ".2f"),
    ("primal_integral_percent", "primal integral %", ".1f"),
    ("faults", "faults", "d"),
    ("build_s", "build s", ".1f"),
    ("solve_s", "solve s", ".1f"),
    ("wall_s", "all s", ".1f"),
    ("peak_mb", "peak MB", ",.0f"),
    ("status", "ended", ""),
)


def main(arguments: list[str] | None = None) -> None:
    """Solve each city by each peer, in a process of its own that is killed where it does not stop."""
    parser = common_arguments(__doc__ or "", time_limit_s=300.0)
    parser.add_argument("source", nargs="*", default=SOURCES, help="synthetic-N, configs or run folders")
    parser.add_argument("--peer", nargs="+", choices=WORK, default=list(WORK), help="whom to ask; all where left out")
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args(arguments)
    rows = []
    for source in asked.source:
        own = []
        for peer in asked.peer:
            if peer in NEEDS and importlib.util.find_spec(NEEDS[peer]) is None:
                out().print(f"{peer}: {NEEDS[peer]} is not installed; left out (pip install 'siting[bench]')")
                continue
            how = {"source": source, "time_limit_s": asked.time_limit, "gap": asked.gap, "threads": asked.threads}
            limit_s = 1.1 * asked.time_limit + GRACE_S
            runs = [measured(WORK[peer], how, limit_s=limit_s) for _ in range(asked.repeat)]
            own.append({"source": name_of(source), "peer": peer} | median_row(runs))
        rows += with_integrals(compared(own), asked.time_limit)
    print_rows(f"Peers, {asked.time_limit:.0f} s each", COLUMNS, rows)
    write_rows(asked.json, rows)


def compared(rows: list[Row]) -> list[Row]:
    """The rows with `above_percent`: how far each value is from the best bound that any of its problem proved."""
    best: dict[str, float] = {}
    for row in rows:
        if row.get("bound") is not None:
            sign, name = row["sign"], row["problem"]
            best[name] = max(best.get(name, -float("inf")), sign * row["bound"])
    return [
        row | {"above_percent": 100 * abs(row["sign"] * row["value"] - best[row["problem"]]) / abs(row["value"])}
        if row.get("value") is not None and row["problem"] in best
        else row
        for row in rows
    ]


def with_integrals(rows: list[Row], time_limit_s: float) -> list[Row]:
    """The rows with `primal_integral_percent`: how far the best plan so far was from the best known, over the limit.

    100 before the first plan (Berthold 2013, Measuring the impact of primal heuristics). The row keeps no `plans`.
    """
    best: dict[str, float] = {}
    for row in rows:
        if row.get("value") is not None:
            best[row["problem"]] = min(best.get(row["problem"], float("inf")), row["sign"] * row["value"])

    def integral(plans: list[tuple[float, float]], least: float) -> float:
        known, at, share, total = float("inf"), 0.0, 1.0, 0.0
        for seconds, value in [*sorted(tuple(plan) for plan in plans), (time_limit_s, float("inf"))]:
            until = min(max(seconds, at), time_limit_s)
            total, at, known = total + share * (until - at), until, min(known, value)
            share = min(1.0, abs(known - least) / max(abs(known), abs(least))) if known < float("inf") else 1.0
        return 100 * total / time_limit_s

    found = []
    for row in rows:
        plans = row.pop("plans", None)
        has_best = plans is not None and row.get("problem") in best
        found.append(row | {"primal_integral_percent": integral(plans, best[row["problem"]])} if has_best else row)
    return found


if __name__ == "__main__":
    main()
