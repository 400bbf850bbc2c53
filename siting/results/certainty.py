"""Certainty of each site of a run, from the certificate of its bound."""

from __future__ import annotations

import numpy as np

from siting.certificate import certainties_of, certificate_faults, site_terms, tightened
from siting.instance import Texts
from siting.model import build_whole
from siting.model.linear import MODEL_CNY
from siting.plan import open_option_of_site
from siting.results.record import RunRecord


def site_certainties(run: RunRecord) -> Texts:
    """Return values of `Certainty` for each site, (n_sites,); empty if no certificate bounds the cost."""
    instance, solution = run.whole_instance, run.solution
    unknown = np.full(instance.n_sites, "", dtype="<U12")
    if solution.certificate is None or instance.objective is not None:
        return unknown
    whole = build_whole(instance)
    if certificate_faults(instance, whole, solution):
        return unknown
    terms = site_terms(*tightened(whole, solution.certificate))
    is_open = open_option_of_site(instance, solution.plan) >= 0
    return certainties_of(whole, terms, is_open=is_open, cost=solution.cost_cny / MODEL_CNY).certainty
