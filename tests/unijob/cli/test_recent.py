"""References that were used lately complete those to come."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from tests.unijob.cli.running import CANARY, Run
from unijob.cli import main, recent


def completed(
    words: list[str], incomplete: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = ShellComplete(main, {}, "unijob", "_UNIJOB_COMPLETE").get_completions(words, incomplete)
    return [item.value for item in found]


def start(run: Run) -> str:
    return run("start", "mka1:eval_run", "suite_id=eval_suite_1", 'models:=["auto"]').out.strip()


def test_what_was_started_or_asked_for_completes(
    run: Run, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last first, before the kinds; each once; what was not found is none."""
    first, second = start(run), start(run)
    assert run("get", first).code == 0
    assert run("get", "mka1:eval_run/nope").code == 7
    offered = completed(["get"], "mka1:eval_run/", environment, monkeypatch)
    assert offered == [first, second, "mka1:eval_run/"]


def test_the_file_is_the_users_own_and_small(
    run: Run, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else reads it, nothing secret is in it, and what is old goes."""
    start(run)
    file = Path(environment["HOME"]) / ".local" / "state" / "unijob" / "recent"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CANARY not in file.read_text(encoding="utf-8")
    file.write_text("".join(f"mka1:eval_run/r{n}\n" for n in range(300)), encoding="utf-8")
    start(run)
    kept = file.read_text(encoding="utf-8").splitlines()
    assert len(kept) == 100
    assert kept[1] == "mka1:eval_run/r0"
    assert os.listdir(file.parent) == ["recent"]  # noqa: PTH208
    monkeypatch.setenv("HOME", environment["HOME"])
    assert len(recent.recall()) == 100


def test_it_can_be_turned_off(run: Run, environment: dict[str, str]) -> None:
    """Then nothing is written, nor read."""
    assert run("start", "mka1:eval_run", "suite_id=s", 'models:=["auto"]', env={"UNIJOB_RECENT": "off"}).code == 0
    assert not (Path(environment["HOME"]) / ".local").exists()


def test_a_file_that_cannot_be_had_is_no_failure(run: Run, environment: dict[str, str]) -> None:
    """The command does its work all the same."""
    (Path(environment["HOME"]) / ".local").write_text("in the way", encoding="utf-8")
    ended = run("start", "mka1:eval_run", "suite_id=s", 'models:=["auto"]')
    assert (ended.code, ended.err) == (0, "")
