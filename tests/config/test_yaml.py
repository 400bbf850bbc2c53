"""YAML as a planner writes it: plain numbers are numbers, other scalars of YAML 1.1 are not guessed at."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from siting.config import load_config
from siting.config.closed import parse_yaml, read_text
from siting.config.parameters import read_parameters
from siting.errors import ConfigError, DataError, FileError
from tests.small_city import small_config, write_small_city


def test_scalars_mean_what_they_look_like():
    text = "a: 1e3\nb: 2.5E-1\nc: -7\nd: true\ne: yes\nf: 010\ng: 1_0:30\nh: 2027-01-01\ni: ~\nj: 0101\n"
    assert parse_yaml(text, Path("x"))[0] == {
        **{"a": 1000.0, "b": 0.25, "c": -7, "d": True, "e": "yes", "f": "010", "g": "1_0:30", "h": "2027-01-01"},
        **{"i": None, "j": "0101"},
    }


@pytest.mark.parametrize(
    "written", ["yes", "true", "010", "1_000", "1_0:30", ".nan", ".inf", "{value: yes, status: assumption, source: x}"]
)
def test_what_is_no_plain_number_is_refused_where_one_belongs(tmp_path, written):
    path = write_small_city(tmp_path)
    text = path.read_text(encoding="utf-8")
    lines = [f"  walk_cutoff_m: {written}" if "walk_cutoff_m" in line else line for line in text.splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError, match="walk_cutoff_m"):
        load_config(path)


def test_1e3_is_a_number_everywhere(tmp_path):
    config = small_config()
    path = write_small_city(tmp_path, config=config)
    text = path.read_text(encoding="utf-8")
    figure = "{value: 1e3, low: 5e2, high: 2e3, status: assumption, source: x}"
    lines = [f"  walk_cutoff_m: {figure}" if "walk_cutoff_m" in line else line for line in text.splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert load_config(path).config.travel.walk_cutoff_m == 1000


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\n" + "".join(f"{n}: &{n} [{', '.join([f'*{m}'] * 9)}]\n" for m, n in pairwise("abcdefghi")),
        "a: &a [*a]\n",
        "a: " + "[" * 300 + "]" * 300,
    ],
    ids=["bomb", "loop", "deep"],
)
def test_a_bomb_is_refused_at_once(text):
    start = time.process_time()
    with pytest.raises(ConfigError, match="once its aliases are written out"):
        parse_yaml(text, Path("x.yaml"))
    assert time.process_time() - start < 10


def test_devices_and_endless_names_are_refused(tmp_path):
    with pytest.raises(FileError, match="no file but a folder or device"):
        read_text(Path("/dev/zero"), "config")
    (tmp_path / "a.yaml").write_text(f"extends: {'y' * 300}\n")
    with pytest.raises(FileError, match="cannot be read"):
        load_config(tmp_path / "a.yaml")


def test_a_parameter_table_that_excel_saved_is_read(tmp_path):
    head = "key,value,low,high,unit,year,source,status,note\n"
    row = "wage,8.5,,,CNY,2024,统计年鉴,published,价格按2024年调整\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        (tmp_path / "p.csv").write_bytes((head + row).encode(encoding))
        assert read_parameters(tmp_path / "p.csv")["wage"].note == "价格按2024年调整"
    (tmp_path / "p.csv").write_bytes((head + row).replace(",", ";").encode("gbk"))
    assert read_parameters(tmp_path / "p.csv")["wage"].value == 8.5
    (tmp_path / "p.csv").write_text(head + row.replace("8.5", "nan"), encoding="utf-8")
    with pytest.raises(DataError, match="no finite number"):
        read_parameters(tmp_path / "p.csv")
