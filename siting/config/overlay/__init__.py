"""Changes laid over a config: of any key, of targets by their id, of parameters by their key, of demand by factor."""

from siting.config.overlay.addresses import nested, parse_assignment, parse_value, run_name, split_values
from siting.config.overlay.changes import overlaid
from siting.config.overlay.parameters import ranged_parameters, used_parameters
from siting.config.overlay.relative import NO_REFERENCE, Reference

__all__ = [
    "NO_REFERENCE", "Reference", "nested", "overlaid", "parse_assignment", "parse_value", "ranged_parameters",
    "run_name", "split_values", "used_parameters",
]  # fmt: skip
