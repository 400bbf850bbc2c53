"""The linear relaxation of a model: fractional values, and multipliers that prove a bound."""

from __future__ import annotations

import math
from dataclasses import dataclass

from siting.certificate.lagrangian import lagrangian_bound, usable_multipliers
from siting.instance import Floats
from siting.model.linear import LinearModel
from siting.solve.clock import Record
from siting.solve.highs import Answer, program_of, run_highs


@dataclass(frozen=True)
class Relaxation:
    """Fractional column `values`, `multipliers` (n_rows,), and the `bound` they prove, in the model's cost unit."""

    values: Floats
    multipliers: Floats
    bound: float


def relax(
    model: LinearModel,
    *,
    time_limit_s: float,
    work: float = math.inf,
    charged: Record | None = None,
    method: str = "choose",
    threads: int = 1,
) -> Relaxation | None:
    """Solve the relaxation of `model`; None where a limit came first. `method` is HiGHS's `solver` option.

    What it takes is counted in the record that is `charged`. Interior point stops without crossover: the bound does not
    need a vertex, since it is recomputed from multipliers.
    """
    options: dict[str, object] = {"solver": method, "threads": threads}
    if method in ("ipm", "ipx", "hipo", "pdlp"):
        options["run_crossover"] = "off"
    answer = run_highs(program_of(model, is_linear=True), time_limit_s=time_limit_s, work=work, options=options)
    if charged is not None:
        charged.charge(answer.work, is_timed_out=answer.is_timed_out)
    return _relaxation(model, answer)


def _relaxation(model: LinearModel, answer: Answer) -> Relaxation | None:
    if answer.values is None or len(answer.row_dual) != model.n_rows:
        return None
    multipliers = usable_multipliers(model, answer.row_dual)
    return Relaxation(answer.values, multipliers, lagrangian_bound(model, multipliers))
