"""Words of the pages: each that a script names is in the catalogue, and each in the catalogue is named by a script."""

import re
from pathlib import Path

import pytest

import siting.render.html
from siting.language.catalogue import texts

ASSETS = Path(siting.render.html.__file__).parent / "assets"
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in ASSETS.iterdir() if path.suffix != ".css"}
OTHERS = ("compare", "locate", "preview")
SCRIPTS = {
    "map": "\n".join(text for name, text in SOURCES.items() if not name.startswith(OTHERS)),
    "compare_page": "\n".join(text for name, text in SOURCES.items() if name.startswith("compare")),
    "locate_page": SOURCES["locate.js"],
    "preview": SOURCES["preview.js"],
}
"""Scripts and templates of a page by the area of its words."""
SHARED = {"compare_page": ("map",)}
"""Areas whose words a page has besides its own."""
KEYS = {area: [key.partition(".")[2] for key in texts(area)] for area in SCRIPTS}


def patterns(source):
    """Keys that a source says: literals, and templates as regular expressions with their holes open."""
    said = re.findall(r'say\("(\w+)"', source) + re.findall(r'data-(?:word|label)="(\w+)"', source)
    templates = re.findall(r"say\(`([^`]+)`", source)
    return set(said), {re.sub(r"\$\{[^}]*\}", r"\\w+", one) for one in templates}


def quoted(key, source):
    return re.search(rf"[\"'.]{key}[\"']|\b{key}:", source) is not None


def named_anywhere(key, source):
    """Whether a source holds the key between quotes, as a property, in a template, or both halves of it quoted."""
    begun = [one for one in patterns(source)[1] if not one.startswith(r"\w+")]
    head, _, tail = key.rpartition("_")
    halves = bool(head) and quoted(head, source) and quoted(tail, source)
    return quoted(key, source) or halves or any(re.fullmatch(one, key) for one in begun)


@pytest.mark.parametrize("area", SCRIPTS)
def test_every_word_that_a_page_says_is_in_the_catalogue(area):
    literals, templates = patterns(SCRIPTS[area])
    known = {key for one in (area, *SHARED.get(area, ())) for key in KEYS[one]}
    assert sorted(literals - known) == []
    assert [one for one in templates if not any(re.fullmatch(one, key) for key in known)] == []


@pytest.mark.parametrize("area", SCRIPTS)
def test_every_word_is_named_by_its_page(area):
    sources = SCRIPTS[area] + SCRIPTS["compare_page"] * (area == "map")
    assert [key for key in KEYS[area] if not named_anywhere(key, sources)] == []


def test_a_word_that_nobody_says_is_found():
    assert not named_anywhere("nobody_says_this", "\n".join(SCRIPTS.values()))


def test_scripts_have_no_chinese_of_their_own():
    own = {name: re.findall(r"[\u4e00-\u9fff]+", text) for name, text in SOURCES.items()}
    assert {name: found for name, found in own.items() if set(found) - {"中文"}} == {}
