"""The results of a run: each table and figure computed once, for every output."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.chains import ChainShares, ChainTotals, chain_shares, chain_totals
from siting.config.decisions import Decision
from siting.instance import Texts
from siting.language import Label
from siting.plan import paid_once_cny, weighted
from siting.results.actions import ActionRow, UnitTotal, action_rows, action_table, unit_totals
from siting.results.assumptions import assumption_table
from siting.results.behaviour import Behaviour, behaviour_of
from siting.results.certainty import site_certainties
from siting.results.collection import Collection, collection_of
from siting.results.costs import PayerTotals, chain_table, cost_table, payer_table, payer_totals
from siting.results.counts import facility_counts, material_tonnes
from siting.results.coverage import coverage_curve, share_within, shown_distance_m
from siting.results.demand import demand_table
from siting.results.districttotals import district_table, district_totals
from siting.results.facilities import all_facilities, facility_names, facility_table, type_labels
from siting.results.haulprice import HaulPrices, haul_prices
from siting.results.keyfigures import KeyFigure, key_figures
from siting.results.losses import Losses, losses_without
from siting.results.movements import assignment_table, flow_table
from siting.results.periods import invested_by_chain, period_table, stacked, stacked_shapes
from siting.results.publication import publication_line
from siting.results.record import RunRecord, records_by_period
from siting.results.sentences import action_sentence, closing_sentence, period_sentence, shown_sentence
from siting.results.standards import standards_table
from siting.results.targets import TargetRow, target_rows, target_table
from siting.results.timing import Timing, timing_of
from siting.results.units import city_label, district_labels
from siting.vocabulary import Chain, Echelon


@dataclass(frozen=True, eq=False)
class Results:
    """Tables and figures of a run, each computed once, on first access.

    With several periods (planning years, or cases of demand) the column `period` of a table has their names; with one
    it is empty. Tonnes and money are a year unless a column says otherwise; coordinates are WGS-84.

    Attributes
    ----------
    run
        The run.
    period
        Name of the period that the results are of; empty where they are of the whole run.
    """

    run: RunRecord
    period: str = ""

    # periods

    @cached_property
    def by_period(self) -> dict[str, Results]:
        """The results of each period alone, by its name; these results under "" where there is one period only."""
        if self.run.rollout is None:
            return {self.period: self}
        return {name: Results(record, name) for name, record in records_by_period(self.run).items()}

    @property
    def has_periods(self) -> bool:
        """Return whether the run has several periods."""
        return self.run.rollout is not None

    @property
    def are_years(self) -> bool:
        """Return whether the periods are planning years; False for cases of demand and where there is one period."""
        return self.run.rollout is not None and self.run.rollout.stages.is_nested

    @property
    def period_column(self) -> str:
        """The column of files that has the period: `year` or `case`; empty where there is one period only."""
        return "" if not self.has_periods else "year" if self.are_years else "case"

    @property
    def last(self) -> Results:
        """The results of the last period."""
        return list(self.by_period.values())[-1]

    @cached_property
    def periods(self) -> pd.DataFrame:
        """One row for each period, `period` and the columns of years.csv; empty where there is one period only."""
        return period_table(self)

    @cached_property
    def timing(self) -> Timing | None:
        """Facilities of a run of several years by urgency: now, later, or only if demand grows; None for other runs."""
        return timing_of(self)

    # tables

    @cached_property
    def facilities(self) -> gpd.GeoDataFrame:
        """One row for each facility of any period, open or closed, as it is in the last that has it.

        Columns as in facilities.csv, with `site` and `option`, the rows of the instance.
        """
        table = all_facilities(self.run, {name: one.facilities_today for name, one in self.by_period.items()})
        table.insert(table.columns.get_loc("nature"), "certainty", self.certainties[table["site"]])
        return table

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Decisions of reviewers on sites that the plan follows."""
        return self.run.config.sites.decisions

    @cached_property
    def certainties(self) -> Texts:
        """Certainty of each site, (n_sites,): values of `siting.certificate.Certainty`, empty where not known."""
        return site_certainties(self.run)

    @cached_property
    def facilities_today(self) -> gpd.GeoDataFrame:
        """One row for each facility that is open in the last period, or exists and is closed in it."""
        return facility_table(self.run, self.behaviour.load_by_site_t)

    @cached_property
    def open_facilities(self) -> gpd.GeoDataFrame:
        """One row for each facility that is open in the last period."""
        is_open = self.facilities_today["action"] != "close"
        return self.facilities_today[is_open].reset_index(drop=True)

    @cached_property
    def assignments(self) -> gpd.GeoDataFrame:
        """One row for each cell and recycling point that serves it, with a straight line between them."""
        return stacked_shapes({name: assignment_table(one.run) for name, one in self.by_period.items()})

    @cached_property
    def flows(self) -> gpd.GeoDataFrame:
        """One row for each link and material that moves on it, with a straight line."""
        return stacked_shapes({name: flow_table(one.run) for name, one in self.by_period.items()})

    @cached_property
    def districts(self) -> gpd.GeoDataFrame:
        """One row for each district: `code`, names, and figures as in districts.csv, with its outline."""
        return stacked_shapes({name: district_table(one.run) for name, one in self.by_period.items()})

    @cached_property
    def target_rows(self) -> tuple[TargetRow, ...]:
        """The targets of all periods, in the order of the instance."""
        return tuple(
            row
            for name, one in self.by_period.items()
            for row in target_rows(one.run, period=name, case="" if self.are_years else name)
        )

    @cached_property
    def targets(self) -> pd.DataFrame:
        """One row for each target of each period; columns as in scorecard.csv, and its labels."""
        return target_table(self.target_rows)

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Cost by term: `term`, its labels, `cny_per_year` (income is negative), `spent_share` (nan for income)."""
        return stacked({n: cost_table(one.run.verification.cost_terms_cny) for n, one in self.by_period.items()})

    @cached_property
    def chains(self) -> pd.DataFrame:
        """One row for each chain of each period; columns as in chains.csv."""
        return stacked({name: chain_table(one.chain_totals) for name, one in self.by_period.items()})

    @cached_property
    def payers(self) -> pd.DataFrame:
        """One row for each payer of each period; columns as in payers.csv."""
        return stacked({name: payer_table(one.payer_totals) for name, one in self.by_period.items()})

    @cached_property
    def figures(self) -> tuple[KeyFigure, ...]:
        """The key figures of the last period, in the order in which they are printed."""
        return key_figures(self.run, self.chain_totals, self.collection)

    @cached_property
    def figure_values(self) -> dict[str, float]:
        """Value of each key figure of the last period by its key, nan where there is none."""
        return {figure.key: figure.value for figure in self.figures}

    @cached_property
    def key_figures(self) -> pd.DataFrame:
        """Key figures of each period: `key`, labels, `value`, `unit`, `low`, `high`, `source`, `is_plausible`."""
        rows = [(name, figure) for name, one in self.by_period.items() for figure in one.figures]
        return pd.DataFrame(
            [
                {"period": name, "key": one.key, "label_en": one.label.en, "label_zh": one.label.zh}
                | {"value": one.value, "unit": one.unit}
                | one.range_columns
                for name, one in rows
            ]
        )

    @cached_property
    def demand(self) -> pd.DataFrame:
        """One row for each demand node of the last period, in the order of the instance."""
        return demand_table(self.run.instance, self.run.solution.plan, self.haul_prices)

    @cached_property
    def standards(self) -> pd.DataFrame | None:
        """One row for each rule of a standard and unit; None where the plan is held to none."""
        if self.run.standards is not None:
            return self.run.standards
        return standards_table(self.run) if self.run.checks else None

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """One row for each figure of the config that has a source."""
        return assumption_table(self.run.figures)

    @cached_property
    def action_rows(self) -> tuple[ActionRow, ...]:
        """The action list (责任清单) of each responsibility unit."""
        return action_rows(self)

    @cached_property
    def actions(self) -> pd.DataFrame:
        """The action list as a table, columns as in actions.csv."""
        return action_table(self.action_rows)

    @cached_property
    def unit_totals(self) -> tuple[UnitTotal, ...]:
        """The action list of each unit in one line."""
        return unit_totals(self.action_rows)

    # figures of the last period

    @cached_property
    def chain_shares(self) -> ChainShares:
        """Shares of each chain in facilities and flows."""
        return chain_shares(self.run.instance, self.run.solution.plan)

    @cached_property
    def chain_totals(self) -> tuple[ChainTotals, ...]:
        """Figures of each chain, households first."""
        run = self.run
        return chain_totals(run.instance, run.solution.plan, shares=self.chain_shares, targets=run.verification.targets)

    @cached_property
    def payer_totals(self) -> tuple[PayerTotals, ...]:
        """Amounts of each payer."""
        return payer_totals(self.chain_totals, self.run.config.payers)

    @cached_property
    def losses(self) -> Losses:
        """Losses without each open site alone."""
        return losses_without(self.run.instance, self.run.solution.plan)

    @cached_property
    def behaviour(self) -> Behaviour:
        """Figures of the plan if residents walk to the nearest open point."""
        return behaviour_of(self.run.instance, self.run.solution.plan)

    @cached_property
    def collection(self) -> Collection | None:
        """Tours by which points are emptied; None where no vehicle is described that makes any."""
        return collection_of(self.run)

    @cached_property
    def haul_prices(self) -> HaulPrices:
        """Cost of haul of a tonne from each site and demand node to the end of its way."""
        return haul_prices(self.run.instance, self.run.solution.plan)

    @cached_property
    def emissions_t(self) -> dict[str, float]:
        """Emissions by source, t CO2e a year."""
        return {name: kg / 1000 for name, kg in self.run.verification.emissions_kg_co2e.items()}

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """Rules that the plan of any period breaks; none in a plan that may be used."""
        return tuple(fault for one in self.by_period.values() for fault in one.run.verification.faults)

    @cached_property
    def collected_t(self) -> float:
        """Tonnes collected, a year."""
        return float(self.run.verification.collected_t.sum())

    @cached_property
    def offered_t(self) -> float:
        """Tonnes that demand nodes offer, a year."""
        return float(self.run.instance.demand.tonnes.sum())

    @cached_property
    def penalty_cny(self) -> float:
        """Penalties of missed soft targets in the cost of the run, all periods together, CNY a year."""
        rollout = self.run.rollout
        if rollout is None:
            return self.run.verification.penalty_cny
        costs, paid = ([getattr(v, name) for v in rollout.verifications] for name in ("cost_cny", "paid_cny"))
        stages = rollout.stages
        return max(0.0, weighted(stages, costs) - weighted(stages, paid))

    @property
    def paid_cny(self) -> float:
        """Net cost of the run without penalties, all periods together, CNY a year."""
        return self.run.solution.cost_cny - self.penalty_cny

    @cached_property
    def invested_cny(self) -> float:
        """CNY paid once for all that opens in any planning year, land included; in the last case of demand."""
        if self.has_periods:
            opening_cny = self.periods["investment_cny"]
            return float(opening_cny.sum() if self.are_years else opening_cny.iloc[-1])
        return float(paid_once_cny(self.run.instance, self.run.solution.plan).sum())

    @cached_property
    def invested_by_chain(self) -> dict[Chain, float]:
        """`invested_cny` of each chain."""
        if not self.has_periods:
            return {one.chain: one.investment_cny for one in self.chain_totals}
        return invested_by_chain(self.periods, over_all=self.are_years)

    @cached_property
    def open_counts(self) -> dict[Echelon, int]:
        """Number of open facilities of each echelon that has any."""
        counts = self.open_facilities["echelon"].value_counts()
        return {one: int(counts[one.key]) for one in Echelon if one.key in counts}

    @cached_property
    def facility_counts(self) -> dict[str, dict[str, Any]]:
        """Open facilities of each echelon that the city may have: `open`, and `by_type_and_size` (type/size)."""
        return facility_counts(self.run.instance, self.open_facilities)

    @cached_property
    def tonnes(self) -> dict[str, dict[str, float]]:
        """Tonnes a year `offered` by demand nodes, `collected`, and `processed` by sorting centres, by material."""
        return material_tonnes(self.run)

    @cached_property
    def shown_distance_m(self) -> float:
        """Distance by which coverage is shown where one distance is, m."""
        return shown_distance_m(self.run.instance)

    @cached_property
    def coverage_curve(self) -> tuple[tuple[float, float], ...]:
        """Distances, m, and the share of residents with their recycling point within each, to the longest walk."""
        return coverage_curve(self.run.instance, self.run.solution.plan)

    @property
    def has_points(self) -> bool:
        """Return whether there are candidate points; a region of processing bases has none."""
        return bool((self.run.instance.sites.echelon == Echelon.POINT).any())

    def share_within(self, distance_m: float) -> float:
        """Return the share of residents with their recycling point within a distance."""
        return float(share_within(self.run.instance, self.run.solution.plan, np.array([distance_m]))[0])

    @cached_property
    def district_totals(self) -> pd.DataFrame:
        """One row for each district in use, and all of them together, as `district_totals` describes."""
        codes = [str(code) for code in self.run.instance.districts]
        return district_totals(codes, self.run.district_figures, self.shown_distance_m)

    # names

    @cached_property
    def type_labels(self) -> dict[str, Label]:
        """Name of each facility type by its id."""
        return type_labels(self.run.config)

    @cached_property
    def district_labels(self) -> dict[str, Label]:
        """Name of each district by its code."""
        return district_labels(self.run)

    @cached_property
    def material_labels(self) -> dict[str, Label]:
        """Name of each material by its id."""
        known = self.run.config.materials
        ids = [str(name) for name in self.run.instance.materials.id]
        return {name: known[name].label if name in known else Label(name.replace("_", " "), name) for name in ids}

    @cached_property
    def facility_labels(self) -> dict[str, Label]:
        """Name of the place of each facility by its id."""
        return facility_names(self.run, self.facilities)

    @property
    def title(self) -> Label:
        """Title of the config."""
        return self.run.config.title

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.run.config.name

    @property
    def seed(self) -> int:
        """Seed of the solve."""
        return self.run.config.solve.seed

    @property
    def walk_cutoff_m(self) -> float:
        """Longest walk to a recycling point that is considered, m."""
        return self.run.config.travel.walk_cutoff_m

    @property
    def city(self) -> Label:
        """Name of the city."""
        return city_label(self.run)

    # sentences

    @property
    def closing_sentence(self) -> Label:
        """Status of the solve and what is proven about the plan, in one sentence."""
        return closing_sentence(self.run.solution, self.run.goals, penalty_cny=self.penalty_cny)

    @property
    def action_sentence(self) -> Label | None:
        """Numbers of existing facilities kept, upgraded and closed, and of new ones; None if none exists."""
        if not self.run.instance.options.is_existing.any():
            return None
        return action_sentence(self.run.instance, self.run.solution.plan)

    @property
    def period_sentence(self) -> Label | None:
        """Meaning of the cost of several periods; None where there is one."""
        rollout = self.run.rollout
        if rollout is None:
            return None
        return period_sentence(rollout.stages, rollout.verifications)

    @property
    def shown_sentence(self) -> Label | None:
        """Sentence that names the period shown, of several; None if there is one period only."""
        return None if self.run.rollout is None else shown_sentence(self.run.rollout.stages)

    @property
    def publication_line(self) -> Label | None:
        """Note beside a map for the public; None where the run is as it is."""
        return publication_line(self.run)
