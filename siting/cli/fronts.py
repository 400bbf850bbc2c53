"""`siting pareto`: the front between the two goals of a config."""

from __future__ import annotations

from pathlib import Path

from siting.cli.consoles import err, out
from siting.cli.screen import Screen
from siting.config import Loaded
from siting.errors import ConfigError, FileError
from siting.explain import check_arithmetic
from siting.journal import Journal, quiet_libraries
from siting.results.front import FrontRow, front_table, write_front
from siting.run import get_ready, refuse_impossible
from siting.solve.goals import FrontPoint, front


def find_and_print_front(loaded: Loaded, file: Path, *, points: int | None) -> None:
    """Find the front that `pareto:` of a config asks for, print it, and write it to `file`.

    Raises
    ------
    ConfigError
        If the config has no section `pareto`.
    InfeasibleError, OutOfTimeError
        If the targets leave no plan, or time none.
    """
    if loaded.config.pareto is None:
        raise ConfigError(
            f"{loaded.path or 'config'}: has no section `pareto`; add one with two goals (see docs/model.md)"
        )
    screen = Screen(err())
    journal = Journal(screen.tell, screen.begin)
    with screen, quiet_libraries(journal):
        prepared = get_ready(loaded, journal).prepared
        refuse_impossible(check_arithmetic(prepared.instance))
        (first, _), (second, _) = prepared.front
        asked = loaded.config.solve.model_dump() | {"points": points or loaded.config.pareto.points}
        with journal.stage("front"):
            found = front(prepared.instance, (first, second), watch=screen.watch, **asked)
    rows = [_row(point) for point in found]
    out().print(front_table((first, second), rows))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_front(file, (first, second), rows)
    except OSError as error:
        raise FileError(f"{file}: cannot be written ({error.strerror}); choose another file with --out") from error
    out().print(f"Front: {file}", soft_wrap=True)


def _row(point: FrontPoint) -> FrontRow:
    solution = point.solution
    n_open = sum(int(plan.is_open.sum()) for plan in solution.plans[-1:])
    return FrontRow(point.first, point.first_bound, point.gap, point.second, solution.cost_cny, n_open, point.status)
