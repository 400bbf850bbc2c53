"""A headless browser with the network cut: real keys, clicks, taps and screens."""

import contextlib
import shutil

import pytest
from playwright.sync_api import sync_playwright

from siting.render.html.map.page import draw_map
from siting.results.results import Results

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NEEDS_BROWSER = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
DESKTOP = {"viewport": {"width": 1400, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PATIENCE_MS = 180_000
"""A page is waited for so long where other tests use the machine."""


@contextlib.contextmanager
def one_browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def write_map(folder, run):
    """The map of a run as a file."""
    path = folder / f"{run.config.name}.html"
    path.write_text(draw_map(Results(run)), encoding="utf-8")
    return path


@contextlib.contextmanager
def open_map(browser, path, *, language="en", screen=DESKTOP):
    """A map on a screen; what it writes to the console is a fault."""
    context = browser.new_context(**screen, offline=True)
    page, consoles = context.new_page(), []
    page.on("console", lambda message: consoles.append(message.text))
    page.on("pageerror", lambda error: consoles.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{path.as_uri()}#{language}")
    page.wait_for_selector("body[data-ready]")
    yield page
    context.close()
    assert consoles == []
