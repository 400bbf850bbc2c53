"""Proofs of bounds: bounds from row multipliers, and the certificates that name what they prove."""

from siting.certificate.certainty import Certainties, Certainty, certainties_of, rises
from siting.certificate.decomposition import AT_ONE_SITE, SiteTerms, site_bound
from siting.certificate.floor import floor_bound
from siting.certificate.lagrangian import lagrangian_bound, reduced_costs, usable_multipliers
from siting.certificate.leaves import certified_bound, tightened, with_proven
from siting.certificate.omitted import carried_over, fitted, proven_bound, site_terms
from siting.certificate.proof import FOREIGN_INSTANCE, certificate_faults, certify, digest

__all__ = [
    "AT_ONE_SITE",
    "FOREIGN_INSTANCE",
    "Certainties",
    "Certainty",
    "SiteTerms",
    "carried_over",
    "certainties_of",
    "certificate_faults",
    "certified_bound",
    "certify",
    "digest",
    "fitted",
    "floor_bound",
    "lagrangian_bound",
    "proven_bound",
    "reduced_costs",
    "rises",
    "site_bound",
    "site_terms",
    "tightened",
    "usable_multipliers",
    "with_proven",
]
