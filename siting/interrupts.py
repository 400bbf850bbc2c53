"""Ctrl-C and SIGTERM: heard during a solve, put off while a plan is verified and written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

WAITING = "stopping: the plan is verified and written first"
SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PUT_OFF = threading.Event()


@contextmanager
def postponed(tell: Callable[[str], object]) -> Iterator[None]:
    """Let nothing interrupt the block in the main thread; `tell` is called with a sentence where something tries to.

    What was put off is not raised afterwards: mostly the block ends what was asked for. Where more follows, ask
    `was_put_off`.
    """

    def put_off(_number: int, _frame: FrameType | None) -> None:
        _PUT_OFF.set()
        tell(WAITING)

    with _handled(put_off):
        yield


def was_put_off() -> bool:
    """Return whether an interrupt was put off since the last call."""
    is_set = _PUT_OFF.is_set()
    _PUT_OFF.clear()
    return is_set


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """Raise KeyboardInterrupt for SIGTERM within the block, so that the best plan so far is kept."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled(interrupt, (signal.SIGTERM,)):
        yield


@contextmanager
def _handled(
    handler: Callable[[int, FrameType | None], None], numbers: tuple[signal.Signals, ...] = SIGNALS
) -> Iterator[None]:
    """Handle signals by `handler` within the block; nothing is done outside the main thread, which alone hears them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former: dict[signal.Signals, Any] = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in former.items():
            signal.signal(number, before)
