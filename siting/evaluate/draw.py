"""Years of demand drawn at random."""

from __future__ import annotations

import enum

import numpy as np

from siting.instance import Floats, Instance


class Law(enum.StrEnum):
    """How a factor on tonnes is spread about its mean, 1."""

    LOGNORMAL = "lognormal"
    NORMAL = "normal"


def draw_factors(instance: Instance, number: int, *, seed: int, cv: float, law: Law = Law.LOGNORMAL) -> Floats:
    """Factors on the tonnes of each demand node in year `number`, (n_demand, n_materials).

    One factor for each district and material, independent of the others, with mean 1 and coefficient of variation `cv`:
    log-normal, exp(σ z − σ²/2) with σ² = ln(1 + cv²), or normal, cut at 0. The same seed and number give the same
    factors, however many years are drawn.
    """
    rng = np.random.default_rng([seed, number])
    z = rng.standard_normal((len(instance.districts), instance.n_materials))
    sigma = np.sqrt(np.log1p(cv**2))
    factors = np.exp(sigma * z - sigma**2 / 2) if law is Law.LOGNORMAL else np.maximum(0.0, 1 + cv * z)
    return np.asarray(factors[instance.demand.district])
