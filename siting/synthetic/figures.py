"""Costs of facilities, haul and material in a made-up city: of the order of `configs/tianjin-2027.yaml`, rounded."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from siting.instance import Floats, LinkRates, Materials, Rates
from siting.vocabulary import Echelon

CELLS_KG_PER_RESIDENT_DAY = 0.32
INDUSTRY_T_PER_NODE = 930.0
"""Tonnes that industry and commerce offer a year, for each demand node of the city."""
PARTICIPATION_AT_DOOR, PARTICIPATION_DECAY_M = 0.55, 1400.0
LAND_ANNUITY = 0.082
"""A year's share of what land costs."""
RATES = Rates(disposal_cny_per_t=163.0, carbon_cny_per_t=80.0, avoided_cny_per_t=0.0, grid_kg_co2e_per_kwh=0.704)
"""Residue to a plant, carbon at the order of the national allowance price."""


@dataclass(frozen=True)
class SizeFigures:
    """One size of a facility type, with the names of `Options`. Money in CNY, a year but for `capex_cny`, no land."""

    size: str
    capacity_t: float
    area_m2: float
    capex_cny: float
    investment_cny: float
    fixed_operation_cny: float = 0.0
    fixed_kwh: float = 0.0


@dataclass(frozen=True)
class TypeFigures:
    """One facility type. `only_material` None accepts all; `first_cny_per_t` is of the households' materials."""

    name: str
    echelon: Echelon
    sizes: tuple[SizeFigures, ...]
    only_material: int | None = None
    first_cny_per_t: float = 0.0
    other_cny_per_t: float = 0.0
    kwh_per_t: float = 0.0
    min_load_share: float = 0.0


KIOSK_SIZES = (
    SizeFigures("small", 150.0, 6.0, 15_000.0, 2_240.0, 40_000.0),
    SizeFigures("standard", 550.0, 10.0, 60_000.0, 8_940.0, 90_000.0),
    SizeFigures("large", 900.0, 40.0, 200_000.0, 29_800.0, 160_000.0),
)
BOX_SIZES = (SizeFigures("single", 25.5, 3.0, 25_000.0, 5_410.0, 9_000.0, fixed_kwh=350.0),)
STATION_SIZES = (
    SizeFigures("small", 3_650.0, 500.0, 500_000.0, 50_900.0, 216_000.0),
    SizeFigures("standard", 10_950.0, 750.0, 1_500_000.0, 152_800.0, 432_000.0),
    SizeFigures("large", 21_900.0, 1_000.0, 2_610_000.0, 265_800.0, 648_000.0),
)
COMPREHENSIVE_SIZES = (
    SizeFigures("kt030", 30_000.0, 4_500.0, 19.1e6, 1.945e6),
    SizeFigures("kt100", 100_000.0, 15_000.0, 50.0e6, 5.093e6),
    SizeFigures("kt200", 200_000.0, 30_000.0, 87.1e6, 8.871e6),
    SizeFigures("kt320", 320_000.0, 48_000.0, 126.8e6, 12.915e6),
)
YARD_SIZES = (
    SizeFigures("kt100", 100_000.0, 15_000.0, 30.0e6, 3.056e6),
    SizeFigures("kt200", 200_000.0, 30_000.0, 60.0e6, 6.111e6),
)


def facility_types(n_materials: int) -> tuple[TypeFigures, ...]:
    """Return kiosks, boxes, stations, comprehensive centres, and a professional yard for each industrial material."""
    return (
        TypeFigures("kiosk", Echelon.POINT, KIOSK_SIZES),
        TypeFigures("smart_box", Echelon.POINT, BOX_SIZES),
        TypeFigures("station", Echelon.TRANSFER, STATION_SIZES, None, 20.4, 20.4, kwh_per_t=5.0),
        TypeFigures("comprehensive", Echelon.SORTING, COMPREHENSIVE_SIZES, None, 250.0, 120.0, 15.0, 0.3),
        *(
            TypeFigures(f"yard_{material}", Echelon.SORTING, YARD_SIZES, material, 0.0, 120.0, 15.0, 0.3)
            for material in range(n_household(n_materials), n_materials)
        ),
    )


def n_household(n_materials: int) -> int:
    """Return the number of materials that arise in households: the first third of them, at least one."""
    return max(1, n_materials // 3)


def falling_shares(n: int) -> Floats:
    """Return shares of n streams that sum to 1, each about half the one before, (n,)."""
    shares = 0.54 ** np.arange(n)
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def link_rates_of(n_materials: int) -> LinkRates:
    """Return the rates of a small truck from points and of a large one elsewhere."""
    return replace(
        LinkRates.per_tkm(np.array(["small", "large"]), np.array([6.1, 1.25]), n_materials),
        unload_cny_per_t=np.array([24.0, 0.0]),
        kg_co2e_per_tkm=np.array([0.49, 0.18]),
    )


def materials_of(n_materials: int, n_districts: int) -> Materials:
    """Return the materials, without prices: the cost of the network alone is minimised."""
    is_household = np.arange(n_materials) < n_household(n_materials)
    names = [f"{'household' if is_household[m] else 'industry'}_{m}" for m in range(n_materials)]
    return replace(
        Materials.neutral(np.array(names)),
        residue_share=np.where(is_household, 0.15, 0.04),
        subsidy_cny_per_t=np.zeros((n_districts, n_materials)),
    )
