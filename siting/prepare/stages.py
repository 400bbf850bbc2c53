"""The years of a horizon, or the cases of demand, as stages of an instance.

A planning year stands for itself and the years until the next one, the last for `closing_years`. Its weight is its
share of all these years, each discounted to the first: the cost of a plan is then the equal yearly payment that is
worth as much as what its years cost, as annuities already are for a single year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from siting.config.horizon import Case, Factors, Growth
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.instance import Bools, Demand, Floats, Ints, Stages, Texts
from siting.prepare.booked import booked_cells
from siting.prepare.scope import Scoped

Rate = float | dict[str, float]


def stages_of(config: Config, chosen: Scoped, demand: Demand) -> Stages | None:
    """The stages that `horizon` or `uncertainty` asks for; None where neither does.

    Raises
    ------
    ConfigError
        If a district that they name is not there: all in one list.
    """
    raise_faults(list(_district_faults(config, chosen)), ConfigError)
    if config.horizon.years:
        return _years(config, chosen, demand)
    return _cases(config, chosen, demand) if config.uncertainty.cases else None


def year_weights(years: Sequence[int], *, closing_years: int, discount_rate: float) -> Floats:
    """The share of the discounted years that each planning year stands for, (n_years,); they sum to 1.

    >>> year_weights([2025, 2027, 2030], closing_years=5, discount_rate=0.0)
    array([0.2, 0.3, 0.5])
    """
    ends = [*years[1:], years[-1] + closing_years]
    worth = [sum((1 + discount_rate) ** (years[0] - y) for y in range(*span)) for span in zip(years, ends, strict=True)]
    return np.array(worth) / sum(worth)


def _district_faults(config: Config, chosen: Scoped) -> Iterator[str]:
    named = {"horizon.growth.districts": config.horizon.growth.districts.keys()} | {
        f"uncertainty.cases.{number}.districts": case.districts.keys()
        for number, case in enumerate(config.uncertainty.cases)
    }
    known = sorted(chosen.planned)
    for at, codes in named.items():
        for code in sorted(set(codes) - set(known)):
            yield f"{at}: {code!r} is no planned district; there are {known}"


def _years(config: Config, chosen: Scoped, demand: Demand) -> Stages:
    horizon, materials = config.horizon, list(config.materials)
    rate = config.money.discount_rate if horizon.discount_rate is None else horizon.discount_rate
    base = horizon.years[0] if horizon.base_year is None else horizon.base_year
    growth = [_district(horizon.growth, str(code)) for code in chosen.districts["code"]]
    of_residents = 1 + np.array([residents for residents, _ in growth])[demand.district]
    of_tonnes = 1 + np.array([_by_material(tonnes, materials, 0.0) for _, tonnes in growth])[demand.district]
    residents = np.array([of_residents ** (year - base) for year in horizon.years])
    tonnes = np.array([of_tonnes ** (year - base) for year in horizon.years])
    return Stages(
        name=np.array([str(year) for year in horizon.years]),
        year=np.array(horizon.years, dtype=np.int64),
        weight=year_weights(horizon.years, closing_years=horizon.closing_years, discount_rate=rate),
        tonnes_factor=_with_residents(tonnes, residents, homes_of(config, chosen)),
        residents_factor=residents,
        is_nested=True,
    )


def _district(growth: Growth, code: str) -> tuple[float, Rate]:
    """Growth of residents and of tonnes in a district: its own, or the city's where it has none."""
    own = growth.districts.get(code)
    residents = None if own is None else own.residents
    tonnes = None if own is None else own.tonnes
    return growth.residents if residents is None else residents, growth.tonnes if tonnes is None else tonnes


def _by_material(rate: Rate, materials: Sequence[str], other: float) -> list[float]:
    """A figure for each material; `other` where a table of figures leaves one out."""
    return [rate.get(material, other) if isinstance(rate, dict) else rate for material in materials]


def homes_of(config: Config, chosen: Scoped) -> Ints:
    """The cell whose residents each demand node's tonnes come from, (n_demand,); −1 for what others generate."""
    others = np.full(len(chosen.generators), -1, dtype=np.int64)
    return np.concatenate([np.arange(len(chosen.cells)), others, booked_cells(config, chosen)])


def _with_residents(tonnes: Floats, residents: Floats, homes: Ints) -> Floats:
    """Factors of tonnes, (n_stages, n_demand, n_materials): where people live, times those of residents."""
    return np.asarray(tonnes * np.where(homes >= 0, residents, 1.0)[:, :, None])


def _cases(config: Config, chosen: Scoped, demand: Demand) -> Stages:
    cases, materials = config.uncertainty.cases, list(config.materials)
    weight = np.array([case.weight for case in cases])
    codes = chosen.districts["code"].to_numpy(dtype=str)[demand.district]
    homes = homes_of(config, chosen)
    settlements = np.append(chosen.cells["settlement"].to_numpy(dtype=str), "")[homes]
    places = (codes, settlements)
    residents = np.array([_factors(case, places, lambda one: [one.residents])[:, 0] for case in cases])
    tonnes = np.array([_factors(case, places, lambda one: _by_material(one.tonnes, materials, 1.0)) for case in cases])
    return Stages(
        name=np.array([case.name for case in cases]),
        year=np.full(len(cases), config.year, dtype=np.int64),
        weight=weight / weight.sum(),
        tonnes_factor=_with_residents(tonnes, residents, homes),
        residents_factor=residents,
        is_nested=False,
        is_robust=config.uncertainty.use == "worst",
    )


def _factors(case: Case, places: tuple[Texts, Texts], figures: Callable[[Factors], list[float]]) -> Floats:
    """What a case multiplies at each demand node, (n_demand, n_figures): city, district and settlement together."""
    codes, settlements = places
    product = np.tile(np.array(figures(case)), (len(codes), 1))
    for names, by_name in ((codes, case.districts), (settlements, case.settlements)):
        for name, factors in by_name.items():
            at: Bools = names == name
            product[at] *= figures(factors)
    return product
