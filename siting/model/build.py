"""The model of one stage: columns, costs and rows of an instance.

Sets: cells and generators i, materials m, sites j, options o of site j (a facility type in a size), walks w from cell
i to point j, direct links k from a generator, haul links l, targets t, groups g. brought[w,m] = tonnes[i,m] ×
participation[w]. in[j,m] is what enters site j: brought × assign at a point, haul and direct elsewhere. pass[j,n,m]: t
of m that leave for a t of n that enters; 1 for m itself at points and stations, none at the last echelon, else by the
conversions of the type (there load[o,n] stands for in[j,n] where options differ). expand[o] is what is bought of an
option's capacity by the tonne, most[o] what there is to buy; limit[o,m] no more than can leave. usable[o] = the most
that a plan may load of a capacity / the peak factor. Flows and loads are in kt a year, money in 10^4 CNY a year.

    sum_{w of i} assign[w] <= 1 (= 1 where it must be served) serve              ∀ cell i              [share]
    assign[w] <= sum_{o at j} open[o]                         assign_to_open     ∀ walk w to j         [share]
    sum_{w' of i up to w} assign[w'] >= sum_{o at j} open[o]  assign_nearest     ∀ walk w of i to j    [share]
    sum_{w' of i up to d} assign[w'] >= near[a,i]             serve_near         ∀ access a, cell i    [share]
    sum_{k of i} direct[k,m] <= tonnes[i,m] (= where it must) within_offer       ∀ generator i, m      [kt]
    direct[k,m] <= most[k,m] sum_{o at j takes m} open[o]     direct_to_open     ∀ link k to j, m      [kt]
    haul[l,m] <= most[l,m] sum_{o at j takes m} open[o]       haul_to_open       ∀ link l to j, m      [kt]
    sum_n pass[j,n,m] in[j,n] = sum_{l, o of j} haul[l,m] + dispose[o,m]  conserve_material  ∀ site j, product m [kt]
    in[j,m] = sum_{o at j} load[o,m]                          split_load         ∀ split site j, m     [kt]
    expand[o] <= most[o] open[o]                              expand_open        ∀ extendable option o [kt]
    dispose[o,m] <= limit[o,m] open[o]                        dispose_at_open    ∀ disposal of m at o  [kt]
    sum_m in[j,m] <= sum_{o at j} usable[o] (capacity[o] open[o] + expand[o])  within_capacity  ∀ other site j [kt]
    sum_m load[o,m] <= usable[o] (capacity[o] open[o] + expand[o])  within_capacity  ∀ o at a split site [kt]
    sum_m in[j,m] >= sum_{o at j} least[o] open[o]            reach_min_load     ∀ j with a least load [kt]
    sum_{o at j} open[o] <= 1                                 one_size           ∀ j with several o    [1]
    sum_{o in g} open[o] <= most[g]                           within_group       ∀ group g             [1]
    sum_{o at j} open[o] >= 1                                 keep_open          ∀ j that must be open [1]
    sum_{o at j} open[o] + close[j] >= 1                      keep_or_close      ∀ j that costs to close [1]
    in_use[o] <= open[o]                                      use_open           ∀ counted o that may be idle [1]
    sum_m in[j,m] >= least_use[o] in_use[o]                   reach_use          ∀ counted o that may be idle [kt]
    sum open[o] >= value (in_use[o] of what may be idle)      reach_count        ∀ count target        [1]
    sum capacity[o] open[o] + expand[o] >= value              reach_capacity     ∀ capacity target     [kt]
    sum (shared[o] - value) open[o] >= 0                      reach_shared       ∀ two-network target  [1]
    near[a,i] <= sum_{o at a point within d of i} open[o]     near_open          ∀ access a, cell i    [1]
    near[a,i] >= sum_{o at j} open[o]                         near_every_open    ∀ limited a, j near i [1]
    sum residents[i] near[a,i] >= value residents             reach_coverage     ∀ coverage target     [10^3]
    sum residents[i] assign[w] >= value residents             reach_served       ∀ served target       [10^3]
    sum residents[i] (distance[w] - value) assign[w] <= 0     within_walk        ∀ mean-walk target    [10^6 m]
    sum_{w longer than value} assign[w] <= 0                  within_worst_walk  ∀ worst-walk target   [share]
    covered[t,d] = sum residents[i] near[a,i] / residents     tell_coverage      ∀ fairness target t, district d [share]
    least[t] <= covered[t,d] <= greatest[t]                   span_coverage      ∀ fairness target t, district d [share]
    least[t] >= value                                         reach_least_coverage  ∀ floor target t   [share]
    greatest[t] - least[t] <= value                           within_range       ∀ range target t      [share]
    apart[t,k] >= |covered[t,d] - covered[t,e]|               span_coverage      ∀ Gini target t, pair k of d, e [share]
    sum w[d] w[e] apart[t,k] <= value sum w[d] covered[t,d]   within_gini        ∀ Gini target t       [share]
    sum brought[w,m] assign[w] + sum direct[k,m] >= value     reach_collected    ∀ collection target   [kt]
    sum brought[w,m] assign[w] + sum direct[k,m] >= value arises  reach_collected_share  ∀ collection share [kt]
    sum (1 - residue[o,m]) in[j,m] where m ends >= value arises  reach_recycled_share  ∀ recycling share [kt]
    sum in[j,m] at centres >= value                           reach_processed    ∀ processing target   [kt]
    sum vehicles[o] open[o] <= value                          within_fleet       ∀ fleet target        [1]
    sum of hours of visits and hauls / hours a year <= value  within_tours       ∀ tour vehicle target [1]
    stood + sum_{o new} open[o] - sum_{o stood} open[o] <= value  within_changes  ∀ change target    [1]
    sum capex[o] open[o] + capex a kt expand[o] <= value      within_investment  ∀ investment target   [10^4 CNY]
    sum of all terms of the cost <= value                     within_cost        ∀ cost target         [10^4 CNY]
    sum of the terms paid to operate <= value                 within_operation   ∀ operation target    [10^4 CNY]
    sum subsidy[i,m] (brought assign + direct) <= value       within_subsidy     ∀ subsidy target      [10^4 CNY]
    sum of emissions <= value                                 within_emissions   ∀ emission target     [kt]
    sum of emissions - what product avoids <= value           within_net_emissions  ∀ net emission target [kt]

arises: tonnes[i,m] summed over the unit and the materials of the target; residue[o,m] is 0 at a base.
Where residents choose: w' is up to w, or up to the distance d of an access, where it is at most the tolerance longer,
and o counts where it accepts all that i brings.
most[k,m] and most[l,m]: what the tail can pass on and the head can take. A split site is one whose options differ in
what a tonne costs, in what they accept, or (from sorting on, and where a type converts) in type. Targets sum over what
is in their unit, type, material and distance; each may be at least or at most. A soft target's row has + shortfall[t]
(− for at most), which the objective pays for. Land: open[o] <= 0 where the option needs more area than its site has.
Acceptance: a flow or load exists only where the head takes the material. A site that is forced closed has no options.
stood: facilities of an earlier plan; o stood there, or is new at a site where nothing did.
`least` and `greatest` stand in the columns `apart`; w[d] is the part of the residents who live in d. The objective is
the cost, or the measure of `instance.objective`, with its sign.
"""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance
from siting.model.columns import Columns, lay_out
from siting.model.costs import column_costs
from siting.model.facility_rows import add_facility_rows, most_disposed
from siting.model.flow_rows import add_flow_rows, most_on_links
from siting.model.linear import MODEL_T, LinearModel, RowAssembler
from siting.model.target_rows import add_target_rows, most_shortfall, target_terms
from siting.model.use_rows import add_use_rows


def build_model(instance: Instance) -> tuple[LinearModel, Columns]:
    """Return the model of `instance`, one stage, and where its decisions stand."""
    columns = lay_out(instance)
    rows = RowAssembler(columns.n)
    add_flow_rows(rows, instance, columns)
    add_facility_rows(rows, instance, columns)
    add_use_rows(rows, instance, columns)
    add_target_rows(rows, instance, columns)
    row_lower, row_upper = rows.bounds()
    is_integer = np.zeros(columns.n, dtype=bool)
    is_integer[columns["open"]] = is_integer[columns["in_use"]] = True
    is_integer[columns["assign"]] = instance.assigns_whole
    model = LinearModel(
        cost=objective_costs(instance, columns),
        column_lower=np.zeros(columns.n),
        column_upper=_column_upper(instance, columns),
        is_integer=is_integer,
        matrix=rows.matrix(),
        row_lower=row_lower,
        row_upper=row_upper,
        column_families=columns.families,
        row_families=rows.families,
    )
    return model, columns


def objective_costs(instance: Instance, columns: Columns) -> Floats:
    """Return the coefficients to minimise, (n_columns,): the cost, or the measure that is optimised."""
    if instance.objective is None:
        return column_costs(instance, columns)
    goal = instance.objective
    column, value = target_terms(instance, columns, goal)
    cost = np.zeros(columns.n)
    np.add.at(cost, column, -value if goal.is_at_least else value)
    return cost


def _column_upper(instance: Instance, columns: Columns) -> Floats:
    """Return the most that each column can be in any plan that is not wasteful; finite everywhere."""
    upper = np.ones(columns.n)
    options = instance.options
    upper[columns["open"]] = options.area_m2 <= instance.sites.area_m2[options.site]
    direct, haul = most_on_links(instance, columns)
    upper[columns["direct"]] = direct
    upper[columns["haul"]] = haul
    upper[columns["load"]] = instance.most_load_t()[columns.load_option] / MODEL_T
    upper[columns["expand"]] = instance.expansions.most_t / MODEL_T
    upper[columns["dispose"]] = most_disposed(instance)
    upper[columns["shortfall"]] = most_shortfall(instance, columns, upper)
    return upper
