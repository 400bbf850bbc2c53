"""Proofs of bounds: bounds from row multipliers, and the certificates that name what they prove."""

from siting.certificate.decomposition import AT_ONE_SITE, proven_bound, site_bound
from siting.certificate.lagrangian import lagrangian_bound, reduced_costs, usable_multipliers
from siting.certificate.proof import FOREIGN_INSTANCE, certificate_faults, certify, digest

__all__ = [
    "AT_ONE_SITE",
    "FOREIGN_INSTANCE",
    "certificate_faults",
    "certify",
    "digest",
    "lagrangian_bound",
    "proven_bound",
    "reduced_costs",
    "site_bound",
    "usable_multipliers",
]
