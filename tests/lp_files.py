"""Small LP files: the rows of one family of a model, and a reader that knows no solver."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np

from siting.instance import Disposals, Earlier, Expansions, Groups, Instance, LinkRates, Stages, Visits
from siting.model import build_model, build_whole
from siting.model.linear import LinearModel, RowAssembler
from siting.vocabulary import Echelon, Measure
from tests.tiny import PAPER_SORTING, SORTING, hand_instance, make_target

GOLDEN = Path(__file__).parent / "golden"
MEASURES = {
    Measure.COUNT: {"value": 2, "echelon": Echelon.POINT},
    Measure.CAPACITY: {"value": 40, "is_at_least": False},
    Measure.COVERAGE: {"value": 0.5, "within_m": 300.0, "district": 1},
    Measure.SERVED: {"value": 0.6, "within_m": 300.0, "district": 1},
    Measure.COLLECTED: {"value": 9, "penalty_cny": 50.0},
    Measure.PROCESSED: {"value": 8, "counts_type": np.arange(5) == SORTING},
    Measure.COLLECTED_SHARE: {"value": 0.6, "district": 1},
    Measure.RECYCLED_SHARE: {"value": 0.5},
    Measure.SHARED: {"value": 0.25, "echelon": Echelon.POINT},
    Measure.VEHICLES: {"value": 3, "is_at_least": False},
    Measure.COLLECTION_VEHICLES: {"value": 3, "is_at_least": False},
    Measure.CHANGES: {"value": 2, "is_at_least": False},
    Measure.WALK: {"value": 250, "is_at_least": False},
    Measure.WORST_WALK: {"value": 300, "is_at_least": False},
    Measure.LEAST_COVERAGE: {"value": 0.4, "within_m": 300.0},
    Measure.COVERAGE_RANGE: {"value": 0.3, "within_m": 300.0, "is_at_least": False},
    Measure.COVERAGE_GINI: {"value": 0.2, "within_m": 500.0, "is_at_least": False},
    Measure.COST: {"value": 5000, "is_at_least": False},
    Measure.INVESTMENT: {"value": 15_000, "is_at_least": False},
    Measure.OPERATION: {"value": 4000, "is_at_least": False},
    Measure.SUBSIDY: {"value": 600, "is_at_least": False},
    Measure.EMISSIONS: {"value": 5, "is_at_least": False},
    Measure.NET_EMISSIONS: {"value": 4, "is_at_least": False},
}


def two_by_three() -> Instance:
    """The hand instance, 2 cells × 3 points, with a professional centre to choose instead and a target a measure.

    Residents use the nearest point, p1 and p3 may not both open, and leaving nothing at p2 costs 40 CNY a year. The
    station and the professional centre can be extended by the tonne; the station may dispose of 4 t a year. The third
    point may be idle and counts from 1 t a year on. Station and
    first centre are planned at up to 0.9 of their capacity, the station with a peak factor of 1.2.
    An earlier plan has the first point, the professional centre, something else at the third point, and a place more.
    """
    instance = hand_instance()
    rows = np.array([0, 1, 2, 3, 4, 4])
    options = instance.options
    options = dataclasses.replace(
        options, **{f.name: getattr(options, f.name)[rows] for f in dataclasses.fields(options)}
    )
    options.type[5], options.capacity_t[5], options.unit_cny_per_t[5] = PAPER_SORTING, 15, 30
    options.vehicles[:3] = 1.5
    options.least_use_t[2] = 1.0
    options.max_load_share[3:5], options.peak_factor[3] = 0.9, 1.2
    instance.sites.closing_cny[1] = 40.0
    instance.materials.avoided_kg_co2e_per_t[0] = 500.0
    groups = Groups(option=np.array([0, 2]), group=np.zeros(2, dtype=np.int64), most=np.ones(1))
    extended = np.array([3, 5])
    expansions = Expansions(extended, *(np.array(pair) for pair in ([8.0, 6.0], [90, 120.0], [9.0, 12.0], [2.0, 3.0])))
    disposals = Disposals(np.array([3]), np.array([0]), np.array([150.0]), np.array([4.0]))
    bought = {
        "expansions": expansions,
        "disposals": disposals,
        "visits": _unpaid_visits(),
        "link_rates": _timed(instance),
        "earlier": _earlier(instance),
    }
    instance = dataclasses.replace(instance, options=options, groups=groups, assigns_nearest=True, **bought)
    targets = [make_target(instance, measure, **what) for measure, what in MEASURES.items()]
    return dataclasses.replace(instance, targets=tuple(targets))


def _earlier(instance: Instance) -> Earlier:
    """An earlier plan, as above."""
    is_open, is_gone = np.zeros((1, 6), dtype=bool), np.zeros((1, instance.n_sites), dtype=bool)
    is_open[0, [0, 5]], is_gone[0, 2] = True, True
    return Earlier(is_open, is_gone, elsewhere=np.ones(1))


def _unpaid_visits() -> Visits:
    """Visits of half an hour to three points: ten a year to the first, two for each tonne to the others."""
    none, per_t = np.zeros(3), np.array([[0.0], [2.0], [2.0]])
    return Visits(
        np.arange(3), np.zeros(3, dtype=np.int64), np.array([10.0, 0, 0]), per_t, none, none + 0.5, none, none
    )


def _timed(instance: Instance) -> LinkRates:
    """The rates with a vehicle of 40 hours a year on hauls from points."""
    hours = {"h_per_tkm": [0.1, 0, 0], "unload_h_per_t": [0.2, 0, 0], "hours_per_year": [40, 0, 0]}
    return dataclasses.replace(instance.link_rates, **{name: np.array(row, float) for name, row in hours.items()})


def two_years() -> Instance:
    """The golden instance in two years, the second with a tenth more of everything and a target on investment."""
    instance = two_by_three()
    growth = np.array([[1.0], [1.1]]) * np.ones((2, instance.n_demand))
    names, years, weight = np.array(["2027", "2030"]), np.array([2027, 2030]), np.full(2, 0.5)
    stages = Stages(names, years, weight, growth[:, :, None], growth, is_nested=True)
    invested = next(target for target in instance.targets if target.measure is Measure.INVESTMENT)
    return dataclasses.replace(
        instance, stages=stages, targets=(dataclasses.replace(invested, year=2030),), earlier=Earlier.none()
    )


def dearest_case() -> Instance:
    """The same as two cases of demand, of which the dearer counts."""
    instance = two_years()
    stages = dataclasses.replace(instance.stages, is_nested=False, is_robust=True)
    return dataclasses.replace(instance, stages=stages, targets=())


def families_of(model: LinearModel) -> list[str]:
    """Names of the row families, each once, in order."""
    return list(dict.fromkeys(family.name for family in model.row_families))


def only_family(model: LinearModel, name: str) -> LinearModel:
    """The model with no rows but those of one family."""
    rows = RowAssembler(model.n_columns)
    numbers = model.rows_of(name)
    part = model.matrix[numbers].tocoo()
    bounds = {"lower": model.row_lower[numbers], "upper": model.row_upper[numbers]}
    rows.add(name, [(part.row, part.col, part.data)], n_rows=len(numbers), **bounds)
    lower, upper = rows.bounds()
    return dataclasses.replace(
        model, matrix=rows.matrix(), row_lower=lower, row_upper=upper, row_families=rows.families
    )


def read_rows(path: Path) -> dict[str, tuple[dict[str, float], str, float]]:
    """Rows of an LP file: name → (coefficients, sense, right side)."""
    text = re.sub(r"\s+", " ", path.read_text())
    body = re.search(r"Subject To (.*?)(?: Bounds| Binaries| Binary| Generals| End)", text).group(1)
    rows = {}
    for name, left, sense, right in re.findall(r"(\w+): (.*?) (<=|>=|=) (\S+)(?= \w+:|$)", body):
        terms = re.findall(r"([+-]?) ?(\d[\d.e+-]*)? ?([a-z_]+_\d+)", left)
        coefficients = {column: float(sign + "1") * float(number or 1) for sign, number, column in terms}
        rows[name] = coefficients, sense, float(right)
    return rows


def golden_models() -> dict[str, LinearModel]:
    """The golden instance cut down to each of its row families, those that tie stages included."""
    model, _ = build_model(two_by_three())
    single = {name: only_family(model, name) for name in families_of(model)}
    ties = {
        "stay_open": two_years(),
        "stay_closed": two_years(),
        "stay_expanded": two_years(),
        "cover_case": dearest_case(),
    }
    return single | {name: only_family(build_whole(instance).model, name) for name, instance in ties.items()}
