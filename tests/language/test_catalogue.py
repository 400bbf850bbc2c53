"""The catalogue of texts: each key that code names exists, each text is used, both languages have the same fields."""

import ast
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

import siting
from siting.language import Label, text
from siting.language.catalogue import texts
from siting.plan import Status
from siting.results.sweep.outcome import Ending

ROOT = Path(siting.__file__).parent
AREAS = sorted(path.stem for path in (ROOT / "language" / "texts").glob("*.yaml"))
TEXTS = {key: label for area in AREAS for key, label in texts(area).items()}
CHINESE = r"[\u4e00-\u9fff]"
ENGLISH_BLANK = {"tables.not_needed"}
"""Texts that English leaves out."""
HALF_WIDTH = re.compile(rf"{CHINESE}\s*[,;:?!()]|[,;:?!()]\s*{CHINESE}|{CHINESE}\.(?![\w{{])")


def code_strings():
    """Strings of the package: (place, literal, or a pattern of an f-string)."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path.name, re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(v.value) if isinstance(v, ast.Constant) else ".+" for v in node.values]
                yield path.name, "".join(parts)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from ((path.name, re.escape(key)) for key in heads_of_columns(node))


def heads_of_columns(call):
    """Keys of the heads of the columns that a call of `columns` or `heads` makes."""
    first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
    if call.func.id == "columns":
        return [f"{first}.{one.arg}" for one in call.keywords]
    return [f"workbook.column.{name}" for name in first.split()] if call.func.id == "heads" else []


def is_named_by_a_script(key, scripts):
    """Whether a script or template has the key, without its area too, or a beginning of it that it completes."""
    keys = [key, key.partition(".")[2]]
    starts = [one[:n] for one in keys for at in re.finditer(r"[_.]", one) for n in at.span()]
    quoted = [f"{quote}{one}{quote}" for one in [*keys, *starts] for quote in "\"'`"] + [f"`{one}${{" for one in starts]
    return any(one in scripts for one in quoted)


def calls():
    """Each call of `text`, `spoken` or `say`: place, the pattern of its key (None: a variable), names of its values."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and is_of_catalogue(node):
                key = node.args[0]
                names = {one.arg for one in node.keywords}
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield f"{path.name}:{node.lineno}", re.escape(key.value), names
                elif isinstance(key, ast.JoinedStr):
                    parts = [re.escape(v.value) if isinstance(v, ast.Constant) else ".+" for v in key.values]
                    yield f"{path.name}:{node.lineno}", "".join(parts), names


def is_of_catalogue(call):
    """Whether a call is one of `text` or `spoken`, or one of `say` with values for the fields of a key."""
    name = getattr(call.func, "id", "")
    return name in {"text", "spoken"} or (name == "say" and bool(call.keywords))


def fields(raw):
    return {name.partition(".")[0].partition("[")[0] for _, name, _, _ in string.Formatter().parse(raw) if name}


def test_every_key_that_the_code_names_has_a_text():
    missing = [(at, key) for at, key, _ in calls() if not any(re.fullmatch(key, known) for known in TEXTS)]
    assert missing == []


def test_every_call_gives_a_value_for_each_field():
    wrong = [
        (at, known, fields(TEXTS[known].en) ^ names)
        for at, key, names in calls()
        for known in ([key.replace("\\", "")] if key.replace("\\", "") in TEXTS else [])
        if None not in names and fields(TEXTS[known].en) != names
    ]
    assert wrong == []


@pytest.mark.slow
def test_every_text_is_used():
    areas = "|".join(AREAS)
    named = [re.compile(key) for key in {key for _, key in code_strings()} if re.match(rf"({areas})\\\.", key)]
    assets = [path for path in sorted((ROOT / "render" / "html").rglob("*")) if path.suffix in {".js", ".j2", ".html"}]
    scripts = "".join(path.read_text(encoding="utf-8") for path in assets)
    unnamed = [known for known in TEXTS if not any(key.fullmatch(known) for key in named)]
    assert [known for known in unnamed if not is_named_by_a_script(known, scripts)] == []


def test_both_languages_have_the_same_fields_and_a_text():
    assert [key for key, label in TEXTS.items() if fields(label.en) != fields(label.zh)] == []
    assert {key for key, label in TEXTS.items() if bool(label.en.strip()) != bool(label.zh.strip())} == ENGLISH_BLANK


def test_chinese_sentences_have_full_width_punctuation():
    assert {key: label.zh for key, label in TEXTS.items() if HALF_WIDTH.search(label.zh)} == {}


@pytest.mark.parametrize("wrong", ["字,字", "字。字; 字", "字(x)", "共 3 项:字"])
def test_half_width_punctuation_is_found(wrong):
    assert HALF_WIDTH.search(wrong)


def test_a_label_as_a_field_is_written_in_the_language_of_the_text():
    found = text("common.capacity_of", facilities=Label("stations", "中转站"))
    assert found == Label("capacity of stations", "中转站能力")


def test_a_missing_key_names_the_nearest_one():
    with pytest.raises(KeyError, match=r"no text 'common.notknown' in common.yaml; the nearest is 'common.not_known'"):
        text("common.notknown")
    with pytest.raises(KeyError, match=r"texts has no nowhere.yaml"):
        text("nowhere.title")


def test_a_missing_value_names_its_field():
    with pytest.raises(KeyError, match=r"text 'common.capacity_of': no value for its field 'facilities'; given: of"):
        text("common.capacity_of", of="stations")


def test_the_vocabulary_loads_no_yaml():
    code = "import sys, siting.vocabulary, siting.language; assert 'yaml' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_way_in_which_a_solve_or_a_scenario_ends_has_its_words():
    for status in Status:
        for key in ("sweep.ending.{}", "results.ending.{}", "map.status_{}"):
            assert text(key.format(status)).zh
    for ending in set(Ending) - {Ending.PLAN}:
        assert text(f"sweep.ending.{ending}").zh
