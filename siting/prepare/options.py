"""Which facility may stand where, in which size, at what cost."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np

from siting.config.schema import Config, FacilityType, Size
from siting.errors import ConfigError, DataError, raise_faults
from siting.instance import Bools, Floats, Options
from siting.prepare.scope import Scoped


def annuity(capital: float, rate: float, years: float) -> float:
    """The yearly payment that repays `capital` over `years` at interest `rate`.

    >>> round(annuity(1000.0, 0.08, 10), 2)
    149.03
    >>> annuity(1000.0, 0.0, 10)
    100.0
    """
    if rate == 0:
        return capital / years
    return float(capital * rate / (1 - (1 + rate) ** -years))


def usable_candidates(config: Config, chosen: Scoped) -> Scoped:
    """`chosen` without the candidates that no facility type and size of the config fits.

    Raises
    ------
    DataError
        If an existing or required site is among them, or an existing facility's type or size is unknown.
    ConfigError
        If a type of point does not accept every household material.
    """
    raise_faults(_point_faults(config), ConfigError)
    raise_faults(_existing_faults(config, chosen.candidates), DataError)
    usable = np.zeros(len(chosen.candidates), dtype=bool)
    for echelon, name, facility_type in config.facilities.by_echelon():
        for size_name, size in facility_type.sizes.items():
            usable |= _may_hold(chosen.candidates, (echelon, name, size_name), facility_type, size)
    lost = chosen.candidates[~usable & chosen.candidates["role"].isin(["existing", "required"]).to_numpy()]
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


def _existing_faults(config: Config, candidates: gpd.GeoDataFrame) -> list[str]:
    sizes = {(e, t): set(kind.sizes) for e, t, kind in config.facilities.by_echelon()}
    existing = candidates[candidates["role"] == "existing"]
    return [
        f"candidate {row.id}: existing {row.echelon} of type {row.existing_type!r}, size {row.existing_size!r} is not"
        " in `facilities` of the config; add it there or correct the table"
        for row in existing.itertuples()
        if row.existing_size not in sizes.get((row.echelon, row.existing_type), set())
    ]


def _may_hold(
    candidates: gpd.GeoDataFrame, key: tuple[str, str, str], facility_type: FacilityType, size: Size
) -> Bools:
    """Whether each candidate may hold a type in a size: echelon, kind, land; an existing facility stays what it is."""
    echelon, name, size_name = key
    fits = (candidates["echelon"] == echelon) & (candidates["area_m2"] >= size.area_m2)
    if facility_type.kinds:
        fits &= candidates["kind"].isin(facility_type.kinds)
    is_existing = candidates["role"] == "existing"
    same = (candidates["existing_type"] == name) & (candidates["existing_size"] == size_name)
    at_echelon = candidates["echelon"] == echelon
    return np.asarray((fits & ~is_existing) | (at_echelon & is_existing & same), dtype=bool)


def options_of(config: Config, chosen: Scoped) -> Options:
    """Every (site, type, size) that is possible, ordered by site."""
    parts = []
    for number, (echelon, name, facility_type) in enumerate(config.facilities.by_echelon()):
        for size_name, size in facility_type.sizes.items():
            held = np.flatnonzero(_may_hold(chosen.candidates, (echelon, name, size_name), facility_type, size))
            parts.append(_option_rows(config, chosen, held, (number, size_name, facility_type, size)))
    rows = {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}
    order = np.lexsort([np.arange(len(rows["site"])), rows["site"]])
    return Options(**{column: values[order] for column, values in rows.items()})


def _option_rows(
    config: Config, chosen: Scoped, held: np.ndarray, what: tuple[int, str, FacilityType, Size]
) -> dict[str, np.ndarray]:
    """The options of one type and size at the candidates `held`, column by column."""
    number, size_name, facility_type, size = what
    candidates = chosen.candidates.iloc[held]
    is_existing = (candidates["role"] == "existing").to_numpy()
    rate, n = config.money.discount_rate, len(held)
    investment = annuity(size.capex_cny, rate, facility_type.life_years)
    land_price = candidates["land_price_cny_per_m2"].to_numpy(dtype=float)
    land = land_price * annuity(size.area_m2, rate, config.money.land_term_years)
    area = np.where(is_existing, np.minimum(size.area_m2, candidates["area_m2"].to_numpy(dtype=float)), size.area_m2)

    def repeat(value: float) -> Floats:
        return np.full(n, value)

    return {
        "site": held,
        "type": np.full(n, number),
        "size": np.full(n, size_name, dtype="U32"),
        "capacity_t": repeat(size.capacity_t),
        "min_load_t": repeat(size.capacity_t * facility_type.min_load_share),
        "area_m2": area,
        "capex_cny": np.where(is_existing, 0.0, size.capex_cny + land_price * size.area_m2),
        "vehicles": repeat(0.0),
        "investment_cny": np.where(is_existing, 0.0, investment),
        "land_cny": np.where(is_existing, 0.0, land),
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
