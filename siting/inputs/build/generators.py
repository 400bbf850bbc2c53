"""The SYNTHETIC layer of commercial and industrial generators: a real place, an invented size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.inputs.apportion import largest_remainder, share_out
from siting.inputs.build.areas import area_of
from siting.inputs.build.industry import industry_distance_m
from siting.inputs.build.sources import Sources, xy_m
from siting.inputs.build.spacing import keep_spaced
from siting.inputs.build.spec import Generators, Spec

COLUMNS = ["kind", "material", "tonnes", "district", "lon", "lat", "x_m", "y_m"]


def make_generators(sources: Sources, demand: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """All generators: `kind`, `material`, `tonnes`, `district`, `lon`, `lat`, `x_m`, `y_m`.

    `demand` has `district`, `settlement`, `residents`, `lon`, `lat`, `x_m`, `y_m`.
    """
    if not spec.generators:
        return pd.DataFrame(columns=COLUMNS)
    pools = {"industrial": _industrial_places(sources, spec), "commercial": _commercial_places(demand)}
    parts = [
        _layer(pools[rules.kind], rules, np.random.default_rng([spec.seed, 10, number]))
        for number, rules in enumerate(spec.generators)
    ]
    return pd.concat(parts, ignore_index=True)


def _industrial_places(sources: Sources, spec: Spec) -> pd.DataFrame:
    """Places on main roads, likelier the nearer they are to a feature that tells of industry."""
    rules, features = spec.industry, sources.features
    pool = features[(features["layer"] == "road") & features["osm_class"].isin(rules.road_classes)]
    pool = pool[keep_spaced(xy_m(pool), rules.least_spacing_m)]
    near = np.exp(-industry_distance_m(pool, features, spec) / rules.decay_m)
    area = area_of(pool, features, spec.areas)
    return pool.assign(weight=rules.floor + (1.0 - rules.floor) * near, area=area)


def _commercial_places(demand: pd.DataFrame) -> pd.DataFrame:
    """The points of urban cells, by residents."""
    urban = demand[demand["settlement"] == "urban"]
    return urban.assign(weight=urban["residents"].astype(float), area=None)


def _layer(pool: pd.DataFrame, rules: Generators, rng: np.random.Generator) -> pd.DataFrame:
    """The generators of one kind and material: number and tonnes by share, sizes log-normal, none above the largest."""
    pool = pool.assign(unit=pool["area"].where(pool["area"].isin(rules.shares), pool["district"]))
    units = sorted(set(pool["unit"]))
    by_unit = rules.shares or pool.groupby("unit")["weight"].sum().to_dict()
    share = np.array([by_unit.get(unit, 0.0) for unit in units], dtype=np.float64)
    numbers = largest_remainder(share, rules.number)
    chosen = [_drawn(pool[pool["unit"] == unit], int(number), rng) for unit, number in zip(units, numbers, strict=True)]
    part = pd.concat(chosen, ignore_index=True)
    size = rng.lognormal(0.0, rules.log_sigma, len(part))
    raw = pd.Series(size).groupby(part["unit"]).transform("sum").to_numpy(dtype=np.float64)
    wanted = part["unit"].map(dict(zip(units, share, strict=True))).to_numpy(dtype=np.float64)
    tonnes = share_out(size / raw * wanted, rules.tonnes, rules.largest_t).round(1)
    return part.assign(kind=rules.kind, material=rules.material, tonnes=tonnes)[COLUMNS]


def _drawn(places: pd.DataFrame, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """`number` places drawn by weight without replacement (Gumbel keys); all when there are no more."""
    keys = np.log(places["weight"].to_numpy(dtype=np.float64)) + rng.gumbel(size=len(places))
    return places.iloc[np.sort(np.argsort(-keys, kind="stable")[:number])]
