"""Prices of options, extensions and materials; and how they grow from year to year."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import geopandas as gpd
import numpy as np

from siting.config.flows import Shared
from siting.config.horizon import Horizon
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import (
    Conversions,
    Disposals,
    Expansions,
    Floats,
    LinkRates,
    Materials,
    Options,
    Rates,
    StagePrices,
)
from siting.prepare.existing import annuity
from siting.prepare.options import Feasible, Variant, area_m2
from siting.prepare.scope import Places, by_material, named_districts
from siting.vocabulary import Echelon


@dataclass(frozen=True)
class Prices:
    """Prices of today, those of each planning year (none where no price grows), and what is the same in all years."""

    today: StagePrices
    years: tuple[StagePrices, ...]
    conversions: Conversions
    rates: Rates


def prices_of(config: Config, city: City, places: Places, feasible: Feasible, link_rates: LinkRates) -> Prices:
    """Return the prices of feasible options, of materials and of links.

    Raises
    ------
    ConfigError
        If a district of `subsidies` is not known, or two lines say what is paid for the same: all in one list.
    """
    at_outlet = places.candidates["is_shared"].to_numpy()[feasible.site] & ~feasible.is_existing
    shared = {
        name: np.where(at_outlet, getattr(config.shared or Shared(), f"{name}_factor"), 1.0)
        for name in ("capex", "opex", "land")
    }
    today = StagePrices(
        options=_options(config, places.candidates, feasible, shared),
        expansions=_expansions(config, feasible, shared),
        disposals=_disposals(config, feasible),
        materials=_materials(config, city, places),
        link_rates=link_rates,
    )
    rates = Rates(**{field.name: getattr(config.money, field.name) for field in fields(Rates)})
    return Prices(today, _yearly(config.horizon, today), _conversions(config), rates)


def _options(config: Config, candidates: gpd.GeoDataFrame, feasible: Feasible, shared: dict[str, Floats]) -> Options:
    """Return the options with their costs; `shared` are the factors of a site shared with an outlet of household waste.

    What stands is sunk; an upgrade pays its share of the new size, and only for land that is not there yet.
    """
    money, materials, column = config.money, list(config.materials), feasible.column
    of_site, is_new = candidates.iloc[feasible.site].reset_index(drop=True), ~feasible.is_existing
    share = np.where(of_site["role"] == "existing", config.existing.upgrade_cost_share, 1.0)
    building = column(lambda one: one.size.capex_cny) * np.where(is_new, share, 0.0)
    of_life = column(lambda one: annuity(1.0, money.discount_rate, one.type.life_years))
    land_m2 = column(lambda one: one.size.area_m2) - np.minimum(of_site["today_m2"], of_site["area_m2"])
    price = of_site["land_price_cny_per_m2"].to_numpy(dtype=float) * config.layout.land_price_factor
    land = price * np.where(is_new, np.maximum(land_m2, 0.0), 0.0)
    of_term = annuity(1.0, money.discount_rate, money.land_term_years)
    least_use_t = column(lambda one: one.size.capacity_t * one.type.min_load_share)
    return Options(
        site=feasible.site,
        type=column(lambda one: one.number),
        size=column(lambda one: one.size_name),
        capacity_t=column(lambda one: one.size.capacity_t),
        max_load_share=column(lambda one: one.type.max_load_share),
        peak_factor=column(lambda one: one.type.peak_factor),
        min_load_t=least_use_t * ~(feasible.is_existing & of_site["must_open"].to_numpy(dtype=bool)),
        least_use_t=least_use_t,
        area_m2=area_m2(candidates, feasible),
        capex_cny=building * shared["capex"] + land * shared["land"],
        vehicles=column(_vehicles),
        investment_cny=building * of_life * shared["capex"],
        land_cny=land * of_term * shared["land"],
        fixed_operation_cny=column(lambda one: one.size.opex_cny) * shared["opex"],
        fixed_kwh=column(lambda one: one.size.energy_kwh),
        unit_cny_per_t=column(lambda one: by_material(one.type.unit_opex_cny_per_t, materials, 0.0)),
        unit_kwh_per_t=column(lambda one: [one.type.unit_energy_kwh_per_t] * len(materials)),
        accepts=column(lambda one: [not one.type.accepts or name in one.type.accepts for name in materials]),
        is_existing=feasible.is_existing,
    )


def _expansions(config: Config, feasible: Feasible, shared: dict[str, Floats]) -> Expansions:
    rows = []
    for option, number in enumerate(feasible.rows["variant"].tolist()):
        variant = feasible.variants[number]
        if extends := variant.size.expansion:
            capex_cny = extends.capex_cny_per_t * shared["capex"][option]
            a_year = annuity(capex_cny, config.money.discount_rate, variant.type.life_years)
            rows.append((option, extends.most_t, capex_cny, a_year, extends.opex_cny_per_t * shared["opex"][option]))
    return Expansions(*(np.array(column) for column in zip(*rows, strict=True))) if rows else Expansions.none()


def _disposals(config: Config, feasible: Feasible) -> Disposals:
    material = list(config.materials)
    rows = [
        (option, material.index(name), disposal.cny_per_t, disposal.limit_t)
        for option, number in enumerate(feasible.rows["variant"].tolist())
        for name, disposal in feasible.variants[number].type.disposal.items()
    ]
    return Disposals(*(np.array(column) for column in zip(*rows, strict=True))) if rows else Disposals.none()


def _conversions(config: Config) -> Conversions:
    """Return the share of a tonne that a sorting centre passes on to a base: 1 − residue, with `to_base`."""
    rows = [
        (type_, number, 1 - material.residue_share)
        for type_, (echelon, _, kind) in enumerate(config.facilities.by_echelon())
        for number, (name, material) in enumerate(config.materials.items())
        if echelon == Echelon.SORTING.key and material.to_base and (not kind.accepts or name in kind.accepts)
    ]
    if not rows:
        return Conversions.none()
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Conversions(columns[0], columns[1], columns[1], columns[2].astype(float))


def _materials(config: Config, city: City, places: Places) -> Materials:
    rows = config.materials.values()
    return Materials(
        id=np.array(list(config.materials), dtype=str),
        residue_share=np.array([row.residue_share for row in rows]),
        sales_cny_per_t=np.array([row.sales_cny_per_t for row in rows]),
        purchase_cny_per_t=np.array([row.purchase_cny_per_t for row in rows]),
        subsidy_cny_per_t=_subsidies(config, city, places),
        avoided_kg_co2e_per_t=np.array([row.avoided_kg_co2e_per_t for row in rows]),
    )


def _yearly(horizon: Horizon, today: StagePrices) -> tuple[StagePrices, ...]:
    """Return the prices of each planning year; none where no price grows."""
    grows, years = horizon.prices, []
    if not (grows.operation or grows.transport or grows.material):
        return ()
    options, expansions, materials, rates = today.options, today.expansions, today.materials, today.link_rates
    growth = (growth_factors(horizon, rate) for rate in (grows.operation, grows.transport, grows.material))
    for operation, transport, material in zip(*growth, strict=True):
        years.append(
            StagePrices(
                options=replace(
                    options,
                    fixed_operation_cny=options.fixed_operation_cny * operation,
                    unit_cny_per_t=options.unit_cny_per_t * operation,
                ),
                expansions=replace(expansions, operation_cny_per_t=expansions.operation_cny_per_t * operation),
                disposals=today.disposals,
                materials=replace(
                    materials,
                    sales_cny_per_t=materials.sales_cny_per_t * material,
                    purchase_cny_per_t=materials.purchase_cny_per_t * material,
                ),
                link_rates=replace(
                    rates,
                    cny_per_tkm=rates.cny_per_tkm * transport,
                    unload_cny_per_t=rates.unload_cny_per_t * transport,
                ),
            )
        )
    return tuple(years)


def growth_factors(horizon: Horizon, rate: float) -> tuple[float, ...]:
    """Return the factor of a price that grows by `rate` a year in each planning year."""
    base = horizon.base_year or (horizon.years[0] if horizon.years else 0)
    return tuple((1 + rate) ** (year - base) for year in horizon.years)


def _vehicles(variant: Variant) -> float:
    """Return the vehicles that a stop takes of a fleet: its visits over those that one vehicle makes in a week."""
    if variant.type.mobile is None:
        return 0.0
    return (variant.size.visits_per_week or 0.0) / variant.type.mobile.stops_per_vehicle_week


def _subsidies(config: Config, city: City, places: Places) -> Floats:
    """Return the subsidy on each collected tonne by district and material, CNY/t, (n_districts, n_materials)."""
    row = {code: number for number, code in enumerate(places.districts["code"])}
    column = {name: number for number, name in enumerate(config.materials)}
    table = np.tile([material.subsidy_cny_per_t for material in config.materials.values()], (len(row), 1)).astype(float)
    faults: list[str] = []
    first: dict[tuple[str, str], int] = {}
    for number, line in enumerate(config.subsidies):
        for code in named_districts(city, line.districts, f"subsidies.{number}.districts", faults) or set(row):
            before = first.setdefault((code, line.material), number)
            if before != number:
                faults.append(f"subsidies.{number}: {line.material} in {code} is in subsidies.{before} too; keep one")
            if code in row:
                table[row[code], column[line.material]] = line.cny_per_t
    raise_faults(faults, ConfigError)
    return table
