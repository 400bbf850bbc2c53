"""How large the page of a map is, how long it takes to open, to pan and to choose, by the number of points.

Run by hand: `python -m benchmarks.map_page` (a made-up city of each size); `--run FOLDER` adds a run. Needs the
packages of the extra `test` and a Chromium. Opening is timed from the request for the file to the first drawn picture,
when the page answers; a pan is the median time of a drawn picture while the map is moved.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from siting.render.html.map.page import draw_map
from siting.results.record import RunRecord
from siting.runs.folder import read_run
from tests.browser import BROWSER
from tests.outputs_city import make_run

SIZES = (3_000, 15_000)
CELLS_PER_POINT, STATIONS_PER_POINT, GENERATORS_PER_POINT = 1.3, 0.03, 0.15
QUESTIONS = ("where", "walk", "flow", "targets", "haul")

DRAW_S = """(question) => {
  siting.ask(question);
  const drawn = () => {
    const begun = performance.now();
    drawNow(siting);
    return performance.now() - begun;
  };
  const times = [1, 2, 3, 4, 5].map(drawn);
  return times.sort((a, b) => a - b)[2] / 1000;
}"""
PAN_S = """() => new Promise((done) => {
  const times = [];
  let last = performance.now();
  const step = (n) => {
    const now = performance.now();
    times.push((now - last) / 1000);
    last = now;
    if (n === 30) return done(times.slice(2));
    siting.map.panBy([n % 2 ? 60 : -60, 0], { animate: false });
    drawNow(siting);
    return requestAnimationFrame(() => step(n + 1));
  };
  requestAnimationFrame(() => step(0));
})"""
CHOOSE_S = """() => {
  const begun = performance.now();
  siting.select(0);
  drawNow(siting);
  return (performance.now() - begun) / 1000;
}"""
SEARCH_S = """() => {
  const find = document.getElementById("find");
  const begun = performance.now();
  find.value = "00012";
  find.dispatchEvent(new Event("input"));
  return (performance.now() - begun) / 1000;
}"""


def made_up_city(n_points: int) -> RunRecord:
    return make_run(
        n_cells=int(CELLS_PER_POINT * n_points),
        n_points=n_points,
        n_stations=int(STATIONS_PER_POINT * n_points),
        n_centres=max(2, n_points // 120),
        n_generators=int(GENERATORS_PER_POINT * n_points),
    )


def measure(name: str, run: RunRecord, folder: Path) -> dict[str, Any]:
    begun = time.perf_counter()
    text = draw_map(run)
    written_s = time.perf_counter() - begun
    path = folder / "map.html"
    path.write_text(text, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        seen = _in_browser(page, path)
        browser.close()
    return {"city": name, "MB": len(text.encode()) / 1e6, "written s": written_s, **seen}


def _in_browser(page: Page, path: Path) -> dict[str, float]:
    begun = time.perf_counter()
    page.goto(f"{path.as_uri()}#en")
    page.wait_for_selector("body[data-ready]")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    opened_s = time.perf_counter() - begun
    drawn = {f"draw {question} s": page.evaluate(DRAW_S, question) for question in QUESTIONS}
    page.evaluate("siting.ask('walk')")
    pan_s = statistics.median(page.evaluate(PAN_S))
    return {
        "open s": opened_s,
        **drawn,
        "pan s": pan_s,
        "choose s": page.evaluate(CHOOSE_S),
        "search s": page.evaluate(SEARCH_S),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, action="append", default=[], help="run folders to measure as well")
    parser.add_argument("--points", type=int, nargs="*", default=SIZES)
    asked = parser.parse_args()
    cities = [(f"{n:,} points", lambda n=n: made_up_city(n)) for n in asked.points]
    cities += [(folder.name, lambda folder=folder: read_run(folder)) for folder in asked.run]
    with tempfile.TemporaryDirectory() as folder:
        for name, make in cities:
            figures = measure(name, make(), Path(folder))
            print(
                "; ".join(
                    f"{key} {value:.2f}" if isinstance(value, float) else str(value) for key, value in figures.items()
                )
            )


if __name__ == "__main__":
    main()
