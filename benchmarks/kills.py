"""Kill writers of run folders and files, at random and before and after each rename, and count what is lost.

A child process writes and is killed (SIGKILL) or runs against a wall: a file size it may not pass, a folder it may not
write, no home, no folder for temporary files, too little memory, a second writer. After each attempt every run that
stood before must still be there, whole, and the next run must write as if nothing had been.

    python -m benchmarks.kills --random 200 --steps random two
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import os
import random
import resource
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from siting.errors import SitingError
from siting.files import write_file
from siting.problem import read_config, read_run
from siting.result import Result
from tests.small_city import small_config, write_small_city

PARTS: tuple[str, ...] = ()
"""Of a run folder beside what is always written: none, for pages take most of the time of an attempt."""
RENAMES = ("rename", "replace")
MOST_RENAMES = 40
FILE_SIZES = (0, 1_000, 20_000, 100_000)
BLOCK_BYTES = 4096
MORE_BYTES = 32_000_000
SPARE_BYTES = (0, 100_000, 400_000, 1_000_000, 4_000_000, 16_000_000)
"""Memory that is left to a writer."""
FILE_BYTES = 4_000_000
"""Of the single file that is killed, as a map or a report is."""
NOWHERE = "/nonexistent"


def in_child(work: Callable[[], None]) -> int:
    """Fork, do the work there, and return how it ended: 0, an error of ours (2), another (1), or minus the signal."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except SitingError:
            code = 2
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def killed_at_random(work: Callable[[], None], after_s: float) -> int:
    """As `in_child`, killed after so many seconds unless it has ended by then."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def killed_at_rename(work: Callable[[], None], number: int, *, is_after: bool) -> Callable[[], None]:
    """Return the work that kills itself before or after its rename of this number, counted from 0.

    Exchanges by one call of the system count as renames.
    """
    from siting import files

    def dying() -> None:
        seen = 0

        def watched(call: Callable[..., object]) -> Callable[..., object]:
            def renamed(*arguments: object, **options: object) -> object:
                nonlocal seen
                seen += 1
                if seen - 1 == number and not is_after:
                    os.kill(os.getpid(), signal.SIGKILL)
                done = call(*arguments, **options)
                if seen - 1 == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                return done

            return renamed

        for name in RENAMES:
            setattr(os, name, watched(getattr(os, name)))
        setattr(files, "_exchange", watched(files._exchange))  # noqa: B010 - replaced in this child process only
        work()

    return dying


def runs_in(folder: Path) -> list[Path]:
    """Return the run folders that a user sees, and those that only the next start would put back."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def is_whole(folder: Path) -> bool:
    """Whether a run folder can be read, and every file and figure of it holds."""
    try:
        return not read_run(folder).verify(check=False).faults
    except SitingError:
        return False


def digest(folder: Path) -> str:
    """Return a hash of the names and bytes of all files of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    parts = [f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextmanager
def limited_files(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, as on a full disk: the system says so instead of killing."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    yield


class Trial:
    """A folder with one whole run, which writers then replace; `counts` tells what came of each attempt."""

    def __init__(self, result: Result, folder: Path) -> None:
        self.result, self.folder, self.run = result, folder, folder / "small"
        self.counts: Counter[str] = Counter()
        self.whole: dict[str, bool] = {}
        self.write()
        self.n_before = 1

    def write(self, *, overwrite: bool = False) -> None:
        """Write the run without pages, as a command would."""
        self.result.write(self.run, parts=PARTS, overwrite=overwrite)

    def is_whole(self, folder: Path) -> bool:
        """As the function; a folder with the bytes of one that was verified is not verified again."""
        key = digest(folder)
        if key not in self.whole:
            self.whole[key] = is_whole(folder)
        return self.whole[key]

    def judge(self, what: str, code: int, *, overwrite: bool) -> None:
        """Count the attempt, and whether all runs of before are there and whole once the next start has healed."""
        self.counts[f"{what}: attempts"] += 1
        self.counts[f"{what}: died"] += code < 0
        self.counts[f"{what}: told an error"] += code == 2
        self.counts[f"{what}: other error"] += code == 1
        is_hidden = not self.run.exists()
        self.counts[f"{what}: only hidden until the next start"] += is_hidden
        seen = runs_in(self.folder)
        self.counts[f"{what}: half a run seen"] += sum(not self.is_whole(one) for one in seen)
        self.write(overwrite=overwrite)
        self.counts[f"{what}: next run failed"] += not self.is_whole(self.run)
        after = runs_in(self.folder)
        least = self.n_before if overwrite else self.n_before + 1
        self.counts[f"{what}: runs lost"] += max(0, least - len(after))
        self.counts[f"{what}: litter"] += sum(path.name.startswith(".") for path in self.folder.iterdir())
        for one in after:
            if one != self.run:
                for file in one.iterdir():
                    file.unlink()
                one.rmdir()
        self.n_before = 1


def at_each_rename(trial: Trial, *, overwrite: bool) -> None:
    """Kill before and after each rename of a writer that keeps, or replaces, the former run."""
    what = f"rename, {'replacing' if overwrite else 'keeping'}"
    for number in range(MOST_RENAMES):
        codes = []
        for is_after in (False, True):
            work = killed_at_rename(lambda: trial.write(overwrite=overwrite), number, is_after=is_after)
            codes.append(in_child(work))
            trial.judge(what, codes[-1], overwrite=overwrite)
        if not any(code < 0 for code in codes):
            return


def at_random(trial: Trial, number: int, rng: random.Random) -> None:
    """Kill at random moments of a writer, half of them replacing the former run."""
    start = time.perf_counter()
    trial.write(overwrite=True)
    takes_s = time.perf_counter() - start
    for attempt in range(number):
        overwrite = attempt % 2 == 0
        code = killed_at_random(partial(trial.write, overwrite=overwrite), rng.uniform(0, 1.2 * takes_s))
        trial.judge("random", code, overwrite=overwrite)


def on_a_full_disk(trial: Trial) -> None:
    """Write where no file may be larger than a little."""
    for size in FILE_SIZES:

        def work(size: int = size) -> None:
            with limited_files(size):
                trial.write(overwrite=True)

        trial.judge("full disk", in_child(work), overwrite=True)


def without_rights(trial: Trial) -> None:
    """Write where the system refuses a new folder, as without rights or on a read-only disk."""
    for code in (errno.EACCES, errno.EROFS, errno.ENOSPC):

        def work(code: int = code) -> None:
            def refused(*_: object, **__: object) -> None:
                raise OSError(code, os.strerror(code))

            setattr(os, "mkdir", refused)  # noqa: B010 - replaced in this child process only
            trial.write(overwrite=True)

        trial.judge("no rights", in_child(work), overwrite=True)


def without_places(trial: Trial) -> None:
    """Write where the home, or the folder for temporary files, is not there."""
    for name in ("HOME", "TMPDIR"):

        def work(name: str = name) -> None:
            os.environ[name] = NOWHERE
            tempfile.tempdir = None
            trial.write(overwrite=True)

        trial.judge(f"no {name}", in_child(work), overwrite=True)


def all_memory() -> list[bytes]:
    """Take no more memory than there is plus a little, and return all of it, in blocks."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MORE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    blocks: list[bytes] = []
    with suppress(MemoryError):
        while True:
            blocks.append(bytes(BLOCK_BYTES))
    return blocks


def without_memory(trial: Trial) -> None:
    """Write where hardly more memory is to be had than the process has."""
    for spare in SPARE_BYTES:

        def work(spare: int = spare) -> None:
            blocks = all_memory()
            del blocks[: spare // BLOCK_BYTES]
            trial.write(overwrite=True)

        trial.judge("no memory", in_child(work), overwrite=True)


def at_random_in_a_file(trial: Trial, number: int, rng: random.Random) -> None:
    """Kill at random moments of a writer of one file, such as a map: the former or the new one must be there, whole."""
    texts, file = ["a" * FILE_BYTES, "b" * FILE_BYTES], trial.folder.parent / "map.html"
    start = time.perf_counter()
    write_file(file, texts[0])
    takes_s = time.perf_counter() - start
    what = "random, one file"
    for attempt in range(number):
        code = killed_at_random(partial(write_file, file, texts[attempt % 2]), rng.uniform(0, 1.5 * takes_s))
        trial.counts[f"{what}: attempts"] += 1
        trial.counts[f"{what}: died"] += code < 0
        trial.counts[f"{what}: half a file seen"] += file.read_text(encoding="utf-8") not in texts
        write_file(file, texts[0])
        trial.counts[f"{what}: next run failed"] += file.read_text(encoding="utf-8") != texts[0]
        trial.counts[f"{what}: litter"] += sum(path.name.startswith(".") for path in file.parent.iterdir())


def two_at_once(trial: Trial, times: int) -> None:
    """Let two writers of the same folder go at once; both must end well and one whole run must stand there."""
    for _ in range(times):
        children = []
        for _ in range(2):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    trial.write(overwrite=True)
                    code = 0
                finally:
                    os._exit(code)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        trial.judge("two at once", max(codes), overwrite=True)


def tried(folder: Path, *, n_random: int, seed: int = 1, steps: Sequence[str] = ()) -> Counter[str]:
    """Plan a tiny city, then try every step, or those named, on its run folder; return the counts."""
    result = read_config(write_small_city(folder / "city", config=small_config())).solve()
    (folder / "runs").mkdir()
    trial = Trial(result, folder / "runs")
    every: dict[str, Callable[[], None]] = {
        "replace": lambda: at_each_rename(trial, overwrite=True),
        "keep": lambda: at_each_rename(trial, overwrite=False),
        "full": lambda: on_a_full_disk(trial),
        "rights": lambda: without_rights(trial),
        "places": lambda: without_places(trial),
        "memory": lambda: without_memory(trial),
        "two": lambda: two_at_once(trial, max(1, n_random // 10)),
        "random": lambda: at_random(trial, n_random, random.Random(seed)),
        "file": lambda: at_random_in_a_file(trial, n_random, random.Random(seed)),
    }
    for name in steps or every:
        before = Counter(trial.counts)
        every[name]()
        print(dict(trial.counts - before), flush=True)
    return trial.counts


def main(arguments: list[str] | None = None) -> None:
    """Print the counts, and leave them as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--random", type=int, default=200, help="attempts that are killed at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--steps",
        nargs="*",
        default=(),
        help="replace, keep, full, rights, places, memory, two, random, file; all if left out",
    )
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="siting-kills-") as folder:
        counts = tried(Path(folder), n_random=asked.random, seed=asked.seed, steps=asked.steps)
    for name, number in sorted(counts.items()):
        print(f"{number:6,}  {name}")
    if asked.json:
        asked.json.write_text(json.dumps(dict(counts), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
