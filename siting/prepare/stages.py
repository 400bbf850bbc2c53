"""The years of a horizon, or the cases of demand, as stages of an instance.

A planning year stands for itself and the years until the next one, the last for `closing_years`. Its weight is its
share of all these years, each discounted to the first: the cost of a plan is then the equal yearly payment that is
worth as much as what its years cost, as annuities already are for a single year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from siting.config.horizon import DistrictGrowth, Factors, PlaceFactors
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.instance import Demand, Floats, StagePrices, Stages
from siting.prepare.scope import Places, by_material
from siting.vocabulary import DemandKind


def stages_of(config: Config, nodes: pd.DataFrame, prices: tuple[StagePrices, ...]) -> Stages | None:
    """Return the stages that `horizon` or `uncertainty` asks for; None where neither does.

    `prices` are those of each planning year.
    """
    if config.horizon.years:
        return _years(config, nodes, prices)
    return _cases(config, nodes) if config.uncertainty.cases else None


def year_weights(years: Sequence[int], *, closing_years: int, discount_rate: float) -> Floats:
    """Return the share of the discounted years that each planning year stands for, (n_years,); they sum to 1.

    >>> year_weights([2025, 2027, 2030], closing_years=5, discount_rate=0.0)
    array([0.2, 0.3, 0.5])
    """
    ends = [*years[1:], years[-1] + closing_years]
    worth = [sum((1 + discount_rate) ** (years[0] - y) for y in range(*span)) for span in zip(years, ends, strict=True)]
    return np.array(worth) / sum(worth)


def require_districts(config: Config, places: Places) -> None:
    """Refuse districts that are named for factors of demand and are not planned.

    Raises
    ------
    ConfigError
        All in one list.
    """
    raise_faults(list(_district_faults(config, places)), ConfigError)


def _district_faults(config: Config, places: Places) -> Iterator[str]:
    named = {
        "demand.districts": config.demand.districts.keys(),
        "horizon.growth.districts": config.horizon.growth.districts.keys(),
    } | {
        f"uncertainty.cases.{number}.districts": case.districts.keys()
        for number, case in enumerate(config.uncertainty.cases)
    }
    known = sorted(places.planned)
    for at, codes in named.items():
        for code in sorted(set(codes) - set(known)):
            yield f"{at}: {code!r} is no planned district; there are {known}"


def _years(config: Config, nodes: pd.DataFrame, prices: tuple[StagePrices, ...]) -> Stages:
    horizon, materials = config.horizon, list(config.materials)
    rate = config.money.discount_rate if horizon.discount_rate is None else horizon.discount_rate
    base = horizon.base_year or horizon.years[0]
    codes, district = np.unique(nodes["district"].to_numpy(dtype=str), return_inverse=True)
    city = horizon.growth
    own = [city.districts.get(code, DistrictGrowth()) for code in codes.tolist()]
    growth = [city.residents if one.residents is None else one.residents for one in own]
    of_residents = 1 + np.array(growth)[district]
    tonnage = [by_material(city.tonnes if one.tonnes is None else one.tonnes, materials, 0.0) for one in own]
    of_tonnes = 1 + np.array(tonnage)[district]
    residents = np.array([of_residents ** (year - base) for year in horizon.years])
    tonnes = np.array([of_tonnes ** (year - base) for year in horizon.years])
    return Stages(
        name=np.array([str(year) for year in horizon.years]),
        year=np.array(horizon.years, dtype=np.int64),
        weight=year_weights(horizon.years, closing_years=horizon.closing_years, discount_rate=rate),
        tonnes_factor=_with_residents(tonnes, residents, nodes),
        residents_factor=residents,
        is_nested=True,
        prices=prices,
    )


def _with_residents(tonnes: Floats, residents: Floats, nodes: pd.DataFrame) -> Floats:
    """Return the factors of tonnes, (n_stages, n_demand, n_materials): where people live, times those of residents."""
    is_home = (nodes["kind"] != DemandKind.GENERATOR).to_numpy()
    return np.asarray(tonnes * np.where(is_home, residents, 1.0)[:, :, None])


def _cases(config: Config, nodes: pd.DataFrame) -> Stages:
    cases = config.uncertainty.cases
    weight = np.array([case.weight for case in cases])
    residents, tonnes = _on_demand(cases, nodes, list(config.materials))
    return Stages(
        name=np.array([case.name for case in cases]),
        year=np.full(len(cases), config.year, dtype=np.int64),
        weight=weight / weight.sum(),
        tonnes_factor=tonnes,
        residents_factor=residents,
        is_nested=False,
        is_robust=config.uncertainty.use == "worst",
    )


def scaled_demand(demand: Demand, config: Config, nodes: pd.DataFrame) -> Demand:
    """Return the demand times the factors of `demand` in the config."""
    residents, tonnes = _on_demand([config.demand], nodes, list(config.materials))
    return replace(demand, residents=demand.residents * residents[0], tonnes=demand.tonnes * tonnes[0])


def _on_demand(factors: Sequence[PlaceFactors], nodes: pd.DataFrame, materials: Sequence[str]) -> tuple[Floats, Floats]:
    """Return the factors of residents, (n_cases, n_demand), and of tonnes, (n_cases, n_demand, n_materials)."""
    residents = np.array([_factors(one, nodes, lambda place: [place.residents])[:, 0] for one in factors])
    tonnes = [_factors(one, nodes, lambda place: by_material(place.tonnes, materials, 1.0)) for one in factors]
    return residents, _with_residents(np.array(tonnes), residents, nodes)


def _factors(case: PlaceFactors, nodes: pd.DataFrame, figures: Callable[[Factors], list[float]]) -> Floats:
    """Return the factors of a case at each node, (n_demand, n_figures): city, district and settlement combined."""
    product = np.tile(np.array(figures(case)), (len(nodes), 1))
    for column, by_name in (("district", case.districts), ("settlement", case.settlements)):
        for name, factors in by_name.items():
            product[(nodes[column] == name).to_numpy()] *= figures(factors)
    return product
