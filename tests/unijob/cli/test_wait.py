"""`unijob wait` and `unijob watch`: what they show, and how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unijob.cli.running import Run
from unijob.sandbox import Sandbox

Started = Callable[..., str]
SOON = ("--every", "0.01")


@pytest.mark.parametrize(("outcome", "code"), [("succeeded", 0), ("failed", 3), ("partial", 6), ("cancelled", 4)])
def test_the_exit_code_tells_the_end(run: Run, started: Started, outcome: str, code: int) -> None:
    """Each end has its code, and the last line tells it."""
    ref = started(duration=10_000_000) if outcome == "cancelled" else started(outcome=outcome)
    if outcome == "cancelled":
        run("cancel", ref)
    ended = run("wait", ref, *SOON)
    assert (ended.code, ended.err) == (code, "")
    assert f"{ref}  {outcome}" in ended.out.splitlines()[-1]


def test_the_upstream_gave_it_up(run: Run, sandbox: Sandbox) -> None:
    """A job that timed out is not a wait that did."""
    sandbox.script("mka1:feedback_export", outcome="timed_out", duration=1)
    ended = run("start", "mka1:feedback_export", "--wait", *SOON)
    assert ended.code == 5
    assert "  timed_out" in ended.out.splitlines()[-1]


def test_partial_can_be_a_success(run: Run, started: Started) -> None:
    """With --partial ok a partial end is 0."""
    assert run("wait", started(outcome="partial"), "--partial", "ok", *SOON).code == 0


def test_lines_tell_each_change(run: Run, started: Started) -> None:
    """Without a terminal each change is a line, with items and without colour."""
    lines = run("wait", started(duration=90), *SOON).out.splitlines()
    assert len(lines) > 2
    assert "10/10" in lines[-1]
    assert "\x1b" not in "".join(lines)


def test_one_of_many_fails(run: Run, started: Started) -> None:
    """What goes wrong with one loses no other; the worst end decides."""
    good, bad = started(), started(outcome="failed")
    ended = run("wait", good, "mka1:eval_run/nope", bad, *SOON)
    assert ended.code == 7
    assert f"{good}  succeeded" in ended.out
    assert f"{bad}  failed" in ended.out
    assert "unijob list mka1:eval_run" in ended.err


def test_wait_in_json_tells_ends(run: Run, started: Started) -> None:
    """A line of JSON for each job as it ends, and for each wait that cannot."""
    good, bad = started(), started(outcome="failed")
    ended = run("wait", good, bad, "mka1:eval_run/nope", "--json", *SOON)
    found = {line["ref"]: line for line in ended.lines}
    assert (len(ended.lines), ended.code) == (3, 7)
    assert (found[good]["state"], found[bad]["state"]) == ("succeeded", "failed")
    assert found[bad]["error"]["message"]
    assert found["mka1:eval_run/nope"]["wait_error"]["type"] == "JobNotFound"
    assert found["mka1:eval_run/nope"]["job"] is None


def test_watch_in_json_tells_changes(run: Run, started: Started) -> None:
    """A line of JSON for each change, the last as it ended."""
    lines = run("watch", started(duration=60), "--json", *SOON).lines
    assert len(lines) > 2
    assert lines[-1]["state"] == "succeeded"
    assert set(lines[0]) == set(lines[-1])


def test_the_time_to_wait_passes(run: Run, started: Started) -> None:
    """A deadline is a code of its own, the job goes on, and the command to wait again is told."""
    ref = started(duration=100_000)
    ended = run("wait", ref, "--timeout", "0.3", *SOON)
    assert ended.code == 9
    assert f"unijob wait {ref}" in ended.err
    assert run("get", ref, "--json").json["state"] in {"queued", "running"}


def test_a_deadline_in_json_has_the_last_snapshot(run: Run, started: Started) -> None:
    """The line of a wait that did not end carries the job as last seen."""
    ended = run("wait", started(duration=100_000), "--timeout", "0.3", "--json", *SOON)
    assert ended.json["wait_error"]["type"] == "WaitTimeout"
    assert ended.json["job"]["state"] in {"queued", "running"}


def test_a_job_that_stalls(run: Run, started: Started) -> None:
    """Nothing changes for the given time: as if the time had passed."""
    ended = run("wait", started(duration=100_000, items=1), "--stall", "0.1", *SOON)
    assert ended.code == 9
    assert "did not move" in ended.err


def test_a_failed_poll_does_not_end_the_wait(run: Run, sandbox: Sandbox, started: Started) -> None:
    """It is told on standard error, and the wait goes on."""
    ref = started()
    sandbox.fault("error", operation="getEvalRun", status=502, times=4)
    ended = run("wait", ref, *SOON)
    assert ended.code == 0
    assert "is tried again" in ended.err


def test_twice_the_same_is_once(run: Run, started: Started) -> None:
    """A reference that comes twice counts once."""
    ref = started()
    assert len(run("wait", ref, ref, "--json", *SOON).lines) == 1


@pytest.mark.parametrize("command", ["wait", "watch"])
def test_ctrl_c_leaves_the_job_alone(
    run: Run, environment: dict[str, str], started: Started, tmp_path: Path, command: str
) -> None:
    """SIGINT ends the wait with 130, without a traceback, and says how to resume."""
    ref = started(duration=1_000_000)
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "unijob.cli", command, ref, *SOON],
        env={**os.environ, **environment},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert ref in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err.strip().splitlines() == [
        "unijob: stopped waiting.",
        f"  The job goes on. To wait again: unijob wait {ref}",
    ]
    assert run("get", ref, "--json").json["state"] in {"queued", "running"}


def test_ctrl_c_in_a_terminal(environment: dict[str, str], started: Started, tmp_path: Path) -> None:
    """The bars come to rest, the cursor is back, and the way to resume is told."""
    ref = started(duration=1_000_000)
    ours, theirs = os.openpty()
    env = {**os.environ, **environment, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    command = [sys.executable, "-W", "error", "-m", "unijob.cli", "wait", ref, *SOON]
    with subprocess.Popen(command, env=env, cwd=tmp_path, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = ""
        while "running" not in shown:
            shown += os.read(ours, 4096).decode(errors="replace")
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # how the end of a terminal is told
            while found := os.read(ours, 4096):
                shown += found.decode(errors="replace")
        os.close(ours)
    assert process.returncode == 130
    assert "━" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert f"unijob wait {ref}" in shown.replace("\r\n", "")
    assert "Traceback" not in shown
