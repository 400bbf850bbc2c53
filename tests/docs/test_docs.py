"""Pages of docs and README: links lead somewhere, commands and code exist, configs are valid, made pages are fresh."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
import yaml

import siting
from siting.cli.app import app
from siting.cli.document import commands_markdown
from siting.config.document import config_markdown
from siting.config.json_schema import config_json_schema
from tests.config.test_json_schema import faults

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
BY_NAME = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(r"(?:^|\$ |[\s`]\.venv/bin/)(siting (?:--\S+ )?[a-z].*)")
SCHEMA = config_json_schema()
COMMANDS = typer.main.get_command(app)


def slugs(text):
    """The anchors of a page's headings, as Python-Markdown makes them."""
    for heading in re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.M):
        plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading)
        yield re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def blocks(page, *languages):
    return [body for language, body in FENCE.findall(page.read_text(encoding="utf-8")) if language in languages]


@BY_NAME
def test_every_link_leads_to_a_file_and_a_heading(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if "://" in link:
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link} leads nowhere"
        if anchor:
            assert anchor in set(slugs(target.read_text(encoding="utf-8"))), f"{page.name}: {link} has no such heading"


def commands_of(page):
    """Each command line of a page: those in blocks without a language or of a console, and those in backticks."""
    text = page.read_text(encoding="utf-8")
    for body in blocks(page, "", "console", "powershell"):
        for line in body.splitlines():
            found = COMMAND.search(line.split(" #")[0])
            if found:
                yield found[1]
    yield from re.findall(r"`(siting (?:--\S+ )?[a-z][^`\n]*)`", FENCE.sub("", text))


def check_command(line):
    """Walk down the groups of commands, then look up every option."""
    words = shlex.split(re.sub(r"[…|\\]", " ", line))[1:]
    command, known = COMMANDS, {name for one in COMMANDS.params for name in one.opts}
    for word in words:
        below = getattr(command, "commands", {})
        if word in below:
            command = below[word]
            known |= {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        elif word.startswith("--"):
            assert word.split("=")[0] in known | {"--help"}, f"{line}: no option {word}"
        elif command is COMMANDS:
            assert word in {"COMMAND", "zh"}, f"{line}: no command {word}"


@BY_NAME
def test_every_command_and_option_exists(page):
    for line in commands_of(page):
        check_command(line)


def test_commands_that_do_not_exist_are_noticed():
    with pytest.raises(AssertionError, match="no command fly"):
        check_command("siting fly runs/heping")
    with pytest.raises(AssertionError, match="no option --wings"):
        check_command("siting run --wings 2 a.yaml")


@BY_NAME
def test_configs_in_pages_follow_the_schema(page):
    for body in blocks(page, "yaml"):
        config = yaml.safe_load(body)
        if config is None or not set(config) & set(SCHEMA["properties"]):
            continue  # another kind of file
        assert not list(faults({"extends": "other.yaml", **config}, SCHEMA)), body


@BY_NAME
def test_python_in_pages_uses_names_that_exist(page):
    for body in blocks(page, "python"):
        for node in ast.walk(ast.parse(body)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "siting":
                assert hasattr(siting, node.attr), f"{page.name}: siting.{node.attr}"


@pytest.mark.parametrize(
    ("name", "made", "module"),
    [("config-keys", config_markdown, "siting.config.document"), ("cli", commands_markdown, "siting.cli.document")],
)
def test_generated_pages_are_fresh(name, made, module):
    path = ROOT / f"docs/reference/{name}.md"
    fresh = f"python -m {module} > docs/reference/{name}.md"
    assert path.read_text(encoding="utf-8") == made(), f"run: {fresh}"


def pages_of(nav):
    for entry in nav:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            yield from pages_of(value) if isinstance(value, list) else [value]


def test_the_navigation_names_every_page_once():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").replace("!ENV", "")
    named = list(pages_of(yaml.safe_load(text)["nav"]))
    docs = ROOT / "docs"
    stored = [str(one.relative_to(docs)) for one in (*docs.rglob("*.md"), *docs.rglob("*.ipynb"))]
    assert sorted(named) == sorted(stored)
