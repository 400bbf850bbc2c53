"""What households book for pick-up at the door: a demand node of its own beside each cell."""

from __future__ import annotations

import numpy as np

from siting.config.schema import Config
from siting.errors import ConfigError
from siting.instance import Floats, Ints, Links
from siting.prepare.scope import Scoped


def booked_share(config: Config, chosen: Scoped) -> Floats:
    """Share of what arises in each cell that is fetched at the door, (n_cells,)."""
    booked = config.participation.booked
    if booked is None:
        return np.zeros(len(chosen.cells))
    shares = {"urban": booked.urban, "rural": booked.rural}
    return np.asarray(chosen.cells["settlement"].map(shares), dtype=float)


def booked_cells(config: Config, chosen: Scoped) -> Ints:
    """Rows of the cells with booked pick-up; their demand nodes follow the generators in this order."""
    return np.flatnonzero(booked_share(config, chosen) > 0)


def require_stations(chosen: Scoped, doors: Ints, direct: Links) -> None:
    """Refuse booked pick-up where no transfer station is in reach: what is promised must be fetched.

    Raises
    ------
    ConfigError
        With the first few cells.
    """
    first = len(chosen.cells) + len(chosen.generators)
    lost = doors[~np.isin(first + np.arange(len(doors)), direct.tail)]
    if len(lost):
        names = ", ".join(str(one) for one in chosen.cells["id"].to_numpy()[lost[:5]])
        raise ConfigError(
            f"participation.booked: {len(lost):,} cells reach no transfer station within travel.haul_cutoff_km"
            f" ({names}{' …' if len(lost) > 5 else ''}); raise it or scope.haul_sites_within_km, or set the share of"
            " their settlement to 0"
        )
