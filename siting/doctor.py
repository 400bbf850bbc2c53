"""Check that everything a run needs works on this machine; each thing is tried, not only found."""

from __future__ import annotations

import enum
import importlib.resources
import os
import platform
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from siting.errors import SitingError
from siting.runs.provenance import package_versions

MIN_FREE_GB = 1.0
MIN_MEMORY_GB = 4.0


class Verdict(enum.StrEnum):
    """Outcome of a check."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Symptom:
    """One check: its name, outcome and finding."""

    name: str
    verdict: Verdict
    text: str


def examine(runs: Path) -> list[Symptom]:
    """Run all checks, the solvers last; `runs` is the folder that run folders go to."""
    return [
        Symptom("python", Verdict.OK, f"{platform.python_version()} on {platform.platform(terse=True)}"),
        Symptom("packages", Verdict.OK, ", ".join(f"{name} {version}" for name, version in package_versions().items())),
        _processors(),
        _memory(),
        _temporary_folder(),
        _runs_folder(runs),
        _projections(),
        _map_files(),
        _chinese_font(),
        *_solvers(),
    ]


def _processors() -> Symptom:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Symptom("processors", Verdict.OK, str(count))


def _memory() -> Symptom:
    try:
        gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return Symptom("memory", Verdict.OK, "not known")
    verdict = Verdict.OK if gigabytes >= MIN_MEMORY_GB else Verdict.WARNING
    cure = "" if verdict is Verdict.OK else f"; a whole city wants {MIN_MEMORY_GB:.0f} GB, plan districts one by one"
    return Symptom("memory", verdict, f"{gigabytes:.1f} GB{cure}")


def _temporary_folder() -> Symptom:
    folder = tempfile.gettempdir()
    if folder.isascii() and " " not in folder:
        return Symptom("temporary folder", Verdict.OK, folder)
    cure = "solvers run as programs of their own (CBC) may not find their files; set TMPDIR or TEMP to a plain path"
    return Symptom("temporary folder", Verdict.WARNING, f"{folder} has spaces or letters that are not ASCII: {cure}")


def _runs_folder(runs: Path) -> Symptom:
    """Check that runs can be written, in the folder or the nearest one above it that exists."""
    runs = runs.absolute()
    nearest = next((folder for folder in (runs, *runs.parents) if folder.exists()), runs)
    try:
        with tempfile.TemporaryFile(dir=nearest) as probe:
            probe.write(bytes(1_000_000))
        free_gb = shutil.disk_usage(nearest).free / 1e9
    except OSError as error:
        return Symptom(
            "runs folder", Verdict.FAULT, f"{runs}: cannot be written ({error.strerror}); give another --runs"
        )
    verdict = Verdict.OK if free_gb >= MIN_FREE_GB else Verdict.WARNING
    return Symptom("runs folder", verdict, f"{runs}: writable, {free_gb:.1f} GB free")


def _projections() -> Symptom:
    """Check that coordinates can be projected: a point with known coordinates in UTM zone 50."""
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        x_m, y_m = Transformer.from_crs("EPSG:4326", "EPSG:32650", always_xy=True).transform(117.0, 0.0)
    except ProjError as error:
        cure = "a PROJ_LIB or PROJ_DATA of another installation may stand in the way; unset it"
        return Symptom("projections", Verdict.FAULT, f"{error}; {cure}")
    if abs(x_m - 500_000) < 1 and abs(y_m) < 1:
        return Symptom("projections", Verdict.OK, "WGS-84 to metres is right")
    return Symptom(
        "projections", Verdict.FAULT, f"117° E on the equator became ({x_m:.0f}, {y_m:.0f}) m; reinstall pyproj"
    )


def _map_files() -> Symptom:
    try:
        leaflet = importlib.resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet" / "leaflet.js"
        size = len(leaflet.read_bytes())
    except (OSError, ModuleNotFoundError) as error:
        return Symptom("map files", Verdict.FAULT, f"Leaflet is missing ({error}); reinstall django-js-lib-leaflet")
    return Symptom("map files", Verdict.OK, f"Leaflet, {size // 1000} kB, goes into every map")


def _chinese_font() -> Symptom:
    """Check for fonts with Chinese letters, needed only to look at maps on this machine: the pages embed none."""
    if shutil.which("fc-list") is None:
        return Symptom("Chinese font", Verdict.OK, "not looked for: no fc-list here; the browser brings its own")
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, check=False, timeout=60).stdout
    families = sorted({line.split(",")[0].strip() for line in listed.decode("utf-8", "replace").splitlines() if line})
    if families:
        return Symptom("Chinese font", Verdict.OK, ", ".join(families[:3]))
    cure = "names on maps may show as boxes in a browser on this machine; install Noto Sans CJK"
    return Symptom("Chinese font", Verdict.WARNING, f"none found: {cure}")


def _solvers() -> Iterator[Symptom]:
    """Yield each solver that PuLP finds, made to solve a small problem whose answer is known."""
    from siting.solve.exact import available_solvers

    found = available_solvers()
    if "highs" not in found:
        yield Symptom("solver highs", Verdict.FAULT, "not found; pip install highspy")
    for name in found:
        answer = _try_solver(name)
        if answer == "":
            yield Symptom(f"solver {name}", Verdict.OK, f"works ({found[name]})")
        else:
            verdict = Verdict.FAULT if name == "highs" else Verdict.WARNING
            yield Symptom(f"solver {name}", verdict, f"found, but {answer}")


def _try_solver(name: str) -> str:
    """Return the fault when `name` packs a knapsack of 6 with 3, 4 and 2 worth 10, 13 and 7; empty without one."""
    import numpy as np
    from scipy import sparse

    from siting.model.linear import Families, LinearModel
    from siting.solve.clock import Record
    from siting.solve.exact import solve_exact

    knapsack = LinearModel(
        cost=np.array([-10.0, -13.0, -7.0]),
        column_lower=np.zeros(3),
        column_upper=np.ones(3),
        is_integer=np.ones(3, dtype=bool),
        matrix=sparse.csr_array(np.array([[3.0, 4.0, 2.0]])),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([6.0]),
        column_families=Families.of({"take": 3}),
        row_families=Families.of({"within_capacity": 1}),
    )
    record = Record(time_limit_s=60.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PuLP 3.3 warns that PuLP 4 has no CBC of its own
            solve_exact(knapsack, record, solver=name, gap=0.0, threads=1, seed=1)
    except (SitingError, OSError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return f"it fails: {error}"
    if abs(record.best_cost + 20) > 1e-6:
        return f"it answers {-record.best_cost:g} where 20 is right"
    return ""
