"""The page in a real browser, with the network cut."""

import re
import shutil
import subprocess

import pytest

from siting.render.html.map.page import draw_map
from siting.results.results import Results
from tests.outputs_city import make_run

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")

# A script of the test's own, after the page's: clicks the first transfer station and asks what lies under it.
PROBE = """<script>addEventListener("DOMContentLoaded", () => {
  const { plan, at, map, select } = siting;
  const station = plan.facilities.echelon.indexOf(1);
  const point = map.latLngToContainerPoint(latLngOf(at.facilities[2 * station], at.facilities[2 * station + 1]));
  const hit = hitAt(siting, point, 2);
  document.body.dataset.hit = plan.facilities.echelon[hit.facility];
  select(station);
  document.body.dataset.lines = siting.selected.lines.length;
  const pixels = document.querySelector("canvas").getContext("2d");
  const { data } = pixels.getImageData(0, 0, pixels.canvas.width, pixels.canvas.height);
  document.body.dataset.colours = new Set(new Uint32Array(data.buffer)).size;
});</script>"""


def open_page(tmp_path, page, language="en", probe=PROBE):
    path = tmp_path / "map.html"
    path.write_text(page.replace("</html>", probe + "</html>"), encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    flags += ["--disable-component-update", "--disable-sync", "--proxy-server=127.0.0.1:9", "--enable-logging=stderr"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1400,900", "--virtual-time-budget=4000"]
    command = [BROWSER, *flags, "--dump-dom", f"{path.as_uri()}#{language}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    consoles = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, consoles


def test_the_page_draws_the_plan_and_answers_the_pointer(tmp_path):
    run = make_run(site_name="<b>Corner</b>")
    dom, consoles = open_page(tmp_path, draw_map(Results(run)))
    assert consoles == []
    assert 'data-ready="15 facilities, 20 cells"' in dom
    assert 'data-hit="1"' in dom
    assert int(re.search(r'data-lines="(\d+)"', dom)[1]) > 0
    assert int(re.search(r'data-colours="(\d+)"', dom)[1]) > 20
    assert "<title>A small city</title>" in dom
    assert "&lt;b&gt;Corner&lt;/b&gt;" in dom


def test_the_page_speaks_chinese(tmp_path):
    dom, consoles = open_page(tmp_path, draw_map(Results(make_run())), language="zh")
    assert consoles == []
    assert "<title>小城市</title>" in dom
    assert '<html lang="zh-CN">' in dom
    assert "候选点" in dom
