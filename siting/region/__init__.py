"""Cities and the processing bases of their region, planned together, with a bound for the whole."""

from siting.region.audit import RegionAudit, audit_region
from siting.region.config import RegionConfig, read_region
from siting.region.folder import MARKER, write_region
from siting.region.rounds import Planner, RegionPlan

__all__ = [
    "MARKER",
    "Planner",
    "RegionAudit",
    "RegionConfig",
    "RegionPlan",
    "audit_region",
    "read_region",
    "write_region",
]
