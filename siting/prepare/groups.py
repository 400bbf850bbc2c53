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
    place = chosen.candidates[PLACE].to_numpy(dtype=object)[options.site]
    names = pd.Series(place).dropna()
    several = names.groupby(names).transform(
        lambda rows: options.site[rows.index].min() != options.site[rows.index].max()
    )
    names = names[several.astype(bool)]
    group, _ = pd.factorize(names)
    return Groups(names.index.to_numpy(dtype=np.int64), group.astype(np.int64), np.ones(len(np.unique(group))))


def join_groups(*parts: Groups) -> Groups:
    """Groups one after the other."""
    first = np.cumsum([0, *(len(part.most) for part in parts)])
    return Groups(
        np.concatenate([part.option for part in parts]),
        np.concatenate([part.group + start for part, start in zip(parts, first[:-1], strict=True)]),
        np.concatenate([part.most for part in parts]),
    )
