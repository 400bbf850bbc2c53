"""The command that writes the workbook to fill in."""

import openpyxl

from tests.commands import failing, siting


def test_the_command_writes_the_workbook_and_refuses_what_it_cannot_write(tmp_path):
    result = siting("template", "--lang", "en", "--out", tmp_path / "city.xlsx")
    assert result.exit_code == 0
    assert openpyxl.load_workbook(tmp_path / "city.xlsx").sheetnames[:2] == ["How to fill in", "City"]
    assert "is there already" in failing(2, "template", "--out", tmp_path / "city.xlsx")
    assert "a workbook's name ends in .xlsx" in failing(2, "template", "--out", tmp_path / "city.xls")
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    assert "cannot be written" in failing(2, "template", "--out", tmp_path / "file" / "city.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city.xlsx", "file"]
