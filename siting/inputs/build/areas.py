"""Functional areas: responsibility units that are not districts, found by the names of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from siting.inputs.build.sources import xy_m
from siting.inputs.build.spacing import distance_to_nearest
from siting.inputs.build.spec import Area


def named_with(names: pd.Series, words: Sequence[str], but_not: Sequence[str] = ()) -> pd.Series:
    """Whether each name holds one of `words` and none of `but_not`.

    >>> named_with(pd.Series(["子牙快速路", "子牙河桥"]), ["子牙"], ["子牙河"]).tolist()
    [True, False]
    """
    hit = pd.Series(False, index=names.index)
    for word in words:
        hit |= names.str.contains(word, regex=False)
    for word in but_not:
        hit &= ~names.str.contains(word, regex=False)
    return hit


def area_of(places: pd.DataFrame, features: pd.DataFrame, areas: Mapping[str, Area]) -> pd.Series:
    """The key of the functional area of each place, missing for most; the first that fits.

    `places` and `features` have `district`, `x_m`, `y_m`; features also `name`.
    """
    result = pd.Series([None] * len(places), index=places.index, dtype=object)
    for key, area in areas.items():
        is_named = named_with(features["name"], area.words, area.but_not) & features["district"].isin(area.districts)
        near = distance_to_nearest(xy_m(places), xy_m(features[is_named])) <= area.within_m
        fits = near & places["district"].isin(area.districts).to_numpy() & result.isna().to_numpy()
        result[np.asarray(fits)] = key
    return result
