"""Words of the pages: each that a script names is in the catalogue, and each in the catalogue is named by a script."""

import re
from pathlib import Path

import pytest

import siting.render.html
from siting.language.catalogue import texts

ASSETS = Path(siting.render.html.__file__).parent / "assets"
AREAS = ("map", "compare_page")
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in ASSETS.iterdir() if path.suffix != ".css"}
SCRIPTS = "\n".join(SOURCES.values())
KEYS = {area: [key.partition(".")[2] for key in texts(area)] for area in AREAS}
COMPARISON_ONLY = [name for name in SOURCES if name.startswith("compare")]
OF_MAP = "\n".join(source for name, source in SOURCES.items() if name not in COMPARISON_ONLY)


def patterns(source):
    """Keys that a source says, as regular expressions: literals, and templates with their holes open."""
    said = re.findall(r'say\("(\w+)"', source) + re.findall(r'data-(?:word|label)="(\w+)"', source)
    said += re.findall(r'text\("(?:map|compare_page)\.(\w+)"|word\("(?:map|compare_page)\.(\w+)"', source)
    templates = re.findall(r"say\(`([^`]+)`", source)
    return {"".join(one) for one in said}, {re.sub(r"\$\{[^}]*\}", r"\\w+", one) for one in templates}


def quoted(key, source):
    return re.search(rf"[\"'.]{key}[\"']|\b{key}:", source) is not None


def named_anywhere(key, source):
    """Whether a source holds the key between quotes, as a property, in a template, or both halves of it quoted."""
    begun = [one for one in patterns(source)[1] if not one.startswith(r"\w+")]
    head, _, tail = key.rpartition("_")
    halves = bool(head) and quoted(head, source) and quoted(tail, source)
    return quoted(key, source) or halves or any(re.fullmatch(one, key) for one in begun)


def test_every_word_that_the_map_says_is_in_the_catalogue():
    literals, templates = patterns(OF_MAP)
    assert sorted(one for one in literals if one not in KEYS["map"]) == []
    assert [one for one in templates if not any(re.fullmatch(one, key) for key in KEYS["map"])] == []


def test_every_word_that_the_comparison_says_is_in_the_catalogue():
    literals, templates = patterns("\n".join(SOURCES[name] for name in COMPARISON_ONLY))
    known = {*KEYS["map"], *KEYS["compare_page"]}
    assert sorted(one for one in literals if one not in known) == []
    assert [one for one in templates if not any(re.fullmatch(one, key) for key in known)] == []


@pytest.mark.parametrize("area", AREAS)
def test_every_word_is_named_by_a_script(area):
    assert [key for key in KEYS[area] if not named_anywhere(key, SCRIPTS)] == []


def test_a_word_that_nobody_says_is_found():
    assert not named_anywhere("nobody_says_this", SCRIPTS)
