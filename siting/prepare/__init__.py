"""From a config and a city folder to an instance: the only place where both worlds meet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siting.config.schema import Config
from siting.config.standards import applied_rules
from siting.geography import Geography
from siting.inputs.city import City
from siting.instance import Instance, Sites, Target
from siting.prepare.candidates import with_bases, with_stops
from siting.prepare.demand import booked_cells, demand_nodes, demand_of, require_stations
from siting.prepare.drawing import geography_of
from siting.prepare.earlier import earlier_of
from siting.prepare.groups import groups_of
from siting.prepare.layout import allowed_options
from siting.prepare.nearest import starting_links
from siting.prepare.options import feasible_options, usable_sites
from siting.prepare.prices import prices_of
from siting.prepare.rates import rated_links
from siting.prepare.reachability import lost_places
from siting.prepare.routes import routes_of
from siting.prepare.scope import Places, places_of
from siting.prepare.stages import require_districts, scaled_demand, stages_of
from siting.prepare.standards import rules_of
from siting.prepare.targets import Units, goals_of, targets_of
from siting.prepare.tours import Tours, tours_of, with_doors
from siting.standards import Check
from siting.travel import SnapReport
from siting.vocabulary import ECHELONS

__all__ = ["Prepared", "lost_places", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """An instance, where it lies, and how its places met the road network (by kind of route).

    `goals` are what to optimise in order (none: cost), `front` the two that `siting pareto` is for; each with the share
    that later goals may give up. `notes` say what was left out, and what rules of layout did;
    `checks` are what rules of standards judge the plan by; `tours` price visits for another density of points.
    """

    instance: Instance
    geography: Geography
    snapping: dict[str, SnapReport]
    goals: tuple[tuple[Target, float], ...] = ()
    front: tuple[tuple[Target, float], ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    tours: Tours | None = None


def prepare(config: Config, city: City, cache: Path | None) -> Prepared:
    """Make the instance that `config` asks for in `city`; distances are kept in the folder `cache`.

    Raises
    ------
    DataError, ConfigError
        If the config and the city do not fit each other: all faults in one list.
    """
    city = with_stops(config, with_bases(config, city))
    standards = applied_rules(config.standards)
    places = places_of(config, city)
    require_districts(config, places)
    feasible, layout_notes = allowed_options(config, city, places, feasible_options(config, places), standards)
    places, feasible = usable_sites(places, feasible)
    groups, group_notes = groups_of(config, city, places, feasible)

    nodes = demand_nodes(places)
    demand, sites = scaled_demand(demand_of(config, places, nodes), config, nodes), _sites(places)
    routes = routes_of(config, city, places, nodes, cache)
    districts = places.districts["code"].to_numpy(dtype=str)
    rated = rated_links(config, city, routes, demand=demand, sites=sites, districts=districts)
    require_stations(places, nodes, rated.direct)
    start = starting_links(config, rated.direct, rated.haul)
    prices = prices_of(config, city, places, feasible, rated.rates)
    tours = tours_of(config, city, places, feasible, rated)

    units = Units(places, nodes)
    targets = targets_of(config, units, demand)
    goals, front = (goals_of(config, one, units) for one in (config.objective, config.front_goals))
    bound_by, checks = rules_of(config, standards, city, units, feasible)
    names = np.array([name for _, name, _ in config.facilities.by_echelon()], dtype=str)
    stages = stages_of(config, nodes, prices.years)
    instance = Instance(
        name=config.name,
        year=config.year,
        districts=districts,
        facility_types=names,
        type_echelon=np.array([int(ECHELONS[echelon]) for echelon, _, _ in config.facilities.by_echelon()]),
        materials=prices.today.materials,
        demand=demand,
        sites=sites,
        options=prices.today.options,
        walks=routes.walks,
        direct=start.direct,
        haul=start.haul,
        link_rates=prices.today.link_rates,
        rates=prices.rates,
        targets=(*targets, *bound_by),
        conversions=prices.conversions,
        groups=groups,
        assigns_nearest=config.assignment == "nearest",
        assignment_tolerance_m=config.assignment_tolerance_m,
        stages=stages,
        expansions=prices.today.expansions,
        disposals=prices.today.disposals,
        omitted_direct=start.omitted_direct,
        omitted_haul=start.omitted_haul,
        earlier=earlier_of(config.near, sites, prices.today.options, names, stages=stages, year=config.year),
    )
    if tours is not None:
        tours = with_doors(tours, config, booked_cells(places, nodes), demand, rated)
        instance = tours.at_asked(instance)
    notes = (*rated.notes, *start.notes, *layout_notes, *group_notes)
    geography = geography_of(city, places, nodes)
    return Prepared(instance, geography, routes.reports, goals, front, notes, checks, tours)


def _sites(places: Places) -> Sites:
    candidates = places.candidates
    number = {code: n for n, code in enumerate(places.districts["code"])}
    return Sites(
        id=candidates["id"].to_numpy(dtype=str),
        echelon=candidates["echelon"].map(ECHELONS).to_numpy(dtype=np.int64),
        district=candidates["district"].map(number).to_numpy(dtype=np.int64),
        area_m2=candidates["area_m2"].to_numpy(dtype=float),
        must_open=candidates["must_open"].to_numpy(dtype=bool),
        is_shared=candidates["is_shared"].to_numpy(dtype=bool),
        closing_cny=candidates["closing_cny"].to_numpy(dtype=float),
    )
