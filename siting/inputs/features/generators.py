"""Synthetic commercial and industrial generators at named features: a real place, an invented size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.inputs.apportion import largest_remainder, share_out
from siting.inputs.features.candidates import FeatureGround
from siting.inputs.features.schema import DrawnGenerators
from siting.inputs.spacing import keep_spaced, xy_m

COLUMNS = ["kind", "material", "tonnes", "district", "lon", "lat"]
STREAM = 10


def drawn_generators(ground: FeatureGround) -> pd.DataFrame:
    """Draw the generators of every rule: `kind`, `material`, `tonnes` a year, `district`, `lon`, `lat`."""
    pools = {"industrial": _industrial_places(ground), "commercial": _commercial_places(ground.demand)}
    parts = [
        _drawn(pools[rules.kind], rules, np.random.default_rng([ground.seed, STREAM, number]))
        for number, rules in enumerate(ground.rules.generators)
    ]
    return pd.concat(parts, ignore_index=True)


def _industrial_places(ground: FeatureGround) -> pd.DataFrame:
    """Return places on main roads, likelier the nearer they are to a feature that tells of industry."""
    rules, features = ground.rules.industry, ground.features
    pool = features[(features["layer"] == "road") & features["osm_class"].isin(rules.road_classes)]
    pool = pool[keep_spaced(xy_m(pool), rules.least_spacing_m)]
    near = np.exp(-ground.industry_m(pool) / rules.decay_m)
    return pool.assign(weight=rules.floor + (1.0 - rules.floor) * near, area=ground.area(pool))


def _commercial_places(demand: pd.DataFrame) -> pd.DataFrame:
    """Return the points of urban cells, by residents."""
    urban = demand[demand["settlement"] == "urban"]
    return urban.assign(weight=urban["residents"].astype(float), area=None)


def _drawn(pool: pd.DataFrame, rules: DrawnGenerators, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the generators of one rule: number and tonnes by share, sizes log-normal, none above the largest."""
    pool = pool.assign(unit=pool["area"].where(pool["area"].isin(rules.shares), pool["district"]))
    units = sorted(set(pool["unit"]))
    by_unit = rules.shares or pool.groupby("unit")["weight"].sum().to_dict()
    share = np.array([by_unit.get(unit, 0.0) for unit in units], dtype=np.float64)
    numbers = largest_remainder(share, rules.number)
    chosen = [
        _sample(pool[pool["unit"] == unit], int(number), rng) for unit, number in zip(units, numbers, strict=True)
    ]
    part = pd.concat(chosen, ignore_index=True)
    size = rng.lognormal(0.0, rules.log_sigma, len(part))
    raw = pd.Series(size).groupby(part["unit"]).transform("sum").to_numpy(dtype=np.float64)
    wanted = part["unit"].map(dict(zip(units, share, strict=True))).to_numpy(dtype=np.float64)
    tonnes = share_out(size / raw * wanted, rules.tonnes, rules.largest_t).round(1)
    return part.assign(kind=rules.kind, material=rules.material, tonnes=tonnes)[COLUMNS]


def _sample(places: pd.DataFrame, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw `number` places by weight without replacement (Gumbel keys); all when there are no more."""
    keys = np.log(places["weight"].to_numpy(dtype=np.float64)) + rng.gumbel(size=len(places))
    return places.iloc[np.sort(np.argsort(-keys, kind="stable")[:number])]
