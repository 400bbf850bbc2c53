"""Where industry is: features whose name or class tells of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.inputs.build.areas import named_with
from siting.inputs.build.sources import xy_m
from siting.inputs.build.spacing import distance_to_nearest
from siting.inputs.build.spec import Spec

FloatArray = npt.NDArray[np.float64]


def industry_distance_m(places: pd.DataFrame, features: pd.DataFrame, spec: Spec) -> FloatArray:
    """Straight distance from each place to the nearest feature that tells of industry, m; infinite when none does."""
    rules = spec.industry
    tells = named_with(features["name"], rules.words, rules.but_not)
    tells |= (features["layer"] == "building") & features["osm_class"].isin(rules.building_classes)
    return distance_to_nearest(xy_m(places), xy_m(features[tells]))
