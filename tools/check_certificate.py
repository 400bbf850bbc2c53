"""Recompute the bound of a run folder of `siting` from its certificate: `python tools/check_certificate.py RUN`.

Needs NumPy only. Reads claim (plan.json), model (model.npz), certificate (plan.npz) and omitted links (instance.npz) as
docs/concepts/certificate.md says; exits with 1 where the claim does not hold. `siting verify` checks the model itself.
"""
import json
import sys
from pathlib import Path
import numpy as np
LINKS = ("assign_to_open", "direct_to_open", "haul_to_open")
AT_ONE_SITE = (*LINKS, "split_load", "within_capacity", "reach_min_load", "one_size", "keep_open", "keep_or_close",
               "expand_open", "dispose_at_open")
UNLIMITED = np.iinfo(np.int64).max
ROUNDING, SLACK_KT, SLACK_UNITS = 1e-12, 1e-6, 1e-6
def require(holds, fault):
    """Say why a certificate proves nothing, where something does not hold."""
    if not holds:
        raise ValueError(fault)
class Model:
    """The arrays of `model.npz`: n columns, m rows, entries; `omitted` links of each kind: tail, head, metres."""
    def __init__(self, arrays, omitted=()):
        self.__dict__, self.omitted = arrays, omitted
        self.n, self.m = len(self.cost), len(self.row_lower)
        self.row, self.column = np.repeat(np.arange(self.m), np.diff(self.indptr)), self.indices.astype(np.int64)
        self.value, self.opened = self.data, self.columns("open") & self.is_integer
        is_whole = np.array_equal(self.row_start[1:], self.row_stop[:-1]) and not self.column_lower[self.opened].any()
        require(is_whole and np.isfinite([self.column_lower, self.column_upper]).all(), "model.npz is damaged")
    def rows(self, *names):
        """Mark the rows of some families, (m,); rows that were added belong to none."""
        marked = np.repeat(np.isin(self.row_family, names), self.row_stop - self.row_start)
        return np.append(marked, np.zeros(self.m - len(marked), dtype=bool))
    def columns(self, *names):
        """Mark the columns of some families, (n,)."""
        return np.repeat(np.isin(self.column_family, names), self.column_stop - self.column_start)
    def entries(self, rows):
        """Row, column and value of the entries above 0 in marked rows, and of those below."""
        parts = rows[self.row] & (self.value > 0), rows[self.row] & (self.value < 0)
        return *(np.stack([self.row[part], self.column[part]]) for part in parts), *(self.value[part] for part in parts)
    def priced(self, cost, y):
        """Usable multipliers, what they give for the sides of the rows, and the reduced cost of the columns."""
        y = np.where((y > 0) & np.isinf(self.row_lower) | (y < 0) & np.isinf(self.row_upper) | ~np.isfinite(y), 0.0, y)
        sides = y * np.where(y > 0, self.row_lower, np.where(y < 0, self.row_upper, 0.0))
        reduced = cost - np.bincount(self.column, self.value * y[self.row], self.n)
        rests = self.columns("shortfall", "worst") & bool(len(self.alike))  # their bounds know no omitted links
        require((reduced[rests] >= -SLACK_KT).all(), "multipliers rest on bounds that omitted links could exceed")
        return y, sides, reduced
    def lagrangian(self, cost, y):
        """Least of the Lagrangian over the bounds of the columns, all rows priced, for plans with any link."""
        _, sides, reduced = self.priced(cost, y)
        terms = np.append(sides, reduced * np.where(reduced > 0, self.column_lower, self.column_upper))
        omitted = sum(np.minimum(0.0, a_kt) @ kt for _, a_kt, kt in self.links(reduced))
        return terms.sum() + omitted - ROUNDING * (np.abs(terms).sum() - omitted)
    def links(self, reduced):
        """Yield omitted links that are priced alike: the column that stands for each head, cost a kt, most kt."""
        for (kind, *alike), of, most in zip(self.alike, self.stand_in, self.stand_in_kt):
            tail, head, metres, *classes = self.omitted[kind]
            is_own = np.equal(classes, np.array([alike]).T).all(axis=0) & (of[0, tail] >= 0) & (of[2, head] >= 0)
            near, far, to, first = of[0, tail], of[1, tail], of[2, head], of[0][of[0] >= 0][0]
            cost = reduced[near] + (reduced[far] - reduced[near]) * metres / 1000 + reduced[to] - reduced[first]
            yield to[is_own], cost[is_own], np.minimum(most[0, tail], most[1, head])[is_own]
    def expansions(self):
        """Each column `expand`, the column `open` that allows it, and its most."""
        up, down, _, most = self.entries(self.rows("expand_open"))
        i, j = joined(up[0], down[0])
        first = np.unique(up[1][i], return_index=True)[1]  # cases of demand share these columns
        return up[1][i][first], down[1][j][first], -most[j][first]
    def with_rows(self, covers, at_least, at_most):
        """The model with a row for each cover, and one for each limit on its units."""
        phi = [phi_table(cover["size"], cover["price"], int(least)) for cover, least in zip(covers, at_least)]
        rows = [one[np.minimum(cover["units"], len(one) - 1)] for one, cover in zip(phi, covers)]
        rows += [cover["units"] for cover, most in zip(covers, at_most) if most < UNLIMITED]
        (i, j), limits = np.nonzero(np.reshape(rows, (-1, self.n))), at_most[at_most < UNLIMITED]
        tight, value = Model.__new__(Model), np.append(self.value, [rows[k][column] for k, column in zip(i, j)])
        tight.__dict__ = vars(self) | {
            "m": self.m + len(rows), "row": np.append(self.row, self.m + i), "column": np.append(self.column, j),
            "row_lower": np.concatenate([self.row_lower, [one[-1] for one in phi], np.full(len(limits), -np.inf)]),
            "row_upper": np.concatenate([self.row_upper, np.full(len(phi), np.inf), limits]), "value": value}
        return tight
def phi_table(size, price, most):
    """phi(0) = 0, phi(t) = least of price + phi(t - size), up to phi(most)."""
    phi = np.zeros(most + 1)
    for t in range(1, most + 1):
        phi[t] = (price + phi[np.maximum(0, t - size)]).min()
    return phi
def least_units(model, cover):
    """Units of a cover that are open in every plan; each part of the cover is checked against the rows."""
    require(not (cover["capacity_row"] & ~model.rows("within_capacity")).any(), "a cover adds up other rows")
    up, down, kt, lets_in = model.entries(cover["capacity_row"])
    inflow, lets_in = np.bincount(up[1], kt, model.n) * cover["is_counted"], np.bincount(down[1], -lets_in, model.n)
    bought, opener, most = model.expansions()
    capacity = np.where(model.opened, lets_in, 0.0) + np.bincount(opener, lets_in[bought] * most, model.n)
    capacity *= model.column_upper
    lets_in[bought], units, unit_kt = 0.0, cover["units"], cover["unit_kt"]
    may = (units >= 0) & ((units == 0) & (lets_in == 0) | model.opened & (model.column_upper <= 1))
    require(may.all(), "a cover counts what is not open or closed")
    require(unit_kt > 0 and (units * unit_kt >= capacity)[units > 0].all(), "a cover rounds a capacity down")
    require((cover["size"] >= 1).all() and (cover["price"] >= 0).all(), "a cover has sizes or prices below 0")
    needed = model.lagrangian(inflow, cover["multipliers"]) - capacity[units == 0].sum()
    return max(0, int(np.ceil(needed / unit_kt - SLACK_UNITS)))
def site_bound(model, y):
    """The bound with each site decided whole: nothing, or one option with the inflows that gain most."""
    kept = model.rows(*AT_ONE_SITE)
    y, sides, reduced = model.priced(model.cost, np.where(kept, 0.0, y))
    (up, down, _, _), upper = model.entries(model.rows("conserve_material")), model.column_upper.copy()
    upper[up[1][~np.isin(up[0], down[0])]] = 0.0  # no way on from there
    site, options, close = model.site, np.flatnonzero(model.opened), np.flatnonzero(model.columns("close"))
    row, column, of_row = model.row[kept[model.row]], model.column[kept[model.row]], np.full(model.m, -1)
    of_row[row] = site[column]
    require((of_row[row] == site[column]).all() and (site[column] >= 0).all(), "a site is told as several")
    up, _, value, _ = model.entries(model.rows("one_size") & (model.row_upper <= 1))
    together, most = np.bincount(up[0], value >= 1, model.m), np.ones(model.n)
    np.maximum.at(most, site[up[1]], together[up[0]])
    require((np.bincount(site[options], minlength=model.n) <= most).all(), "options of a site could be open together")
    is_elsewhere = ~model.opened & ~np.isin(np.arange(model.n), column)
    closing, with_open = 0.0 + np.bincount(site[close], reduced[close], model.n), np.full(model.n, np.inf)
    cost = np.where(upper > 0, reduced + gains(model, reduced, upper), np.inf)[options]
    np.minimum.at(with_open, site[options], cost + np.minimum(0.0, closing)[site[options]])
    closing[site[model.entries(model.rows("keep_open"))[0][1]]] = np.inf
    least = np.minimum(closing, with_open)[np.unique(site[options])].sum()
    elsewhere = (reduced * np.where(reduced > 0, model.column_lower, upper))[is_elsewhere].sum()
    size = np.abs(sides).sum() + np.abs(reduced) @ np.maximum(np.abs(model.column_lower), np.abs(upper))
    return sides.sum() + elsewhere + least - ROUNDING * size
def gains(model, reduced, upper):
    """The least reduced cost of what flows into each column `open`, is bought and is disposed of there, (n,)."""
    take = Takers(model, reduced, upper)
    inflow, option, taker, cost, most, kt = take.pairs()
    more, gain, is_free = take.omitted(inflow, taker, cost), np.zeros(model.n), kt == 0
    np.add.at(gain, option[is_free], (np.minimum(0.0, cost) * most)[is_free])
    up, down, _, limit = model.entries(model.rows("dispose_at_open"))
    i, j = joined(up[0], down[0])
    np.add.at(gain, down[1][j], np.minimum(0.0, reduced[up[1][i]]) * np.minimum(-limit[j], upper[up[1][i]]))
    inflow, taker, a_kt, kt = (part[~is_free] for part in (inflow, taker, cost / np.where(is_free, 1, kt), kt * most))
    row, from_cell, amount, is_bound = take.from_cells()
    (step, its), binds = joined(row, take.row), np.isin(take.row, take.row_of[is_bound])
    other = ~is_bound[inflow] & binds[taker]
    drawn = (taker[other], its), (a_kt[other], from_cell[step]), (kt[other], amount[step])
    limited = take.least(*(np.append(*two) for two in zip((taker, a_kt, kt), more)), take.least_kt)
    by_cells = take.least(*(np.concatenate([*two, one]) for two, one in zip(drawn, more)), np.zeros(len(take.row)))
    np.add.at(gain, take.option, np.where(binds, np.maximum(limited, by_cells), limited))
    return gain
def joined(keys, others):
    """All pairs i, j with keys[i] == others[j]."""
    order = np.argsort(others, kind="stable")
    first, last = (np.searchsorted(others[order], keys, side) for side in ("left", "right"))
    i = np.repeat(np.arange(len(keys)), last - first)
    return i, order[np.arange(len(i)) - np.repeat(np.cumsum(last - first) - last, last - first)]
class Takers:
    """Capacity of an option: a capacity `row` and its column `option`; several to an option that cases share."""
    def __init__(self, model, reduced, upper):
        self.model, self.reduced, self.upper = model, reduced, upper
        up, down, kt, base = model.entries(model.rows("within_capacity"))
        is_open = model.opened[down[1]]
        (self.row, self.option), self.base = down[:, is_open], -base[is_open]
        self.row_of, self.kt = np.full(model.n, -1), np.bincount(up[1], kt, model.n)
        self.row_of[up[1]] = up[0]  # the capacity row of each flow and load
        self.more, self.price, self.least_kt = np.zeros((3, len(self.row)))
        share = np.bincount(down[1], -base, model.n) / np.maximum(1, np.bincount(down[1], minlength=model.n))
        for expand, option, most in zip(*model.expansions()):
            own = self.option == option
            self.more[own] = min(most, upper[expand]) * share[expand]
            self.price[own] = reduced[expand] / share[expand] / own.sum()
        _, down, _, least = model.entries(model.rows("reach_min_load"))
        down, least = (part[..., np.isin(down[1], self.option)] for part in (down, least))  # others take nothing
        order, mine = np.lexsort(down), np.lexsort((self.row, self.option))  # by option, then by case
        mine = mine[np.isin(self.option[mine], down[1])]
        require(np.array_equal(self.option[mine], down[1][order]), "least loads and capacities do not fit together")
        self.least_kt[mine] = -least[order] - SLACK_KT
    def pairs(self):
        """Inflow, option, taker, cost of a unit, most units and kt a unit of each way into an option."""
        model = self.model
        up, down, entry, most = model.entries(model.rows(*LINKS))
        i, j = joined(up[0], down[0])
        inflow, option, most = up[1][i], down[1][j], np.minimum(self.upper[up[1][i]], -most[j] / entry[i])
        cost, kt, row = self.reduced[inflow], self.kt[inflow], self.row_of[inflow]
        up, down, units, _ = model.entries(model.rows("split_load"))
        of_pair, option_of_row = np.full(len(inflow), -1), np.zeros(model.m, dtype=np.int64)
        option_of_row[self.row] = self.option
        enters, pair = joined(up[1], inflow)  # at a split site, the loads of an option count instead
        keys = up[0][enters] * model.n + option[pair], down[0] * model.n + option_of_row[self.row_of[down[1]]]
        one, load = joined(*keys)
        one, load = one[self.upper[down[1][load]] > 0], down[1][load][self.upper[down[1][load]] > 0]
        np.add.at(cost, pair[one], units[enters[one]] * self.reduced[load])
        np.add.at(kt, pair, units[enters])
        row[pair[one]] = self.row_of[load]
        found, taker = joined(row * model.n + option, self.row * model.n + self.option)
        of_pair[found] = taker
        may = (self.upper[option] > 0) & ((of_pair >= 0) | (kt == 0))
        may[np.delete(pair, one)] = False  # some of it is not accepted
        return tuple(part[may] for part in (inflow, option, of_pair, cost, most, kt))
    def omitted(self, inflow, taker, cost):
        """Taker, cost a kt and most kt of each omitted link that could lower what an option takes at least cost."""
        load, asks, least = cost - self.reduced[inflow], self.least_kt[taker] > 0, np.full(self.model.n, np.inf)
        np.minimum.at(least, inflow, np.where(asks, -np.inf, load))  # a least load may need what does not gain
        links = [np.stack(one)[:, one[1] + least[one[0]] < 0] for one in self.model.links(self.reduced)]
        to, a_kt, kt = np.hstack([np.empty((3, 0)), *links])
        i, j = joined(to.astype(int), inflow)
        i, j = (one[(a_kt[i] + load[j] < 0) | asks[j]] for one in (i, j))
        return taker[j], a_kt[i] + load[j], kt[i]
    def least(self, taker, a_kt, kt, least):
        """The least cost of filling each taker: while a kt gains, and on to `least`; inf where that is not there."""
        n, full, price = len(self.row), self.base + self.more, np.maximum(0.0, self.price)
        order = np.lexsort((a_kt, taker))
        taker, a_kt, kt = taker[order], a_kt[order], kt[order]
        gaining = np.bincount(taker, kt * (a_kt < 0), n), np.bincount(taker, kt * (a_kt < -price[taker]), n)
        taken = np.maximum(np.maximum(np.minimum(gaining[0], self.base), np.minimum(gaining[1], full)), least)
        before = np.cumsum(kt) - kt
        before -= np.append(before, 0.0)[np.searchsorted(taker, np.arange(n))][taker]
        cost = 0.0 + np.bincount(taker, a_kt * np.clip(taken[taker] - before, 0.0, kt), n)
        cost += price * np.maximum(0.0, taken - self.base) + np.minimum(0.0, self.price) * self.more
        return np.where(least <= np.minimum(full, np.bincount(taker, kt, n)), cost, np.inf)
    def from_cells(self):
        """Capacity row, cost a kt and kt of what cells can send once, step by step; and the hauls that they bind."""
        (into, feeder), down, kt, _ = self.model.entries(self.model.rows("conserve_material"))
        left, cell = np.full((2, self.model.n), -1)
        left[down[1]] = np.where(self.model.columns("haul")[down[1]], down[0], -1)
        serve, _, value, _ = self.model.entries(self.model.rows("serve") & (self.model.row_upper <= 1))
        cell[serve[1][value >= 1]] = serve[0][value >= 1]
        is_bound = (np.minimum(left, self.row_of) >= 0) & ~np.isin(left, into[cell[feeder] < 0])
        haul, feed = joined(np.where(is_bound, left, -1), into)
        cost = np.where(self.upper[haul] > 0, self.reduced[haul], 0.0)
        keys = np.stack([self.row_of[haul], cell[feeder[feed]], self.model.column_material[haul]])
        order = np.lexsort((-cost * kt[feed], kt[feed], *keys))
        order = order[cost[order] < 0]
        return *steps(keys[:, order], kt[feed][order], -(cost * kt[feed])[order]), is_bound
def steps(keys, kt, gain):
    """First key, cost a kt and kt of each step of the upper hull of gain over kt, from (0, 0), by keys."""
    at, is_under = np.arange(len(kt)), np.ones(1, dtype=bool)
    while is_under.any():
        is_same = np.append(False, (keys[:, at[1:]] == keys[:, at[:-1]]).all(axis=0))[: len(at)]
        wide, high = (part[at] - np.where(is_same, np.roll(part[at], 1), 0.0) for part in (kt, gain))
        is_under = (high <= 0) | (wide <= 0)
        is_under[:-1] |= is_same[1:] & (high[:-1] * wide[1:] <= high[1:] * wide[:-1])
        at = at[~is_under]
    return keys[0, at], -high / wide, wide
def hold_all(leaves, least):
    """Whether every plan belongs to a leaf (at least, at most), with `least` units of each cover open."""
    if any((low <= least).all() and (high == UNLIMITED).all() for low, high in leaves):
        return True
    for cover, own in enumerate(np.eye(len(least), dtype=bool)):
        for most in {int(high[cover]) for _, high in leaves} - {UNLIMITED}:
            below = [(a, np.where(own & (b == most), UNLIMITED, b)) for a, b in leaves if b[cover] <= most]
            above = [leaf for leaf in leaves if leaf[0][cover] > most]
            if above and len(below) + len(above) == len(leaves):
                return hold_all(below, least) and hold_all(above, np.where(own, np.maximum(least, most + 1), least))
    return False
def certificate_of(path, model):
    """Multipliers, prices of covers, covers, leaves and multipliers of the floor from `plan.npz`, for all columns."""
    arrays = dict(np.load(path))
    for key, one in arrays.items():
        at = model.solved_column if key.endswith(("is_counted", "units")) else model.solved_row
        if key.endswith(("multipliers", "capacity_row", "is_counted", "units")) and one.size:
            arrays[key] = one[..., at] * (at >= 0)
    packed = json.loads(str(arrays["scalars"]))["certificate"]
    require(packed is not None, "the certificate is missing")
    def parts(name):
        fields = {key.split(".")[-1]: array for key, array in arrays.items() if key.startswith(f"certificate.{name}.")}
        return [one | {key: array[n] for key, array in fields.items()} for n, one in enumerate(packed[name])]
    y, prices, floor = (arrays[f"certificate.{name}"] for name in ("multipliers", "cover_price", "floor_multipliers"))
    for cover in (covers := parts("covers")):
        cover["is_counted"] |= (model.solved_column < 0) & cover["materials"][model.column_material]
    return y, prices, covers, parts("leaves"), floor
def proven_bound(model, multipliers, prices, covers, leaves):
    """The bound that a certificate proves, in the unit of the model."""
    def bound(at_least, at_most, *y):
        tight, y = model.with_rows(covers, at_least, at_most), np.concatenate(y)
        return max(tight.lagrangian(tight.cost, y), site_bound(tight, y))
    least = np.array([least_units(model, cover) for cover in covers], dtype=np.int64)
    root = bound(least, np.full(len(covers), UNLIMITED), multipliers, prices)
    require(not leaves or hold_all([(leaf["at_least"], leaf["at_most"]) for leaf in leaves], least), "plans left out")
    names = ("at_least", "at_most", "multipliers", "low_price")
    of_leaves = [bound(*(one[name] for name in names), one["high_price"][one["at_most"] < UNLIMITED]) for one in leaves]
    return max(root, min(of_leaves, default=-np.inf))
def floor_of(model, y):
    """Recompute the floor, the cost that every plan pays for its tonnes; forced costs must not exceed costs."""
    cases = model.rows("cover_case")
    left = (cost := model.priced(model.cost, cases / max(1, cases.sum()))[2]) - model.forced_cost
    is_part = (left >= -1e-9 * np.abs(cost)).all() and (left * model.column_lower > -1e-6).all()
    is_part &= all((a_kt >= -1e-9).all() for _, a_kt, _ in model.links(left))
    require(y.shape == (model.m,) and is_part, "a floor of another model, or of costs above those of the model")
    return max(0.0, model.lagrangian(model.forced_cost, y))
def check(folder):
    """Return the claims of a run folder, and the bound and floor that it proves, in the objective's unit."""
    links, names = np.load(folder / "instance.npz"), ("tail", "head", "distance_m", "link_class", "rate")
    omitted = [[links[f"omitted_{kind}.{name}"] for name in names] for kind in ("direct", "haul")]
    model, claims = Model(dict(np.load(folder / "model.npz")), omitted), (folder / "plan.json").read_text("utf-8")
    *proof, paid = certificate_of(folder / "plan.npz", model)
    return json.loads(claims), *(model.scale * one for one in (proven_bound(model, *proof), floor_of(model, paid)))
if __name__ == "__main__":
    try:
        claims, proven, floor = check(Path(sys.argv[1]))
    except (OSError, ValueError, LookupError) as error:
        sys.exit(f"{sys.argv[1]}: proves nothing: {error}")
    cost, bound, said, paid = (claims[name] for name in ("cost_cny", "bound_cny", "proven_bound_cny", "floor_cny"))
    print(f"The certificate proves {proven:,.2f}, and that every plan pays {floor:,.2f} for its tonnes.")
    if bound is not None:
        print(f"Plan {cost:,}, bound {bound:,}, of that proven {said:,}; proven gap {1 - proven / cost:.4%}.")
        if max(said - proven, proven - cost, abs(paid - floor)) > 1 + 1e-6 * abs(cost):
            sys.exit("The claim does not hold.")
        print("The claim holds." if bound <= said else "What is claimed beyond that is the word of the solver.")
