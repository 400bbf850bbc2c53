"""Plan a city's recycling network at minimum cost, with a certified bound.

>>> import siting
>>> result = siting.examples.load("heping").solve(time_limit_s=60)  # doctest: +SKIP
>>> result.map().save("map.html")  # doctest: +SKIP
"""

import importlib
from typing import TYPE_CHECKING, Any

from siting.errors import (
    ConfigError,
    DataError,
    FileError,
    InfeasibleError,
    OutOfTimeError,
    SitingError,
    SolverError,
    VerificationError,
)

if TYPE_CHECKING:
    from siting import examples
    from siting.comparison import compare
    from siting.problem import Problem, read_config, read_run
    from siting.result import Result

__version__ = "0.2.0"

__all__ = [
    "ConfigError",
    "DataError",
    "FileError",
    "InfeasibleError",
    "OutOfTimeError",
    "Problem",
    "Result",
    "SitingError",
    "SolverError",
    "VerificationError",
    "__version__",
    "compare",
    "examples",
    "read_config",
    "read_run",
]

_HOMES = {
    "Problem": "siting.problem",
    "Result": "siting.result",
    "compare": "siting.comparison",
    "read_config": "siting.problem",
    "read_run": "siting.problem",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Import a public name when it is first used: `import siting` and `siting --help` load no heavy library."""
        if name == "examples":
            return importlib.import_module("siting.examples")
        if name not in _HOMES:
            raise AttributeError(f"module 'siting' has no attribute {name!r}")
        found = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return list(__all__)
