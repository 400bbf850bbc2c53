"""Links that a model starts with: all where they are few, else the nearest of each place. The others are omitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.config.schema import Config
from siting.instance import Links, OmittedLinks
from siting.vocabulary import LINK_CLASSES

FEW = 30_000
"""So many flows, of a material over a link in a year or case, are all considered from the start."""
MOST_PRICED = 6_000_000
"""More omitted links are left out of bounds too, and the run says so: they take too much memory and time to price."""


@dataclass(frozen=True)
class StartingLinks:
    """Links that have columns in the model, and those that it omits, from demand nodes and from sites."""

    direct: Links
    haul: Links
    omitted_direct: OmittedLinks
    omitted_haul: OmittedLinks
    notes: tuple[str, ...] = ()


def starting_links(config: Config, direct: Links, haul: Links) -> StartingLinks:
    """Return which of all links the model starts with, by the keys of `travel:` where there are many."""
    n_stages = max(1, len(config.horizon.years), len(config.uncertainty.cases))
    n_flows = (len(direct.tail) + len(haul.tail)) * len(config.materials) * n_stages
    most = np.array([getattr(config.travel, config.travel.nearest_key(name)) for name in LINK_CLASSES])
    kept = [np.ones(len(links.tail), dtype=bool) if n_flows <= FEW else links.nearest(most) for links in (direct, haul)]
    n_omitted = sum(int((~one).sum()) for one in kept)
    if n_omitted > MOST_PRICED:
        note = f"hauls: the bound speaks of the nearest of each place (keys of `travel`), not of {n_omitted:,} others"
        none = OmittedLinks.none()
        return StartingLinks(direct.only(kept[0]), haul.only(kept[1]), none, none, (note,))
    return StartingLinks(
        direct.only(kept[0]),
        haul.only(kept[1]),
        OmittedLinks.of(direct.only(~kept[0])),
        OmittedLinks.of(haul.only(~kept[1])),
    )
