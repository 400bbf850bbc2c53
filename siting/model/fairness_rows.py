"""Rows about fairness: the coverage of each district, and how far districts are apart."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance, Ints, Target
from siting.model.access_rows import access_terms
from siting.model.columns import Columns, goals_of
from siting.model.linear import RowAssembler
from siting.vocabulary import Measure


def add_fairness_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add tell_coverage and span_coverage for every target, and objective, that compares districts."""
    _tell_coverage(rows, instance, columns)
    goals = goals_of(instance)
    for number in np.unique(columns.covered_target):
        covered = columns.at("covered", np.flatnonzero(columns.covered_target == number))
        apart = columns.at("apart", np.flatnonzero(columns.apart_target == number))
        if goals[number].measure is Measure.COVERAGE_GINI:
            first, second = np.triu_indices(len(covered), 1)
            _no_less_apart(rows, apart, covered[first], covered[second])
            _no_less_apart(rows, apart, covered[second], covered[first])
        else:
            _no_less_apart(rows, np.full(len(covered), apart[1]), covered, None)
            _no_less_apart(rows, covered, np.full(len(covered), apart[0]), None)


def fairness_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    """Return the columns of a fairness measure, with what one unit of each adds to its row.

    The Gini coefficient of the shares c of districts with parts w of the residents is the sum over pairs of w w |c − c|
    over the mean share (Gini 1912; Lorenz curve of coverage); its row is multiplied by that mean.
    """
    number = next(n for n, goal in enumerate(goals_of(instance)) if goal is target)
    apart = columns.at("apart", np.flatnonzero(columns.apart_target == number))
    if target.measure is Measure.LEAST_COVERAGE:
        return apart[:1], np.ones(len(apart[:1]))
    if target.measure is Measure.COVERAGE_RANGE:
        return apart[:2], np.array([-1.0, 1.0])[: len(apart)]
    at = np.flatnonzero(columns.covered_target == number)
    residents = _residents(instance, target, columns.covered_district[at])
    weight = residents / residents.sum() if len(at) else residents
    first, second = np.triu_indices(len(at), 1)
    column = np.concatenate([apart, columns.at("covered", at)])
    return column, np.concatenate([weight[first] * weight[second], -target.asked * weight])


def _residents(instance: Instance, target: Target, districts: Ints) -> Floats:
    """Return the residents of the unit in each of the districts."""
    counted = np.where(target.in_unit_demand, instance.demand.residents, 0.0)
    by_district = np.bincount(instance.demand.district, weights=counted, minlength=len(instance.districts)).astype(
        float
    )
    return by_district[districts]


def _tell_coverage(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    demand, goals = instance.demand, goals_of(instance)
    for number in np.unique(columns.covered_target):
        goal, at = goals[number], np.flatnonzero(columns.covered_target == number)
        district = columns.covered_district[at]
        residents = _residents(instance, goal, district)
        near, node = access_terms(columns, goal)
        row = np.searchsorted(district, demand.district[node])
        terms = [
            (row, near, demand.residents[node] / residents[row]),
            (np.arange(len(at)), columns.at("covered", at), -np.ones(len(at))),
        ]
        rows.add("tell_coverage", terms, n_rows=len(at), lower=0.0, upper=0.0)


def _no_less_apart(rows: RowAssembler, apart: Ints, high: Ints, low: Ints | None) -> None:
    """Add the rows apart >= high − low; low None stands for 0."""
    number = np.arange(len(apart))
    terms = [(number, apart, np.ones(len(apart))), (number, high, -np.ones(len(apart)))]
    if low is not None:
        terms.append((number, low, np.ones(len(apart))))
    rows.add("span_coverage", terms, n_rows=len(apart), lower=0.0)
