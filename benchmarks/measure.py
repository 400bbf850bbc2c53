"""Runs one piece of work in a process of its own, so that its memory is its own and its time limit holds.

The work is a function of a benchmark, named `module:function`; it takes plain figures and returns a row of them.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from siting.errors import SitingError
from siting.journal import peak_memory_mb

Row = dict[str, Any]
ROOT = Path(__file__).parent.parent
ERROR_LINES = 3


def measured(work: str, arguments: Mapping[str, Any], *, limit_s: float) -> Row:
    """The row that `work` returns, with `wall_s`, `cpu_s`, `peak_mb`; `status` tells where it failed or was stopped."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "row.json"
        command = [sys.executable, "-m", "benchmarks.measure", work, json.dumps(arguments), str(answer)]
        process = subprocess.Popen(
            command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            _, errors = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            return {"status": f"stopped after {limit_s:.0f} s", "wall_s": limit_s}
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        if not answer.exists():
            return {"status": "failed: " + " ".join(errors.strip().splitlines()[-ERROR_LINES:])}
        row: Row = json.loads(answer.read_text(encoding="utf-8"))
        return row


def perform(work: str, arguments: Mapping[str, Any]) -> Row:
    """Do the work here and add what it took."""
    module, name = work.split(":")
    began = time.perf_counter()
    try:
        row: Row = getattr(importlib.import_module(module), name)(**arguments)
    except SitingError as error:
        row = {"status": f"{type(error).__name__}: {error}"}
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    row["wall_s"] = time.perf_counter() - began
    row["cpu_s"] = time.process_time() + children.ru_utime + children.ru_stime
    row["peak_mb"] = peak_memory_mb() + children.ru_maxrss / 1024
    return row


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(perform(sys.argv[1], json.loads(sys.argv[2]))), encoding="utf-8")
