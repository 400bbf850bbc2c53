"""The open facilities of a plan as one table."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from siting.config.schema import Config
from siting.geography import Geography
from siting.instance import Floats, Instance, Ints
from siting.plan import (
    Plan,
    built_capacity_t,
    by_option,
    existing_option_of_site,
    open_option_of_site,
    site_actions,
)
from siting.results.record import RunRecord
from siting.vocabulary import Echelon

NATURE_OF_CANDIDATE = "real location, synthetic use"
NATURE_OF_EXISTING = "existing facility"

ECHELON_NAMES = {one: one.name.lower() for one in Echelon}


def facility_table(run: RunRecord, *, with_closed: bool = False) -> gpd.GeoDataFrame:
    """One row for each open facility, in the order of the sites; columns as in docs/run-folder.md.

    `site` is the row of the instance's sites and `option` that of its options; the index counts from 0. `with_closed`
    adds the facilities that stand today and are closed, with the type and size that they had.
    """
    instance, options, plan = run.instance, run.instance.options, run.solution.plan
    opened, action = open_option_of_site(instance, plan), site_actions(instance, plan)
    site = np.flatnonzero((opened >= 0) | (with_closed & (action == "close")))
    option = np.where(opened >= 0, opened, existing_option_of_site(instance))[site]
    is_open = opened[site] >= 0
    inflow_t = run.verification.site_inflow_t[site]
    extended_t = by_option(instance, plan.expanded_t)
    throughput_t, capacity_t = inflow_t.sum(axis=1), built_capacity_t(instance, plan)[option]
    bought = instance.expansions
    a_year_cny = by_option(instance, plan.expanded_t * bought.investment_cny_per_t)
    run_cny = by_option(instance, plan.expanded_t * bought.operation_cny_per_t)
    once_cny = by_option(instance, plan.expanded_t * bought.capex_cny_per_t)
    columns = {
        "site": site,
        "option": option,
        **_description(run.geography, instance, site),
        "type": instance.facility_types[options.type[option]],
        "size": options.size[option],
        "capacity_t": capacity_t,
        "extended_t": extended_t[option],
        "throughput_t": throughput_t,
        "disposed_t": _disposed_t(instance, plan)[option],
        "utilisation_share": throughput_t / np.maximum(capacity_t, 1e-9),
        "residents_served": _residents_served(run)[site],
        "investment_cny": _investment_cny(run.config, instance, option) + once_cny[option],
        "investment_cny_per_year": (options.investment_cny + a_year_cny)[option],
        "land_cny_per_year": options.land_cny[option],
        "fixed_operation_cny_per_year": (options.fixed_operation_cny + run_cny)[option] * is_open,
        "unit_operation_cny_per_year": (options.unit_cny_per_t[option] * inflow_t).sum(axis=1),
        "area_m2": options.area_m2[option],
        "vehicles": options.vehicles[option],
        "is_shared": instance.sites.is_shared[site],
        "is_existing": options.is_existing[option],
        "action": action[site],
        "closing_cny_per_year": instance.sites.closing_cny[site] * ~is_open,
        "nature": np.where(options.is_existing[option], NATURE_OF_EXISTING, NATURE_OF_CANDIDATE),
    }
    geometry = run.geography.sites.geometry.to_numpy()[site]
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")


def _description(geography: Geography, instance: Instance, site: Ints) -> dict[str, object]:
    """Who and where each open site is."""
    sites, districts = geography.sites, geography.districts
    name_of_code = dict(zip(districts["code"], districts["name_en"], strict=True))
    code = instance.districts[instance.sites.district[site]]
    return {
        "id": instance.sites.id[site],
        "name": sites["name"].to_numpy()[site],
        "echelon": [Echelon(e).key for e in instance.sites.echelon[site]],
        "district": [name_of_code.get(c, c) for c in code],
        "district_code": code,
        "kind": sites["kind"].to_numpy()[site],
        "osm_class": sites["osm_class"].to_numpy()[site],
        "lon": sites.geometry.x.to_numpy()[site],
        "lat": sites.geometry.y.to_numpy()[site],
    }


def _disposed_t(instance: Instance, plan: Plan) -> Floats:
    """What each option disposes of instead of hauling it on, t a year, (n_options,)."""
    disposed_t = np.bincount(instance.disposals.option, plan.disposed_t, minlength=instance.n_options)
    return np.asarray(disposed_t, dtype=float)


def _residents_served(run: RunRecord) -> Floats:
    """Residents assigned to each site, (n_sites,); missing (nan) where it is no recycling point."""
    instance, walks = run.instance, run.instance.walks
    residents = instance.demand.residents[walks.demand] * run.solution.plan.assign
    served = np.bincount(walks.site, weights=residents, minlength=instance.n_sites)
    return np.where(instance.sites.echelon == Echelon.POINT, served, np.nan)


def _investment_cny(config: Config, instance: Instance, option: Ints) -> Floats:
    """What building each option costs once, land excluded; its share for an upgrade, 0 for what stands."""
    capex = {
        (name, size_name): size.capex_cny
        for _, name, facility_type in config.facilities.by_echelon()
        for size_name, size in facility_type.sizes.items()
    }
    keys = zip(instance.facility_types[instance.options.type[option]], instance.options.size[option], strict=True)
    stands = existing_option_of_site(instance)[instance.options.site[option]] >= 0
    share = np.where(instance.options.is_existing[option], 0.0, np.where(stands, config.existing.upgrade_cost_share, 1))
    if config.shared is not None:
        at_outlet = instance.sites.is_shared[instance.options.site[option]]
        share = share * np.where(at_outlet, config.shared.capex_factor, 1.0)
    return np.array([capex[str(name), str(size)] for name, size in keys], dtype=float) * share
