"""The table model: what a cell says, whatever renders it."""

import math

import pytest

from siting.language import Label
from siting.render.table import NOTHING, Cell, Column, Section, Total, cell_text, cells_of


@pytest.mark.parametrize(
    ("cell", "form", "written"),
    [
        (Cell(1234.5), "whole", "1,234"),
        (Cell(1234.56, "tenth"), "whole", "1,234.6"),
        (Cell(0.123), "share", "12.3 %"),
        (Cell(123_456.0), "money", "12.35"),
        (Cell(5, sign="≤"), "whole", "≤ 5"),
        (Cell("text"), "whole", "text"),
        (Cell(None), "whole", ""),
        (Cell(math.nan), "whole", ""),
    ],
)
def test_a_cell_is_written_by_its_form_or_that_of_its_column(cell, form, written):
    assert cell_text(cell, Column(NOTHING, form)) == Label(written, written)


def test_a_label_and_a_statement_are_written_in_both_languages():
    assert cell_text(Cell(Label("a", "甲"))) == Label("a", "甲")
    assert cell_text(Cell(True)) == Label("yes", "是")


def test_totals_and_headings_are_strong():
    assert [cell.tone for cell in cells_of(Total(("all", 3, Cell(4, tone="missed"))))] == ["strong", "strong", "missed"]
    assert cells_of(Section(Label("a", "甲"))) == (Cell(Label("a", "甲"), tone="strong"),)
