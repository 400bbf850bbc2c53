"""Which facility may stand where, in which size, at what cost."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np

from siting.config.schema import Config, FacilityType, Size
from siting.errors import ConfigError, DataError, raise_faults
from siting.instance import Bools, Floats, Ints, Options
from siting.prepare.existing import may_upgrade, must_stay, standing
from siting.prepare.mobile import STOP
from siting.prepare.money import annuity
from siting.prepare.scope import Scoped


def usable_candidates(config: Config, chosen: Scoped) -> Scoped:
    """`chosen` without the candidates that no facility type and size of the config fits.

    Raises
    ------
    DataError
        If a site that must be open is among them.
    ConfigError
        If a type of point does not accept every household material.
    """
    raise_faults(_point_faults(config), ConfigError)
    usable = np.zeros(len(chosen.candidates), dtype=bool)
    for echelon, name, facility_type in config.facilities.by_echelon():
        for size_name, size in facility_type.sizes.items():
            usable |= may_hold(config, chosen.candidates, (echelon, name, size_name), (facility_type, size))
    lost = chosen.candidates[~usable & must_stay(config, chosen.candidates)]
    raise_faults(
        [
            f"candidate {row.id}: must be open, but nothing fits its {row.area_m2:.0f} m2; add a smaller size"
            for row in lost.itertuples()
        ],
        DataError,
    )
    return replace(chosen, candidates=chosen.candidates[usable].reset_index(drop=True))


def _point_faults(config: Config) -> list[str]:
    household = {name for name, material in config.materials.items() if material.kg_per_resident_day > 0}
    lacking = {name: household - set(kind.accepts) for name, kind in config.facilities.point.items() if kind.accepts}
    return [
        f"facilities.point.{name}.accepts: must take every household material; add {sorted(materials)}"
        for name, materials in lacking.items()
        if materials
    ]


def barred_column(what: str) -> str:
    """The column of the candidates that says where rules do not let a type, or a `type/size`, be built."""
    return f"barred:{what}"


def may_hold(
    config: Config, candidates: gpd.GeoDataFrame, key: tuple[str, str, str], what: tuple[FacilityType, Size]
) -> Bools:
    """Whether each candidate may hold a type in a size: echelon, kind, land, layout; what stands, what it may be."""
    (echelon, name, size_name), (facility_type, size) = key, what
    at_echelon = candidates["echelon"] == echelon
    fits = at_echelon & (candidates["area_m2"] >= size.area_m2)
    if STOP in candidates:
        fits &= candidates[STOP] == (name if facility_type.mobile else "")
    if facility_type.kinds:
        fits &= candidates["kind"].isin(facility_type.kinds)
    for column in (barred_column(name), barred_column(f"{name}/{size_name}")):
        if column in candidates:
            fits &= ~candidates[column]
    is_existing = candidates["role"] == "existing"
    same = (candidates["existing_type"] == name) & (candidates["existing_size"] == size_name)
    stays = at_echelon & is_existing & same
    return np.asarray((fits & (~is_existing | may_upgrade(config, candidates, size.capacity_t))) | stays, dtype=bool)


def options_of(config: Config, chosen: Scoped) -> Options:
    """Every (site, type, size) that is possible, ordered by site."""
    parts = []
    for number, (echelon, name, facility_type) in enumerate(config.facilities.by_echelon()):
        for size_name, size in facility_type.sizes.items():
            key = (echelon, name, size_name)
            held = np.flatnonzero(may_hold(config, chosen.candidates, key, (facility_type, size)))
            parts.append(_option_rows(config, chosen.candidates.iloc[held], held, (number, *key, facility_type, size)))
    rows = {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}
    order = np.lexsort([np.arange(len(rows["site"])), rows["site"]])
    return Options(**{column: values[order] for column, values in rows.items()})


def _option_rows(
    config: Config,
    candidates: gpd.GeoDataFrame,
    site: Ints,
    what: tuple[int, str, str, str, FacilityType, Size],
) -> dict[str, np.ndarray]:
    """The options of one type and size at `candidates`, the rows `site` of all, column by column.

    What stands is sunk; an upgrade pays its share of the new size, and only for land that is not there yet.
    """
    number, _, name, size_name, facility_type, size = what
    n, rate = len(site), config.money.discount_rate
    stands = (candidates["role"] == "existing").to_numpy(dtype=bool)
    is_existing = (
        stands & ((candidates["existing_type"] == name) & (candidates["existing_size"] == size_name)).to_numpy()
    )
    there_m2 = np.minimum(standing(config, candidates, "area_m2"), candidates["area_m2"].to_numpy(dtype=float))
    land_m2 = np.where(is_existing, 0.0, np.maximum(size.area_m2 - there_m2, 0.0))
    capex_cny = size.capex_cny * np.where(is_existing, 0.0, np.where(stands, config.existing.upgrade_cost_share, 1.0))
    price = candidates["land_price_cny_per_m2"].to_numpy(dtype=float) * config.layout.land_price_factor

    def repeat(value: float) -> Floats:
        return np.full(n, value)

    return {
        "site": site,
        "type": np.full(n, number),
        "size": np.full(n, size_name, dtype="U32"),
        "capacity_t": repeat(size.capacity_t),
        "min_load_t": repeat(size.capacity_t * facility_type.min_load_share),
        "area_m2": np.where(is_existing, there_m2, size.area_m2),
        "capex_cny": capex_cny + price * land_m2,
        "vehicles": repeat(0.0),
        "investment_cny": capex_cny * annuity(1.0, rate, facility_type.life_years),
        "land_cny": price * land_m2 * annuity(1.0, rate, config.money.land_term_years),
        "fixed_operation_cny": repeat(size.opex_cny),
        "fixed_kwh": repeat(size.energy_kwh),
        "unit_cny_per_t": np.tile(_unit_cny(config, facility_type), (n, 1)),
        "unit_kwh_per_t": np.full((n, len(config.materials)), facility_type.unit_energy_kwh_per_t),
        "accepts": np.tile([not facility_type.accepts or m in facility_type.accepts for m in config.materials], (n, 1)),
        "is_existing": is_existing,
    }


def _unit_cny(config: Config, facility_type: FacilityType) -> list[float]:
    """Operation a tonne, for each material; 0 for one that a table of costs leaves out and the type does not accept."""
    unit = facility_type.unit_opex_cny_per_t
    return [unit.get(material, 0.0) if isinstance(unit, dict) else unit for material in config.materials]
