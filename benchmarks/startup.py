"""How long `import siting`, `siting --help` and what they stand on take to start.

Each command is a process of its own. Seconds of the processor say what the program does; seconds of the clock also what
else the machine does. Targets: `import siting` below 0.3 s, `siting --help` below 0.6 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python": ["-c", "pass"],
    "import siting": ["-c", "import siting"],
    "siting --help": ["-m", "siting", "--help"],
    "siting run --help": ["-m", "siting", "run", "--help"],
    "import what a solve needs": ["-c", "import siting; siting.Problem, siting.Result"],
}
TARGETS_S = {"import siting": 0.3, "siting --help": 0.6}


def measure(arguments: list[str], repeat: int) -> tuple[float, float]:
    """Return the medians of processor and clock seconds of a command."""
    clock, processor = [], []
    for _ in range(repeat):
        began, before = time.perf_counter(), os.times()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        clock.append(time.perf_counter() - began)
        processor.append(sum(after[2:4]) - sum(before[2:4]))
    return statistics.median(processor), statistics.median(clock)


def main(given: list[str] | None = None) -> None:
    """Print a row for each command; exit code 1 if a target is missed by processor seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=9, help="runs of each command; medians are shown")
    repeat = parser.parse_args(given).repeat
    missed = []
    print(f"{'command':<28}{'processor s':>12}{'clock s':>10}{'target s':>10}")
    for name, arguments in COMMANDS.items():
        processor_s, clock_s = measure(arguments, repeat)
        target_s = TARGETS_S.get(name)
        print(f"{name:<28}{processor_s:>12.2f}{clock_s:>10.2f}{target_s or '':>10}")
        if target_s is not None and processor_s > target_s:
            missed.append(name)
    if missed:
        sys.exit(f"slower than its target: {', '.join(missed)}")


if __name__ == "__main__":
    main()
