"""RELOG's own model of a case without storage, written from its documentation and solved by scipy: the reference.

    sum_{a from c} send[a,t] + leave[d,c,t] = amount[c,t]                     ∀ offer c, t
    sum_{c of d} leave[d,c,t] <= limit[d,t]                                   ∀ disposal d at centres, t
    sum_{a to p} send[a,t] = process[p,t] <= least[p] open[p,t] + sum_{s<=t} extend[p,s]     ∀ plant p, t
    sum_{s<=t} extend[p,s] <= (most[p] - least[p]) open[p,t]                  ∀ plant p, t
    rate[p,m] process[p,t] = sum_{a from p of m} send[a,t] + dispose[p,m,t]   ∀ plant p, product m, t
    open[p,t] = open[p,t-1] + start[p,t]                                      ∀ plant p, t

What stands before the first year is open[p,-1] = 1 and what exceeds least[p] of extend[p,-1].
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from siting.relog.case import distance_km


class Reference:
    """Columns and rows, added one by one."""

    def __init__(self, case, is_open=None):
        self.case, self.cost, self.upper, self.integer = case, [], [], []
        self.rows, self.low, self.high, self.left = [], [], [], {}
        plants, years = range(len(case.plants)), range(case.n_years)
        self.open = {(p, t): self.column(*self._open(p, t), whole=True) for p in plants for t in years}
        self.start = {(p, t): self.column(*self._start(p, t)) for p in plants for t in years}
        self.extend = {(p, t): self.column(*self._extend(p, t)) for p in plants for t in years}
        self.process = {(p, t): self.column(case.plants[p].variable_per_t[t]) for p in plants for t in years}
        for t in years:
            self._flows(t)
            for p in plants:
                self._capacity(p, t)
        self.fixed = is_open

    def column(self, cost, upper=np.inf, *, whole=False):
        self.cost.append(cost)
        self.upper.append(upper)
        self.integer.append(int(whole))
        return len(self.cost) - 1

    def row(self, terms, low, high):
        self.rows.append(terms)
        self.low.append(low)
        self.high.append(high)

    def _open(self, p, t):
        plant = self.case.plants[p]
        return plant.fixed[t] + plant.extended_t * plant.fixed_per_t[t], 1.0

    def _start(self, p, t):
        plant = self.case.plants[p]
        return plant.opening[t], float(t in self.case.building and plant.initial_t == 0)

    def _extend(self, p, t):
        plant = self.case.plants[p]
        return plant.extension_per_t[t] + plant.fixed_per_t[t:].sum(), plant.most_t - plant.least_t

    def _capacity(self, p, t):
        plant, sofar = self.case.plants[p], [(self.extend[p, s], 1.0) for s in range(t + 1)]
        before = plant.extended_t
        was_open = float(plant.initial_t > 0)
        extra = [(column, -1.0) for column, _ in sofar]
        self.row([(self.process[p, t], 1.0), (self.open[p, t], -plant.least_t), *extra], -np.inf, before)
        span = max(plant.most_t - plant.least_t, before)
        self.row([*sofar, (self.open[p, t], -span)], -np.inf, -before)
        last = [(self.open[p, t - 1], -1.0)] if t else []
        side = 0.0 if t else was_open
        self.row([(self.open[p, t], 1.0), (self.start[p, t], -1.0), *last], side, side)

    def _flows(self, t):
        case = self.case
        into = {p: [] for p in range(len(case.plants))}
        for c, offer in enumerate(case.offers):
            out = self._send(offer, offer.product, offer.acquisition_per_t[t], t, into)
            for d, one in enumerate(case.leaving):
                if c in one.offers:
                    out.append((self.column(one.cost_per_t[t]), 1.0))
                    self.left.setdefault((d, t), []).append(out[-1])
            self.row(out, offer.amount_t[t], offer.amount_t[t])
        for d, one in enumerate(case.leaving):
            self.row(self.left[d, t], -np.inf, one.limit_t[t])
        for p, plant in enumerate(case.plants):
            for product, rate in plant.outputs.items():
                out = self._send(plant, product, 0.0, t, into)
                if product in plant.disposal:
                    given = plant.disposal[product]
                    out.append((self.column(given.cost_per_t[t], given.limit_t[t]), 1.0))
                self.row([*out, (self.process[p, t], -rate)], 0.0, 0.0)
        for p, arriving in into.items():
            self.row([*arriving, (self.process[p, t], -1.0)], 0.0, 0.0)

    def _send(self, origin, product, per_t, t, into):
        out = []
        for p, plant in enumerate(self.case.plants):
            if plant.input == product and plant is not origin:
                km = distance_km(self.case, origin, plant)
                out.append((self.column(self.case.transport[product][t] * km + per_t), 1.0))
                into[p].append(out[-1])
        return out

    def solve(self):
        """The least cost over all years; None where no plan is."""
        low, high = np.zeros(len(self.cost)), np.array(self.upper, dtype=float)
        if self.fixed is not None:
            columns = [self.open[p, t] for p in range(len(self.fixed)) for t in range(self.case.n_years)]
            low[columns] = high[columns] = np.asarray(self.fixed, dtype=float).ravel()
        entries = [(row, *term) for row, terms in enumerate(self.rows) for term in terms]
        row, column, value = (np.array(part) for part in zip(*entries, strict=True))
        matrix = sparse.csr_array((value, (row, column)), shape=(len(self.rows), len(self.cost)))
        found = milp(
            self.cost,
            integrality=self.integer,
            bounds=Bounds(low, high),
            constraints=LinearConstraint(matrix, self.low, self.high),
            options={"mip_rel_gap": 0.0},
        )
        return None if found.x is None else float(found.fun + self.case.centre_operation.sum())


def reference_cost(case, is_open=None):
    """The least cost of a case, of all plans or of those with these plants open, (n_plants, n_years)."""
    return Reference(case, is_open).solve()
