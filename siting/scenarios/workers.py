"""Run tasks beside each other: on processes of this machine, or on the workers of a Dask cluster.

A worker that is lost costs the scenario that it was solving, which is solved again.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess

from siting.errors import ConfigError
from siting.results.sweep.outcome import Ending, Outcome
from siting.scenarios.task import Task, run_task, without_plan

MOST_TRIES = 3
SECONDS_TO_END = 5.0
NO_DASK = "--scheduler: needs the packages of a cluster; install them with: pip install 'siting[cluster]'"
LOST = "its worker was lost {n} times (out of memory, or killed); the other scenarios are not affected"


def run_here(tasks: Sequence[Task], *, workers: int) -> Iterator[Outcome]:
    """Run tasks on processes of this machine and yield each outcome when it is there.

    Every worker is a pool of one process, so that one that dies takes no other with it.
    """
    waiting, tries = deque(tasks), dict.fromkeys((task.variant.name for task in tasks), 0)
    not_ours = set(multiprocessing.active_children())
    lanes = [_lane() for _ in range(min(workers, len(tasks)))]
    running: dict[Future[Outcome], tuple[int, Task]] = {}
    try:
        while waiting or running:
            busy = {number for number, _ in running.values()}
            for number in set(range(len(lanes))) - busy:
                if waiting:
                    task = waiting.popleft()
                    tries[task.variant.name] += 1
                    running[lanes[number].submit(run_task, task)] = (number, task)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number, task = running.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lanes[number].shutdown(wait=False)
                    lanes[number] = _lane()
                    if tries[task.variant.name] < MOST_TRIES:
                        waiting.append(task)
                    else:
                        yield without_plan(task, Ending.FAILED, LOST.format(n=MOST_TRIES))
    finally:
        _end(set(multiprocessing.active_children()) - not_ours)
        for lane in lanes:
            lane.shutdown(wait=False, cancel_futures=True)


def run_on_cluster(tasks: Sequence[Task], *, scheduler: str) -> Iterator[Outcome]:
    """Run tasks on the workers of a Dask cluster, which reach the same folders, and yield each outcome.

    Raises
    ------
    ConfigError
        If Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise ConfigError(NO_DASK) from error
    try:
        client = Client(scheduler, timeout="20s")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"--scheduler {scheduler}: does not answer ({error}); start it with `dask scheduler`"
        ) from error
    with client:
        futures = {
            client.submit(run_task, task, key=f"{task.variant.name}-{task.digest[:12]}", retries=MOST_TRIES - 1): task
            for task in tasks
        }
        for future in as_completed(list(futures)):
            lost = future.exception()
            if lost is None:
                yield future.result()
            else:
                yield without_plan(futures[future], Ending.FAILED, f"{type(lost).__name__}: {lost}")


def _lane() -> ProcessPoolExecutor:
    """Return one worker: a new process, not a copy of this one, which may have threads."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_begin_worker)


def _end(processes: Collection[BaseProcess]) -> None:
    """End processes and wait until they are gone; one that does not end when asked is killed."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(SECONDS_TO_END)
        if process.is_alive():
            process.kill()
            process.join()


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that started this one, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
