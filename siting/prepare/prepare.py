"""Turns a config and a city into an `Instance` and the `Geography` that its rows lie in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siting.config.schema import Config
from siting.geography import Geography
from siting.inputs.city import City
from siting.instance import (
    LINK_CLASSES,
    Conversions,
    Demand,
    Instance,
    LinkRates,
    Materials,
    Rates,
    Sites,
    Target,
    Texts,
)
from siting.prepare.drawing import geography_of
from siting.prepare.existing import closed_group, closing_cny, must_stay
from siting.prepare.options import options_of, usable_candidates
from siting.prepare.routes import routes_of
from siting.prepare.scope import Scoped, scope
from siting.prepare.targets import goals_of, targets_of
from siting.travel import SnapReport


@dataclass(frozen=True)
class Prepared:
    """An instance, where it lies, and how its places met the road network (by kind of route).

    `goals` are what to optimise in order (none: cost), `front` the two that `siting pareto` is for; each with the share
    that later goals may give up.
    """

    instance: Instance
    geography: Geography
    snapping: dict[str, SnapReport]
    goals: tuple[tuple[Target, float], ...] = ()
    front: tuple[tuple[Target, float], ...] = ()


def prepare(config: Config, city: City, cache: Path | None) -> Prepared:
    """Make the instance that `config` asks for in `city`; distances are kept in the folder `cache`.

    Raises
    ------
    DataError, ConfigError
        If the config and the city do not fit each other: all faults in one list.
    """
    chosen = usable_candidates(config, scope(config, city))
    routes = routes_of(config, city, chosen, cache)
    demand = _demand(config, chosen)
    sites = _sites(config, chosen)
    options = options_of(config, chosen)
    instance = Instance(
        name=config.name,
        year=config.year,
        districts=chosen.districts["code"].to_numpy(dtype=str),
        facility_types=_texts([name for _, name, _ in config.facilities.by_echelon()]),
        type_echelon=np.array([_ECHELONS[echelon] for echelon, _, _ in config.facilities.by_echelon()]),
        materials=_materials(config, len(chosen.districts)),
        demand=demand,
        sites=sites,
        options=options,
        walks=routes.walks(config),
        direct=routes.direct(),
        haul=routes.haul(),
        link_rates=_link_rates(config),
        rates=Rates(
            disposal_cny_per_t=config.money.disposal_cny_per_t,
            carbon_cny_per_t=config.money.carbon_cny_per_t,
            avoided_cny_per_t=0.0,
            grid_kg_co2e_per_kwh=config.money.grid_kg_co2e_per_kwh,
        ),
        targets=targets_of(config, chosen, demand, sites),
        conversions=Conversions.none(),
        groups=closed_group(chosen.candidates, options),
    )
    pareto = config.pareto.goals if config.pareto else ()
    goals, front = (goals_of(goals, config, chosen, (demand, sites)) for goals in (config.objective, pareto))
    return Prepared(instance, geography_of(city, chosen), dict(routes.reports), goals, front)


RATED_CLASSES = LINK_CLASSES[:3]
_ECHELONS = {"point": 0, "transfer": 1, "sorting": 2}


def _texts(values: list[str]) -> Texts:
    return np.array(values, dtype=str)


def _demand(config: Config, chosen: Scoped) -> Demand:
    """Residential cells, then generators."""
    cells, generators = chosen.cells, chosen.generators
    number = {code: n for n, code in enumerate(chosen.districts["code"])}
    rates = np.array([material.kg_per_resident_day for material in config.materials.values()])
    makers = cells["residents"].to_numpy(dtype=float)
    if "generation_factor" in cells:
        makers = makers * cells["generation_factor"].to_numpy(dtype=float)
    of_cells = makers[:, None] * rates * 365 / 1000
    of_generators = np.zeros((len(generators), len(rates)))
    material = {name: n for n, name in enumerate(config.materials)}
    columns = generators["material"].map(material).to_numpy(dtype=int)
    of_generators[np.arange(len(generators)), columns] = generators["tonnes"].to_numpy(dtype=float)
    districts = [*cells["district"], *generators["district"]]
    return Demand(
        id=_texts([*cells["id"], *generators["id"]]),
        district=np.array([number[code] for code in districts], dtype=np.int64),
        residents=np.concatenate([cells["residents"].to_numpy(dtype=float), np.zeros(len(generators))]),
        tonnes=np.vstack([of_cells, of_generators]),
        is_generator=np.arange(len(districts)) >= len(cells),
        must_serve=np.zeros(len(districts), dtype=bool),
    )


def _sites(config: Config, chosen: Scoped) -> Sites:
    candidates = chosen.candidates
    number = {code: n for n, code in enumerate(chosen.districts["code"])}
    return Sites(
        id=_texts(list(candidates["id"])),
        echelon=candidates["echelon"].map(_ECHELONS).to_numpy(dtype=np.int64),
        district=candidates["district"].map(number).to_numpy(dtype=np.int64),
        area_m2=candidates["area_m2"].to_numpy(dtype=float),
        must_open=must_stay(config, candidates),
        is_shared=np.zeros(len(candidates), dtype=bool),
        closing_cny=closing_cny(config, candidates),
    )


def _materials(config: Config, n_districts: int) -> Materials:
    rows = config.materials.values()
    return Materials(
        id=_texts(list(config.materials)),
        residue_share=np.array([row.residue_share for row in rows]),
        sales_cny_per_t=np.array([row.sales_cny_per_t for row in rows]),
        purchase_cny_per_t=np.array([row.purchase_cny_per_t for row in rows]),
        haul_factor=np.ones(len(rows)),
        subsidy_cny_per_t=np.tile([row.subsidy_cny_per_t for row in rows], (n_districts, 1)),
        avoided_kg_co2e_per_t=np.zeros(len(rows)),
    )


def _link_rates(config: Config) -> LinkRates:
    classes = [getattr(config.transport, name) for name in RATED_CLASSES]
    return LinkRates(
        vehicle=_texts(list(RATED_CLASSES)),
        cny_per_tkm=np.array([link.cny_per_tkm for link in classes]),
        handling_cny_per_t=np.array([link.handling_cny_per_t for link in classes]),
        kg_co2e_per_tkm=np.array([link.kg_co2e_per_tkm for link in classes]),
    )
