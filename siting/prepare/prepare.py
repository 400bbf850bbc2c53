"""Turns a config and a city into an `Instance` and the `Geography` that its rows lie in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siting.config.schema import Config
from siting.config.standards import applied_rules
from siting.geography import Geography
from siting.inputs.city import City
from siting.instance import (
    Demand,
    Floats,
    Instance,
    Materials,
    Rates,
    Sites,
    Target,
    Texts,
)
from siting.prepare.bases import conversions_of, with_bases
from siting.prepare.booked import booked_cells, booked_share, require_stations
from siting.prepare.bought import disposals_of, expansions_of
from siting.prepare.drawing import geography_of
from siting.prepare.existing import closed_group, closing_cny, must_stay
from siting.prepare.groups import join_groups, one_at_a_place
from siting.prepare.layout import with_layout
from siting.prepare.mobile import captured, with_stops, with_vehicles
from siting.prepare.options import options_of, usable_candidates
from siting.prepare.prices import with_prices
from siting.prepare.rates import rated
from siting.prepare.routes import routes_of
from siting.prepare.scope import Scoped, scope
from siting.prepare.shared import is_shared, with_discounts
from siting.prepare.spacing import layout_groups
from siting.prepare.stages import stages_of
from siting.prepare.standards import checks_of, standard_targets
from siting.prepare.subsidies import subsidy_table
from siting.prepare.targets import goals_of, targets_of
from siting.standards import Check
from siting.travel import SnapReport
from siting.vocabulary import DemandKind


@dataclass(frozen=True)
class Prepared:
    """An instance, where it lies, and how its places met the road network (by kind of route).

    `goals` are what to optimise in order (none: cost), `front` the two that `siting pareto` is for; each with the share
    that later goals may give up. `notes` say what was left out, and what rules of layout did;
    `checks` are what rules of standards judge the plan by.
    """

    instance: Instance
    geography: Geography
    snapping: dict[str, SnapReport]
    goals: tuple[tuple[Target, float], ...] = ()
    front: tuple[tuple[Target, float], ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


def prepare(config: Config, city: City, cache: Path | None) -> Prepared:
    """Make the instance that `config` asks for in `city`; distances are kept in the folder `cache`.

    Raises
    ------
    DataError, ConfigError
        If the config and the city do not fit each other: all faults in one list.
    """
    city = with_stops(config, with_bases(config, city))
    standards = applied_rules(config.standards)
    chosen, layout_notes = with_layout(config, city, scope(config, city), standards)
    chosen = usable_candidates(config, chosen)
    routes = routes_of(config, city, chosen, cache)
    demand = _demand(config, chosen)
    sites = _sites(config, city, chosen)
    hauls = rated(config, city, chosen, (routes.direct, routes.haul, demand, sites))
    require_stations(chosen, booked_cells(config, chosen), hauls.direct)
    options = with_discounts(config, sites.is_shared, with_vehicles(config, options_of(config, chosen)))
    spaced, group_notes = layout_groups(config, city, chosen, options)
    instance = Instance(
        name=config.name,
        year=config.year,
        districts=chosen.districts["code"].to_numpy(dtype=str),
        facility_types=_texts([name for _, name, _ in config.facilities.by_echelon()]),
        type_echelon=np.array([_ECHELONS[echelon] for echelon, _, _ in config.facilities.by_echelon()]),
        materials=_materials(config, subsidy_table(config, city, chosen)),
        demand=demand,
        sites=sites,
        options=options,
        walks=captured(config, chosen.candidates, routes.walks(config)),
        direct=hauls.direct,
        haul=hauls.haul,
        link_rates=hauls.rates,
        rates=Rates(
            disposal_cny_per_t=config.money.disposal_cny_per_t,
            carbon_cny_per_t=config.money.carbon_cny_per_t,
            avoided_cny_per_t=config.money.avoided_cny_per_t,
            grid_kg_co2e_per_kwh=config.money.grid_kg_co2e_per_kwh,
        ),
        targets=(
            *targets_of(config, chosen, demand, sites),
            *standard_targets(config, standards, chosen, (demand, sites)),
        ),
        conversions=conversions_of(config),
        groups=join_groups(closed_group(chosen.candidates, options), one_at_a_place(chosen, options), spaced),
        assigns_nearest=config.assignment == "nearest",
        stages=stages_of(config, chosen, demand),
        expansions=expansions_of(config, sites.is_shared, options),
        disposals=disposals_of(config, options),
    )
    instance = with_prices(config, instance)
    pareto = config.pareto.goals if config.pareto else ()
    goals, front = (goals_of(goals, config, chosen, (demand, sites)) for goals in (config.objective, pareto))
    geography = geography_of(city, chosen, booked_cells(config, chosen))
    notes = (*hauls.notes, *layout_notes, *group_notes)
    checks = checks_of(config, standards, (city, chosen), (demand, sites, options))
    return Prepared(instance, geography, dict(routes.reports), goals, front, notes, checks)


_ECHELONS = {"point": 0, "transfer": 1, "sorting": 2, "base": 3}


def _texts(values: list[str]) -> Texts:
    return np.array(values, dtype=str)


def _demand(config: Config, chosen: Scoped) -> Demand:
    """Residential cells, generators, then what households book at the door."""
    cells, generators = chosen.cells, chosen.generators
    number = {code: n for n, code in enumerate(chosen.districts["code"])}
    rates = np.array([material.kg_per_resident_day for material in config.materials.values()])
    makers = cells["residents"].to_numpy(dtype=float)
    if "generation_factor" in cells:
        makers = makers * cells["generation_factor"].to_numpy(dtype=float)
    of_cells = makers[:, None] * rates * 365 / 1000
    share, doors = booked_share(config, chosen)[:, None], booked_cells(config, chosen)
    of_generators = np.zeros((len(generators), len(rates)))
    material = {name: n for n, name in enumerate(config.materials)}
    columns = generators["material"].map(material).to_numpy(dtype=int)
    of_generators[np.arange(len(generators)), columns] = generators["tonnes"].to_numpy(dtype=float)
    at_doors = cells.iloc[doors]
    districts = [*cells["district"], *generators["district"], *at_doors["district"]]
    counts = [len(cells), len(generators), len(doors)]
    kind = np.repeat([DemandKind.HOUSEHOLD, DemandKind.GENERATOR, DemandKind.BOOKED], counts)
    return Demand(
        id=_texts([*cells["id"], *generators["id"], *(f"{one}-door" for one in at_doors["id"])]),
        district=np.array([number[code] for code in districts], dtype=np.int64),
        residents=np.concatenate([cells["residents"].to_numpy(dtype=float), np.zeros(len(districts) - len(cells))]),
        tonnes=np.vstack([of_cells * (1 - share), of_generators, (of_cells * share)[doors]]),
        kind=kind,
        must_serve=kind == DemandKind.BOOKED,
    )


def _sites(config: Config, city: City, chosen: Scoped) -> Sites:
    candidates = chosen.candidates
    number = {code: n for n, code in enumerate(chosen.districts["code"])}
    return Sites(
        id=_texts(list(candidates["id"])),
        echelon=candidates["echelon"].map(_ECHELONS).to_numpy(dtype=np.int64),
        district=candidates["district"].map(number).to_numpy(dtype=np.int64),
        area_m2=candidates["area_m2"].to_numpy(dtype=float),
        must_open=must_stay(config, candidates),
        is_shared=is_shared(config, city, candidates),
        closing_cny=closing_cny(config, candidates),
    )


def _materials(config: Config, subsidy: Floats) -> Materials:
    rows = config.materials.values()
    return Materials(
        id=_texts(list(config.materials)),
        residue_share=np.array([row.residue_share for row in rows]),
        sales_cny_per_t=np.array([row.sales_cny_per_t for row in rows]),
        purchase_cny_per_t=np.array([row.purchase_cny_per_t for row in rows]),
        haul_factor=np.array([row.haul_factor for row in rows]),
        subsidy_cny_per_t=subsidy,
        avoided_kg_co2e_per_t=np.array([row.avoided_kg_co2e_per_t for row in rows]),
    )
