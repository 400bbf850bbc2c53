"""Configs on top of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from siting.config import load_config
from siting.errors import ConfigError, FileError

HEPING = Path(__file__).parents[2] / "configs" / "heping.yaml"


def layered(tmp_path, text):
    path = tmp_path / "top.yaml"
    path.write_text(f"extends: {HEPING}\n{text}", encoding="utf-8")
    return load_config(path)


def test_what_is_not_said_is_as_in_the_file_below(tmp_path):
    below, above = load_config(HEPING).config, layered(tmp_path, "name: other\n").config
    assert above == below.model_copy(update={"name": "other"})


def test_mappings_merge_lists_and_figures_replace_and_null_removes(tmp_path):
    text = "solve: {gap: 0.5}\ntargets: []\nmoney: {carbon_cny_per_t: 1}\nplausible: null\n"
    config = layered(tmp_path, text).config
    below = load_config(HEPING).config
    assert config.solve == below.solve.model_copy(update={"gap": 0.5})
    assert config.targets == ()
    assert config.money == below.money.model_copy(update={"carbon_cny_per_t": 1.0})
    assert config.plausible == {}


def test_a_fault_is_told_with_the_file_that_it_stands_in(tmp_path):
    with pytest.raises(ConfigError, match=r"top\.yaml:2: solve\.gapp: unknown key; did you mean 'gap'"):
        layered(tmp_path, "solve: {gapp: 0.5}\n")
    middle = tmp_path / "middle.yaml"
    middle.write_text(f"extends: {HEPING}\nyear: soon\n")
    top = tmp_path / "upper.yaml"
    top.write_text("extends: middle.yaml\nname: upper\n")
    with pytest.raises(ConfigError, match=r"middle\.yaml:2: year"):
        load_config(top)


def test_every_file_that_was_read_is_named(tmp_path):
    names = [path.name for path in layered(tmp_path, "").files]
    assert names == ["top.yaml", "heping.yaml", "parameters.csv"]


def test_a_config_that_extends_itself_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    with pytest.raises(ConfigError, match="extends itself"):
        load_config(tmp_path / "a.yaml")


def test_a_file_below_that_is_missing_is_named(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: gone.yaml\n")
    with pytest.raises(FileError, match=r"gone\.yaml"):
        load_config(tmp_path / "a.yaml")
