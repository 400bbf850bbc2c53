"""The instance as a whole."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import numpy as np

from siting.errors import DataError, raise_faults
from siting.instance.arrays import Bools, Floats, Ints, Texts
from siting.instance.faults import list_faults
from siting.instance.links import LinkRates, Links, OmittedLinks, Visits, Walks
from siting.instance.stages import Earlier, Stages
from siting.instance.tables import (
    Conversions,
    Demand,
    Disposals,
    Expansions,
    Groups,
    Materials,
    Options,
    Rates,
    Sites,
)
from siting.instance.targets import Target
from siting.vocabulary import Echelon, Measure


@dataclass(frozen=True)
class Instance:
    """A whole planning problem: `direct` links run from generators and doors to sites, `haul` links between sites.

    `visits` are of options of points, `door_visits` of demand nodes. `assigns_nearest`: every cell with an open point
    in reach is served in full, by open points at most `assignment_tolerance_m` farther than its nearest one.
    `assigns_whole`: a cell goes to one point as a whole. `objective` is what is optimised instead of cost; its value is
    not read. `stages` None: one year with the demand as it stands. `omitted_direct` and `omitted_haul` are links that
    the model has no columns for although they may be used: bounds hold for plans with them too. `earlier` is the plan
    that targets of changes count against.
    """

    name: str
    year: int
    districts: Texts
    facility_types: Texts
    type_echelon: Ints
    materials: Materials
    demand: Demand
    sites: Sites
    options: Options
    walks: Walks
    direct: Links
    haul: Links
    link_rates: LinkRates
    rates: Rates = field(default_factory=Rates)
    targets: tuple[Target, ...] = ()
    conversions: Conversions = field(default_factory=Conversions.none)
    groups: Groups = field(default_factory=Groups.none)
    assigns_nearest: bool = False
    assignment_tolerance_m: float = 0.0
    assigns_whole: bool = False
    objective: Target | None = None
    stages: Stages | None = None
    expansions: Expansions = field(default_factory=Expansions.none)
    disposals: Disposals = field(default_factory=Disposals.none)
    visits: Visits = field(default_factory=Visits.none)
    door_visits: Visits = field(default_factory=Visits.none)
    omitted_direct: OmittedLinks = field(default_factory=OmittedLinks.none)
    omitted_haul: OmittedLinks = field(default_factory=OmittedLinks.none)
    earlier: Earlier = field(default_factory=Earlier.none)

    def __post_init__(self) -> None:
        raise_faults(list(list_faults(self)), DataError)

    @property
    def n_demand(self) -> int:
        """Number of demand nodes."""
        return len(self.demand.id)

    @property
    def n_sites(self) -> int:
        """Number of candidate and existing sites."""
        return len(self.sites.id)

    @property
    def n_options(self) -> int:
        """Number of (site, type, size) options."""
        return len(self.options.site)

    @property
    def n_materials(self) -> int:
        """Number of materials."""
        return len(self.materials.id)

    @property
    def residents(self) -> float:
        """Residents of the planned area."""
        return float(self.demand.residents.sum())

    @property
    def n_stages(self) -> int:
        """Number of years or cases; 1 where there are no stages."""
        return 1 if self.stages is None else len(self.stages.year)

    @property
    def n_omitted(self) -> int:
        """Number of links that the model has no columns for."""
        return len(self.omitted_direct) + len(self.omitted_haul)

    @property
    def omits_links(self) -> bool:
        """Return whether there are links that the model has no columns for."""
        return self.n_omitted > 0

    def omitted(self, kind: str) -> OmittedLinks:
        """Return the omitted links of the table `direct` or `haul`."""
        return self.omitted_direct if kind == "direct" else self.omitted_haul

    def with_links_of(self, other: Instance) -> Instance:
        """Return the instance with the links of `other`, a problem of the same places, and what that omits."""
        tables = ("direct", "haul", "omitted_direct", "omitted_haul")
        return dataclasses.replace(self, **{name: getattr(other, name) for name in tables})

    def with_links(self, direct: Bools, haul: Bools) -> Instance:
        """Return the instance with columns for the omitted links that are marked, after those that it has.

        `direct` (n_omitted_direct,) and `haul` (n_omitted_haul,).
        """
        return dataclasses.replace(
            self,
            direct=self.direct.and_also(self.omitted_direct.only(direct).links()),
            haul=self.haul.and_also(self.omitted_haul.only(haul).links()),
            omitted_direct=self.omitted_direct.only(~direct),
            omitted_haul=self.omitted_haul.only(~haul),
        )

    def hard_target(self, measure: Measure, value: float = 0.0, *, is_at_least: bool) -> Target:
        """Return a hard target over all demand nodes, sites, types and materials, in every year."""
        return Target(
            id=f"{measure}-{'least' if is_at_least else 'most'}",
            unit="all",
            measure=measure,
            is_at_least=is_at_least,
            value=value,
            year=0,
            echelon=None,
            within_m=None,
            penalty_cny=None,
            source="",
            responsible="",
            in_unit_demand=np.ones(self.n_demand, dtype=bool),
            in_unit_site=np.ones(self.n_sites, dtype=bool),
            counts_type=np.ones(len(self.facility_types), dtype=bool),
            counts_material=np.ones(self.n_materials, dtype=bool),
        )

    def brought_t(self) -> Floats:
        """Return the tonnes a year that a fully assigned walk brings to its point, (n_walks, n_materials)."""
        return np.asarray(self.demand.tonnes[self.walks.demand] * self.walks.participation[:, None])

    def option_echelon(self) -> Ints:
        """Return the echelon of each option, (n_options,)."""
        return self.sites.echelon[self.options.site]

    def most_capacity_t(self) -> Floats:
        """Return the capacity of each option with all that it can be extended by, t a year, (n_options,)."""
        most_t = self.options.capacity_t.copy()
        most_t[self.expansions.option] += self.expansions.most_t
        return most_t

    def most_load_t(self) -> Floats:
        """Return the planned limit of each option with all that it can be extended by, t a year, (n_options,)."""
        return np.asarray(self.most_capacity_t() * self.options.usable_share)

    def passed_on(self) -> Floats:
        """Return the output of each facility type, t of product a t that enters: (n_types, n_materials, n_materials).

        Nothing leaves the last echelon that has a site.
        """
        last = int(self.sites.echelon.max()) if self.n_sites else 0
        passed = np.zeros((len(self.facility_types), self.n_materials, self.n_materials))
        passed[(self.type_echelon <= Echelon.TRANSFER) & (self.type_echelon < last)] = np.eye(self.n_materials)
        passed[np.unique(self.conversions.type)] = 0.0
        where = (self.conversions.type, self.conversions.material, self.conversions.product)
        np.add.at(passed, where, self.conversions.t_per_t)
        return passed

    def at_stage(self, number: int) -> Instance:
        """Return the problem of one stage alone: its demand, its prices, its targets, no stages."""
        if self.stages is None:
            return self
        demand, year = self.demand, int(self.stages.year[number])
        staged = dataclasses.replace(
            demand,
            tonnes=demand.tonnes * self.stages.tonnes_factor[number],
            residents=demand.residents * self.stages.residents_factor[number],
        )
        targets = tuple(target for target in self.targets if target.year in (0, year))
        priced = vars(self.stages.prices[number]) if self.stages.prices else {}
        return dataclasses.replace(
            self,
            **priced,
            year=year,
            demand=staged,
            targets=targets,
            stages=None,
            earlier=self.earlier.at_stage(number),
        )
