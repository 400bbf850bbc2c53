"""A plan that was found is kept: whatever fails after the solve, and whoever asks to stop."""

import os
import signal

import pytest

from siting.cli.plan import write_or_rescue
from siting.interrupts import WAITING, postponed, sigterm_as_ctrl_c
from siting.result import Result
from siting.runs.folder import PARTS, read_run
from tests.commands import siting
from tests.outputs_city import make_run
from tests.small_city import write_small_city


def broken(folder, results):
    raise ValueError("Out of range float values are not JSON compliant")


def asked_to_stop(number, write):
    def write_while_asked(folder, results):
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        write(folder, results)

    return write_while_asked


def test_a_page_that_cannot_be_drawn_does_not_lose_the_plan(tmp_path, monkeypatch):
    monkeypatch.setitem(PARTS, "report", broken)
    with pytest.raises(ValueError, match="not JSON compliant") as caught:
        write_or_rescue(Result(make_run()), tmp_path / "run")
    assert f"it was written to {tmp_path / 'run'}" in caught.value.__notes__[0]
    assert read_run(tmp_path / "run").config.name == "small"


def test_the_command_says_where_the_plan_is_when_a_page_fails(tmp_path, monkeypatch):
    monkeypatch.setitem(PARTS, "map", broken)
    result = siting("run", write_small_city(tmp_path))
    assert result.exit_code == 1
    assert "The plan is not lost" in result.output
    assert siting("verify", tmp_path / "runs" / "small").exit_code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_asks_to_stop_while_a_run_is_written_waits_for_it(tmp_path, monkeypatch, number):
    monkeypatch.setitem(PARTS, "map", asked_to_stop(number, PARTS["map"]))
    result = siting("run", write_small_city(tmp_path))
    assert result.exit_code == 0, result.output
    assert result.output.count(WAITING) == 2
    assert (tmp_path / "runs" / "small" / "report.html").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_asks_to_stop_while_a_plan_is_verified_waits_for_it(tmp_path, monkeypatch, number):
    from siting import solve_run

    judge_stages = solve_run.judge_stages

    def verify_while_asked(*arguments, **named):
        os.kill(os.getpid(), number)
        return judge_stages(*arguments, **named)

    monkeypatch.setattr(solve_run, "judge_stages", verify_while_asked)
    result = siting("run", write_small_city(tmp_path))
    assert result.exit_code == 0, result.output
    assert WAITING in result.output


def test_handlers_are_as_before_after_the_block():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), sigterm_as_ctrl_c():
        os.kill(os.getpid(), signal.SIGTERM)
    told = []
    with postponed(told.append):
        os.kill(os.getpid(), signal.SIGTERM)
    assert told == [WAITING]
    assert signal.getsignal(signal.SIGTERM) is before
