"""Sites shared with outlets of household waste: which they are, and what is cheaper there."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np

from siting.config.flows import Shared
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Bools, Options
from siting.prepare.money import annuity


def is_shared(config: Config, city: City, candidates: gpd.GeoDataFrame) -> Bools:
    """Whether each candidate is an outlet of household waste, (n_candidates,).

    Raises
    ------
    ConfigError
        If a kind or an id is not known: all in one list.
    """
    shared = config.shared
    if shared is None:
        return np.zeros(len(candidates), dtype=bool)
    raise_faults(list(_faults(shared, city.candidates)), ConfigError)
    drawn = [zlib.crc32(str(one).encode()) < shared.share * 2**32 for one in candidates["id"]]
    of_kind = candidates["kind"].isin(shared.kinds).to_numpy() & np.array(drawn, dtype=bool)
    return np.asarray(of_kind | candidates["id"].isin(shared.ids).to_numpy(), dtype=bool)


def _faults(shared: Shared, candidates: gpd.GeoDataFrame) -> Iterator[str]:
    kinds, ids = set(candidates["kind"]), set(candidates["id"])
    for kind in shared.kinds:
        if kind not in kinds:
            yield f"shared.kinds: no candidate is of kind {kind!r}; there are {sorted(kinds)}"
    for one in shared.ids:
        if one not in ids:
            near = difflib.get_close_matches(one, ids, n=1)
            yield f"shared.ids: no candidate {one!r}" + (f"; did you mean {near[0]!r}?" if near else "; remove it")


def with_discounts(config: Config, at_outlet: Bools, options: Options) -> Options:
    """The options with what building, land and operation cost at shared sites; what stands already keeps its cost."""
    shared = config.shared
    if shared is None:
        return options
    cheaper = at_outlet[options.site] & ~options.is_existing
    capex, opex, land = (np.where(cheaper, factor, 1.0) for factor in
                         (shared.capex_factor, shared.opex_factor, shared.land_factor))  # fmt: skip
    of_land = options.land_cny / annuity(1.0, config.money.discount_rate, config.money.land_term_years)
    return replace(
        options,
        capex_cny=(options.capex_cny - of_land) * capex + of_land * land,
        investment_cny=options.investment_cny * capex,
        land_cny=options.land_cny * land,
        fixed_operation_cny=options.fixed_operation_cny * opex,
    )
