"""Facilities: those of one period, those of all periods, and their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.config.schema import Config
from siting.geography import Geography
from siting.instance import Bools, Floats, Instance, Ints, Texts
from siting.language import Label, text
from siting.plan import (
    Plan,
    built_capacity_t,
    by_option,
    existing_option_of_site,
    open_option_of_site,
    planned_limit_t,
    site_actions,
)
from siting.results.record import RunRecord
from siting.results.units import district_labels
from siting.vocabulary import Echelon

LEAST_T, ROUNDING = 1e-3, 1e-6
"""Tonnes a year that are nothing, and what may lack of a least use, relatively."""
OUT_OF_USE = ("idle", "below_least_use")
"""Values of the column `use` that are flagged."""
NATURE_OF_CANDIDATE = "real location, synthetic use"
NATURE_OF_MADE_UP = "made up"
NATURE_OF_EXISTING = "existing facility"


def facility_table(run: RunRecord, load_if_nearest_t: pd.Series[float]) -> gpd.GeoDataFrame:
    """Return one row for each facility that is open, or exists and is closed by the plan, in the order of the sites.

    Columns as in docs/reference/run-folder.md, with `site`, the row of the instance's sites, and `option`, that of its
    options; the index counts from 0. A closed facility has its former type and size. `load_if_nearest_t` is the
    load of each site, t a year, if residents walk to the nearest open point.
    """
    instance, options, plan = run.instance, run.instance.options, run.solution.plan
    opened, action = open_option_of_site(instance, plan), site_actions(instance, plan)
    site = np.flatnonzero((opened >= 0) | (action == "close"))
    option = np.where(opened >= 0, opened, existing_option_of_site(instance))[site]
    is_open = opened[site] >= 0
    inflow_t = run.verification.site_inflow_t[site]
    extended_t = by_option(instance, plan.expanded_t)
    throughput_t, capacity_t = inflow_t.sum(axis=1), built_capacity_t(instance, plan)[option]
    limit_t = planned_limit_t(instance, plan)[option]
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
        "planned_limit_t": limit_t,
        "throughput_t": throughput_t,
        "disposed_t": _disposed_t(instance, plan)[option],
        "load_if_nearest_t": load_if_nearest_t.reindex(site).to_numpy(),
        "utilisation_share": throughput_t / np.maximum(capacity_t, 1e-9),
        "planned_load_share": throughput_t / np.maximum(limit_t, 1e-9),
        "use": np.where(is_open, uses_of(throughput_t, options.in_use_from_t[option]), ""),
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
        "nature": _natures(run, options.is_existing[option]),
    }
    geometry = run.geography.sites.geometry.to_numpy()[site]
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")


def _natures(run: RunRecord, is_existing: Bools) -> Texts:
    """Return whether each place is real, and whether a facility stands there."""
    if run.geography.is_made_up:
        return np.full(len(is_existing), NATURE_OF_MADE_UP)
    return np.where(is_existing, NATURE_OF_EXISTING, NATURE_OF_CANDIDATE)


def uses_of(load_t: Floats, least_use_t: Floats) -> Texts:
    """Return `in_use`, `below_least_use` or `idle` for what takes so much a year, t, of a least use, t.

    >>> uses_of(np.array([5.0, 1.0, 0.0]), np.array([5.0, 5.0, 0.0])).tolist()
    ['in_use', 'below_least_use', 'idle']
    """
    below = load_t < least_use_t * (1 - ROUNDING) - LEAST_T
    return np.select([load_t <= LEAST_T, below], ["idle", "below_least_use"], "in_use")


def _description(geography: Geography, instance: Instance, site: Ints) -> dict[str, object]:
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
    """Return the tonnes that each option disposes of instead of hauling them on, t a year, (n_options,)."""
    disposed_t = np.bincount(instance.disposals.option, plan.disposed_t, minlength=instance.n_options)
    return np.asarray(disposed_t, dtype=float)


def _residents_served(run: RunRecord) -> Floats:
    """Return residents assigned to each site, (n_sites,); missing (nan) where it is no recycling point."""
    instance, walks = run.instance, run.instance.walks
    residents = instance.demand.residents[walks.demand] * run.solution.plan.assign
    served = np.bincount(walks.site, weights=residents, minlength=instance.n_sites)
    return np.where(instance.sites.echelon == Echelon.POINT, served, np.nan)


def _investment_cny(config: Config, instance: Instance, option: Ints) -> Floats:
    """Return the building cost of each option, CNY, without land; a share for upgrades, 0 for existing facilities."""
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


def all_facilities(run: RunRecord, tables: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return one row for each facility of any period, as it is in the last period that has it.

    `tables` are those that `facility_table` makes of each period, by its name. `opened` is the year in which a new
    facility opens, `closed` that by which an existing one has closed; missing for what stands from the beginning, and
    to the end. With several periods, `throughput_<period>_t` is the throughput in each.
    """
    whole = pd.concat(tables.values(), ignore_index=True).drop_duplicates("option", keep="last")
    whole = gpd.GeoDataFrame(whole.sort_values(["site", "option"]).reset_index(drop=True), crs="EPSG:4326")
    years = np.array([run.instance.year]) if run.rollout is None else run.rollout.stages.year
    opened, closed = opening_years(run.instance, years, run.solution.plans)
    option, place = whole["option"].to_numpy(), whole.columns.get_loc("nature")
    for name, of_option in (("closed", closed), ("opened", opened)):
        whole.insert(place, name, pd.Series(of_option[option]).where(of_option[option] > 0).astype("Int64"))
    for name, table in tables.items() if run.rollout is not None else ():
        whole[f"throughput_{name}_t"] = whole["option"].map(table.set_index("option")["throughput_t"])
    return whole


def opening_years(instance: Instance, years: Ints, plans: Sequence[Plan]) -> tuple[Ints, Ints]:
    """Return the year in which each option opens and that by which it has closed, (n_options,) each; 0: neither."""
    is_open = np.array([plan.is_open for plan in plans])
    ever, is_existing = is_open.any(axis=0), instance.options.is_existing
    n_left = is_open[::-1].argmax(axis=0)  # years after the last year in which it is open
    opened = np.where(ever & ~is_existing, years[is_open.argmax(axis=0)], 0)
    closed = np.where(ever & (n_left > 0), years[np.minimum(len(years) - n_left, len(years) - 1)], 0)
    return opened, np.where(is_existing & ~ever, years[0], closed)


def type_labels(config: Config) -> dict[str, Label]:
    """Return the label of each facility type by its id."""
    return {name: facility_type.label for _, name, facility_type in config.facilities.by_echelon()}


def facility_names(run: RunRecord, facilities: gpd.GeoDataFrame) -> dict[str, Label]:
    """Return the name of each facility's place by its id, from the table that `all_facilities` makes.

    Where the place has none: its district, its type and its number among those of both, in the order of the sites.
    """
    facilities = without_rebuilt(facilities)
    labels, districts = type_labels(run.config), district_labels(run)
    number = facilities.groupby(["district_code", "type"]).cumcount() + 1
    columns = [facilities[name].tolist() for name in ("id", "name", "district_code", "type")]
    names = {}
    for site, name, code, type_id, rank in zip(*columns, number.tolist(), strict=True):
        if is_named(name):
            names[str(site)] = Label(name, name)
            continue
        names[str(site)] = text("results.place", district=districts[code], type=inside(labels[type_id]), rank=rank)
    return names


def without_rebuilt(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the facilities without those that are replaced at their place by an upgrade; index from 0."""
    upgraded = facilities.loc[facilities["action"] == "upgrade", "site"]
    is_former = facilities["site"].isin(upgraded) & facilities["is_existing"]
    return facilities[~is_former].reset_index(drop=True)


def inside(name: Label) -> Label:
    """Return a name for use inside a sentence: first letter in lower case, unless it begins with an abbreviation.

    >>> inside(Label("Smart box", "智能箱")).en, inside(Label("MRF hall", "分拣中心")).en
    ('smart box', 'MRF hall')
    """
    return Label(name.en[:1].lower() + name.en[1:], name.zh) if name.en[1:2].islower() else name


def is_named(name: object) -> bool:
    """Return whether a place has a name."""
    return isinstance(name, str) and bool(name.strip())
