"""The model of a RELOG case with storage: columns, costs and rows. Other cases are planned as instances.

Sets: offers c (a centre and its product), plants p, arcs a (a product from a centre or a plant to a plant that takes
it), years t. rate[p,m]: t of m from a t processed. least[p], most[p]: capacity on opening, and what it can be extended
to. Before the first year, open is 1 and extended is what exceeds least[p] where capacity stands already.

    sum_{a from c} send[a,t] + forgo[c,t] = amount[c,t]               send_or_forgo     ∀ offer c, t
    sum_{c of m} forgo[c,t] <= limit[m,t]                             within_forgo      ∀ product m, t
    sum_{a to p} send[a,t] + store[p,t-1] = process[p,t] + store[p,t] process_input     ∀ plant p, t
    process[p,t] <= least[p] open[p,t] + sum_{s<=t} extend[p,s]       within_capacity   ∀ plant p, t
    sum_{s<=t} extend[p,s] <= (most[p] - least[p]) open[p,t]          extend_open       ∀ plant p, t
    store[p,t] <= room[p] open[p,t]                                   within_storage    ∀ plant p, t
    rate[p,m] process[p,t] = sum_{a from p of m} send[a,t] + dispose[p,m,t]  pass_on    ∀ plant p, product m, t
    open[p,t] = open[p,t-1] + start[p,t]                              stay_open         ∀ plant p, t

All in kt and 10^4 $. start is 0 outside the building period, store 0 in the last year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Floats, Ints
from siting.model.linear import MODEL_CNY, MODEL_T, Family, LinearModel, RowAssembler, Term
from siting.relog.case import Case, distance_km

FAMILIES = ("open", "start", "extend", "process", "store", "send", "forgo", "dispose")


@dataclass(frozen=True)
class Layout:
    """Where each decision stands: the numbers of the columns of a family, (n_things, n_years), by its name.

    `arcs` are (row of the offer or −1, row of the plant it leaves or −1, row of the plant it enters, product);
    `disposals` (plant, product).
    """

    columns: dict[str, Ints]
    arcs: tuple[tuple[int, int, int, str], ...]
    disposals: tuple[tuple[int, str], ...]
    n: int


def lay_out(case: Case) -> Layout:
    """The columns of a case."""
    takes = {product: [k for k, plant in enumerate(case.plants) if plant.input == product] for product in case.products}
    from_offers = [(c, -1, q, offer.product) for c, offer in enumerate(case.offers) for q in takes[offer.product]]
    from_plants = [
        (-1, p, q, product) for p, plant in enumerate(case.plants) for product in plant.outputs for q in takes[product]
    ]
    disposals = tuple((p, m) for p, plant in enumerate(case.plants) for m in plant.disposal if m in plant.outputs)
    arcs = (*from_offers, *(arc for arc in from_plants if arc[1] != arc[2]))
    counts = dict.fromkeys(FAMILIES, len(case.plants)) | {
        "send": len(arcs),
        "forgo": len(case.offers),
        "dispose": len(disposals),
    }
    columns, n = {}, 0
    for name in FAMILIES:
        columns[name] = n + np.arange(counts[name] * case.n_years).reshape(counts[name], case.n_years)
        n += columns[name].size
    return Layout(columns, arcs, disposals, n)


def build_case(case: Case) -> tuple[LinearModel, Layout]:
    """The model of a case, and where its decisions stand."""
    layout = lay_out(case)
    rows = RowAssembler(layout.n)
    _centre_rows(rows, case, layout)
    _plant_rows(rows, case, layout)
    _pass_on(rows, case, layout)
    lower, upper = rows.bounds()
    is_integer = np.zeros(layout.n, dtype=bool)
    is_integer[layout.columns["open"].ravel()] = True
    families = [Family(name, int(c.min()), int(c.max()) + 1) for name, c in layout.columns.items() if c.size]
    model = LinearModel(
        cost=sum(case_costs(case, layout).values(), start=np.zeros(layout.n)) / MODEL_CNY,
        column_lower=np.zeros(layout.n),
        column_upper=_upper(case, layout),
        is_integer=is_integer,
        matrix=rows.matrix(),
        row_lower=lower,
        row_upper=upper,
        column_families=tuple(families),
        row_families=rows.families(),
    )
    return model, layout


def extended_before(case: Case) -> Floats:
    """What each plant was extended by before the first year, t, (n_plants,)."""
    return np.array([max(0.0, plant.initial_t - plant.least_t) for plant in case.plants])


def case_costs(case: Case, layout: Layout) -> dict[str, Floats]:
    """Each term of the cost, in $ by unit of column, (n_columns,).

    An extension carries the fixed cost of all years from its own on.
    """
    terms = {name: np.zeros(layout.n) for name in ("opening", "extension", "fixed", "variable", "storage", "transport",
                                                   "disposal", "acquisition")}  # fmt: skip
    columns = layout.columns
    for p, plant in enumerate(case.plants):
        terms["opening"][columns["start"][p]] = plant.opening
        terms["extension"][columns["extend"][p]] = plant.extension_per_t * MODEL_T
        terms["fixed"][columns["open"][p]] = plant.fixed + extended_before(case)[p] * plant.fixed_per_t
        terms["fixed"][columns["extend"][p]] = plant.fixed_per_t[::-1].cumsum()[::-1] * MODEL_T
        terms["variable"][columns["process"][p]] = plant.variable_per_t * MODEL_T
        terms["storage"][columns["store"][p]] = plant.storage_per_t * MODEL_T
    for a, (offer, start, end, product) in enumerate(layout.arcs):
        place = case.offers[offer] if offer >= 0 else case.plants[start]
        km = distance_km(case, place, case.plants[end])
        terms["transport"][columns["send"][a]] = case.products[product].transport_per_km * km * MODEL_T
        if offer >= 0:
            terms["acquisition"][columns["send"][a]] = case.products[product].acquisition_per_t * MODEL_T
    for c, offer_ in enumerate(case.offers):
        terms["disposal"][columns["forgo"][c]] = case.products[offer_.product].disposal_per_t * MODEL_T
    for d, (p, product) in enumerate(layout.disposals):
        terms["disposal"][columns["dispose"][d]] = case.plants[p].disposal[product][0] * MODEL_T
    return terms


def _upper(case: Case, layout: Layout) -> Floats:
    """The most that each column can be; finite everywhere."""
    upper, columns = np.ones(layout.n), layout.columns
    offered_t = sum(float(offer.amount_t.sum()) for offer in case.offers)
    for p, plant in enumerate(case.plants):
        may_start = np.isin(np.arange(case.n_years), case.building) & (plant.initial_t == 0)
        upper[columns["start"][p]] = may_start
        upper[columns["extend"][p]] = (plant.most_t - plant.least_t) / MODEL_T
        upper[columns["process"][p]] = max(plant.most_t, plant.initial_t) / MODEL_T
        upper[columns["store"][p]] = min(plant.storage_limit_t, 10 * offered_t + plant.most_t) / MODEL_T
        upper[columns["store"][p, -1]] = 0.0
    for a, (_, _, end, _) in enumerate(layout.arcs):
        upper[columns["send"][a]] = (case.plants[end].most_t + case.plants[end].storage_limit_t) / MODEL_T
        upper[columns["send"][a]] += extended_before(case)[end] / MODEL_T
    for c, offer in enumerate(case.offers):
        upper[columns["forgo"][c]] = offer.amount_t / MODEL_T
    for d, (p, product) in enumerate(layout.disposals):
        plant = case.plants[p]
        made = plant.outputs[product] * max(plant.most_t, plant.initial_t)
        upper[columns["dispose"][d]] = np.minimum(plant.disposal[product][1], made) / MODEL_T
    return upper


def _centre_rows(rows: RowAssembler, case: Case, layout: Layout) -> None:
    n, columns = case.n_years, layout.columns
    own = [a for a, (offer, *_) in enumerate(layout.arcs) if offer >= 0]
    row = np.array([layout.arcs[a][0] for a in own], dtype=np.int64)[:, None] * n + np.arange(n)
    amount = np.concatenate([[], *(offer.amount_t for offer in case.offers)]) / MODEL_T
    terms: list[Term] = [(row.ravel(), columns["send"][own].ravel(), 1.0)]
    terms.append((np.arange(len(amount)), columns["forgo"].ravel(), 1.0))
    rows.add("send_or_forgo", terms, n_rows=len(amount), lower=amount, upper=amount)
    names = list(dict.fromkeys(offer.product for offer in case.offers))
    limit = np.concatenate([[], *(case.products[name].disposal_limit_t for name in names)]) / MODEL_T
    of = np.array([names.index(offer.product) for offer in case.offers], dtype=np.int64)[:, None] * n + np.arange(n)
    rows.add("within_forgo", [(of.ravel(), columns["forgo"].ravel(), 1.0)], n_rows=len(limit), upper=limit)


def _plant_rows(rows: RowAssembler, case: Case, layout: Layout) -> None:
    n, columns, plants = case.n_years, layout.columns, case.plants
    each = np.arange(len(plants) * n).reshape(len(plants), n)
    flat = {name: columns[name].ravel() for name in ("open", "start", "process", "store")}
    row, later = each.ravel(), each[:, 1:].ravel()
    end = np.array([arc[2] for arc in layout.arcs], dtype=np.int64)[:, None] * n + np.arange(n)
    least = np.repeat([plant.least_t for plant in plants], n) / MODEL_T
    most = np.repeat([plant.most_t for plant in plants], n) / MODEL_T
    room = np.repeat([min(plant.storage_limit_t, 1e9) for plant in plants], n) / MODEL_T
    was_open = np.array([float(plant.initial_t > 0) for plant in plants])
    before = np.repeat(extended_before(case), n) / MODEL_T
    sums = [(t, s) for t in range(n) for s in range(t + 1)]
    ext_row = np.concatenate([each[:, t] for t, _ in sums])
    ext_column = np.concatenate([columns["extend"][:, s] for _, s in sums])
    n_rows = len(row)
    rows.add(
        "process_input",
        [(end.ravel(), columns["send"].ravel(), 1.0), (row, flat["process"], -1.0), (row, flat["store"], -1.0),
         (later, columns["store"][:, :-1].ravel(), 1.0)],
        n_rows=n_rows, lower=0.0, upper=0.0,
    )  # fmt: skip
    rows.add(
        "within_capacity",
        [(row, flat["process"], 1.0), (row, flat["open"], -least), (ext_row, ext_column, -1.0)],
        n_rows=n_rows, upper=before,
    )  # fmt: skip
    span = np.maximum(most - least, before)
    rows.add("extend_open", [(ext_row, ext_column, 1.0), (row, flat["open"], -span)], n_rows=n_rows, upper=-before)
    rows.add("within_storage", [(row, flat["store"], 1.0), (row, flat["open"], -room)], n_rows=n_rows, upper=0.0)
    side = np.zeros((len(plants), n))
    side[:, 0] = was_open
    rows.add(
        "stay_open",
        [(row, flat["open"], 1.0), (row, flat["start"], -1.0), (later, columns["open"][:, :-1].ravel(), -1.0)],
        n_rows=n_rows, lower=side.ravel(), upper=side.ravel(),
    )  # fmt: skip


def _pass_on(rows: RowAssembler, case: Case, layout: Layout) -> None:
    n, columns = case.n_years, layout.columns
    places = [(p, product) for p, plant in enumerate(case.plants) for product in plant.outputs]
    number = {place: row for row, place in enumerate(places)}
    rate = np.repeat([case.plants[p].outputs[product] for p, product in places], n)
    years = np.arange(n)
    row = np.arange(len(places) * n)
    plant = np.array([p for p, _ in places], dtype=np.int64)
    terms: list[Term] = [(row, columns["process"][plant].ravel(), rate)]
    sent = [a for a, (_, start, _, _) in enumerate(layout.arcs) if start >= 0]
    of = np.array([number[layout.arcs[a][1], layout.arcs[a][3]] for a in sent], dtype=np.int64)[:, None] * n + years
    terms.append((of.ravel(), columns["send"][sent].ravel(), -1.0))
    of = np.array([number[place] for place in layout.disposals], dtype=np.int64)[:, None] * n + years
    terms.append((of.ravel(), columns["dispose"].ravel(), -1.0))
    rows.add("pass_on", terms, n_rows=len(row), lower=0.0, upper=0.0)
