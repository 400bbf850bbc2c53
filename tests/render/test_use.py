"""Facilities that are hardly used, and loads beside the planned limit, as each output shows them."""

import dataclasses

import numpy as np
import openpyxl
import pytest

from siting.language import text
from siting.render.html.map.data import map_data
from siting.render.html.report.facilities import load_section
from siting.results.facilities import OUT_OF_USE
from siting.results.results import Results
from siting.runs.folder import write_run
from siting.verify import verify
from tests.outputs_city import make_run


def with_room(run):
    """The run planned at three quarters of its capacities, in which the second and the third point must be idle."""
    options, load_t = run.instance.options, run.verification.site_inflow_t.sum(axis=1)
    least_use_t, n = np.zeros(len(options.site)), len(options.site)
    used = np.flatnonzero(run.solution.plan.is_open & (load_t[options.site] > 1))
    least_use_t[used[1:3]] = load_t[options.site[used[1:3]]] * 2
    options = dataclasses.replace(
        options, least_use_t=least_use_t, max_load_share=np.full(n, 0.9), peak_factor=np.full(n, 1.2)
    )
    instance = dataclasses.replace(run.instance, options=options)
    return dataclasses.replace(run, instance=instance, verification=verify(instance, run.solution.plan)), used[1:3]


@pytest.fixture(scope="module")
def case():
    run, flagged = with_room(make_run())
    return Results(run), [str(one) for one in run.instance.sites.id[run.instance.options.site[flagged]]]


def test_the_table_flags_what_is_below_its_least_use_or_idle(case):
    results, flagged = case
    table = results.facilities.set_index("id")
    assert (table.loc[flagged, "use"] == "below_least_use").all()
    assert ((table["use"] == "idle") == (table["throughput_t"] < 1e-3)).all()
    assert table["planned_limit_t"].to_numpy() == pytest.approx(0.75 * table["capacity_t"].to_numpy())
    assert table["planned_load_share"].to_numpy() == pytest.approx(table["utilisation_share"].to_numpy() / 0.75)


def test_the_action_list_the_report_and_the_key_figures_flag_them_too(case):
    results, flagged = case
    notes = {row.work.id: row.note for row in results.action_rows if row.work}
    assert all(notes[one].en.endswith("below its minimum use") for one in flagged)
    n = int(results.facilities["use"].isin(OUT_OF_USE).sum())
    sentences = [getattr(piece, "text", None) for piece in load_section(results).pieces]
    (sentence,) = [one for one in sentences if one is not None and "minimum use" in one.en]
    assert sentence.en.startswith(f"{n} facilities are idle or below their minimum use")
    assert all(one in sentence.zh for one in flagged)
    figures = results.figure_values
    assert figures["out_of_use"] == n
    assert figures["centre_planned_load_mean_share"] == pytest.approx(figures_of_centres(results), rel=1e-3)


def figures_of_centres(results):
    centres = results.facilities[results.facilities["echelon"] == "sorting"]
    return centres["throughput_t"].sum() / (0.75 * centres["capacity_t"].sum())


def test_the_card_of_the_map_is_given_use_and_limit(case):
    results, flagged = case
    data = map_data(results)
    ids, facilities = data["facilities"]["id"], data["facilities"]
    assert [facilities["use"][ids.index(one)] for one in flagged] == [2, 2]
    assert facilities["limit_t"] == pytest.approx([0.75 * one for one in facilities["capacity_t"]], abs=1)


def test_the_workbook_marks_them(case, tmp_path):
    results, flagged = case
    write_run(tmp_path / "run", results.run)
    sheet = openpyxl.load_workbook(tmp_path / "run" / "plan.xlsx")["设施 Facilities"]
    cells = {row[2].value: row[18] for row in sheet.iter_rows() if row[2].value in flagged}
    assert {cell.value for cell in cells.values()} == {text("results.use.below_least_use").zh}
