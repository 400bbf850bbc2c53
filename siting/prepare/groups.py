"""Options of which one may be open: those of candidates that stand at the same place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.instance import Groups, Options
from siting.prepare.bases import PLACE
from siting.prepare.scope import Scoped


def one_at_a_place(chosen: Scoped, options: Options) -> Groups:
    """One group for each place at which several candidates stand."""
    if PLACE not in chosen.candidates:
        return Groups.none()
    code, _ = pd.factorize(chosen.candidates[PLACE])  # −1 where a candidate stands alone
    n_sites = np.bincount(code[np.unique(options.site)] + 1, minlength=code.max(initial=-1) + 2)[1:]
    is_crowded = np.append(n_sites > 1, False)[code]
    option = np.flatnonzero(is_crowded[options.site])
    places, group = np.unique(code[options.site[option]], return_inverse=True)
    return Groups(option, group.astype(np.int64), np.ones(len(places)))


def join_groups(*parts: Groups) -> Groups:
    """Groups one after the other."""
    first = np.cumsum([0, *(len(part.most) for part in parts)])
    return Groups(
        np.concatenate([part.option for part in parts]),
        np.concatenate([part.group + start for part, start in zip(parts, first[:-1], strict=True)]),
        np.concatenate([part.most for part in parts]),
    )
