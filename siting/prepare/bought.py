"""Capacity that is bought by the tonne, and what facilities may dispose of."""

from __future__ import annotations

import numpy as np

from siting.config.schema import Config
from siting.instance import Bools, Disposals, Expansions, Options
from siting.prepare.money import annuity


def expansions_of(config: Config, at_outlet: Bools, options: Options) -> Expansions:
    """What each option can be extended by; `at_outlet` (n_sites,) are the outlets of household waste."""
    types = [kind for _, _, kind in config.facilities.by_echelon()]
    rows = []
    for option, (number, size) in enumerate(zip(options.type.tolist(), options.size.tolist(), strict=True)):
        kind = types[number]
        extends = kind.sizes[size].expansion
        if extends is None:
            continue
        shared = config.shared if at_outlet[options.site[option]] and not options.is_existing[option] else None
        capex = extends.capex_cny_per_t * (1.0 if shared is None else shared.capex_factor)
        opex = extends.opex_cny_per_t * (1.0 if shared is None else shared.opex_factor)
        a_year = annuity(capex, config.money.discount_rate, kind.life_years)
        rows.append((option, extends.most_t, capex, a_year, opex))
    if not rows:
        return Expansions.none()
    return Expansions(*(np.array(column) for column in zip(*rows, strict=True)))


def disposals_of(config: Config, options: Options) -> Disposals:
    """What each option may dispose of."""
    types, material = [kind for _, _, kind in config.facilities.by_echelon()], list(config.materials)
    rows = [
        (option, material.index(name), disposal.cny_per_t, disposal.limit_t)
        for option, number in enumerate(options.type.tolist())
        for name, disposal in types[number].disposal.items()
    ]
    if not rows:
        return Disposals.none()
    return Disposals(*(np.array(column) for column in zip(*rows, strict=True)))
