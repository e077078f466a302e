"""`unijob start`: what it takes, checks, prints, and how it is stopped."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.unijob.cli.running import Run
from unijob.sandbox import Sandbox

Started = Callable[..., str]


def test_start_prints_the_reference(started: Started) -> None:
    """And nothing else, so that a script can take it."""
    assert started().startswith("mka1:eval_run/eval_run_")


def test_start_in_json(run: Run) -> None:
    """--json is the job."""
    ended = run("start", "mka1:eval_run", "suite_id=eval_suite_1", 'models:=["auto"]', "--json")
    assert ended.json["state"] == "queued"


def test_start_takes_a_whole_request(run: Run) -> None:
    """A file of JSON, or standard input."""
    body = json.dumps({"suite_id": "eval_suite_1", "models": ["auto"]})
    assert run("start", "mka1:eval_run", "--request", "-", stdin=body).code == 0
    assert run("start", "mka1:eval_run", "--request", "-", stdin="{").code == 2


def test_start_and_wait(run: Run, sandbox: Sandbox) -> None:
    """The reference first, then its changes; the exit code tells the end."""
    sandbox.script("mka1:eval_run", duration=4, outcome="partial")
    args = ("start", "mka1:eval_run", "suite_id=eval_suite_1", 'models:=["auto"]', "--wait", "--every", "0.01")
    ended = run(*args)
    first, *others = ended.out.splitlines()
    assert ended.code == 6
    assert all(first in line for line in others)
    sandbox.script("mka1:eval_run", duration=4)
    assert [line["state"] for line in run(*args, "--json").lines] == ["queued", "succeeded"]


def test_start_checks_before_it_sends(run: Run, sandbox: Sandbox) -> None:
    """Wrong arguments are told by name, with how to write what is not text; nothing was sent."""
    ended = run("start", "mka1:eval_run", "suite_id=eval_suite_1", "models=auto")
    assert ended.code == 2
    assert "/models" in ended.err
    assert "name:=JSON" in ended.err
    assert not sandbox.requests


@pytest.mark.parametrize("argument", ["suite_id", "models:=[", "suite_id=a suite_id=b", "account=b"])
def test_start_takes_pairs(run: Run, argument: str) -> None:
    """What is no name=text and no name:=JSON is wrong use, told with what would be right."""
    assert run("start", "mka1:eval_run", *argument.split()).code == 2


def test_an_uncertain_start(run: Run, sandbox: Sandbox) -> None:
    """A lost answer is an error of the upstream, and says which command to look with."""
    sandbox.fault("lose", operation="createEvalRun")
    ended = run("start", "mka1:eval_run", "suite_id=eval_suite_1", 'models:=["auto"]')
    assert ended.code == 8
    assert "`unijob list mka1:eval_run`" in ended.err


def test_ctrl_c_while_starting(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been started, and that is told."""

    async def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unijob.client.JobClient.start", stopped)
    ended = run("start", "mka1:eval_run", "suite_id=eval_suite_1", 'models:=["auto"]')
    assert ended.code == 130
    assert "A mka1:eval_run may have been started" in ended.err


def test_ctrl_c_once_started(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait ends, and the way to resume is told."""

    async def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unijob.cli.follow.Following.run", stopped)
    ended = run("start", "mka1:eval_run", "suite_id=eval_suite_1", 'models:=["auto"]', "--wait")
    assert ended.code == 130
    assert f"unijob wait {ended.out.strip()}" in ended.err
