"""Errors: one or two lines that say what to do next, each with its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unijob.cli.running import CANARY, Run
from unijob.cli import problems
from unijob.cli.texts import Exit, say
from unijob.errors import InvalidArgument, JobNotFound, JobSuperseded, RateLimited, TransportError, UpstreamError
from unijob.ref import JobRef
from unijob.sandbox import Sandbox

Started = Callable[..., str]
REF = "mka1:eval_run/eval_run_1"


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["get", "mka1:eval_run/nope"], 7, "Check the id; `unijob list mka1:eval_run` shows those that there are."),
        (["get", "mka1:eval_schedule/nope"], 7, "Check the id; `unijob schedules mka1:eval_schedule` shows"),
        (["get", "mka1:file_batch/vs_1/nope"], 7, "Check the ids; `unijob config show` says whom it asked."),
        (["get", "nope"], 2, "as in 'mka1:eval_run/eval_run_aa87'"),
        (["get", "nope:eval_run/1"], 2, "there is no kind"),
        (["get", "mka1:eval_run"], 2, "write 'mka1:eval_run/{run_id}'"),
        (["list", "mka1:nope"], 2, "there is no kind 'mka1:nope'"),
        (
            ["list", "mka1:eval_run", "--account", "prod"],
            2,
            "those that are set up are mka1 `unijob config --help` shows how a named account is set up.",
        ),
        (["sandbox", "--revision", "x=1"], 2, "no provider 'x' is served: it may be gradient, mka1"),
        (["wait", REF, "--timeout", "soon"], 2, "write seconds, or as in 90s, 10m, 2h"),
        (["wait", REF, "--every", "0"], 2, "it must be more than 0"),
        (["wait"], 2, "REF"),
        (["nope"], 2, "no such command 'nope'"),
    ],
)
def test_each_error_says_what_next(run: Run, args: list[str], code: int, told: str) -> None:
    """A line or two, and no traceback."""
    ended = run(*args)
    assert ended.code == code
    assert told in " ".join(ended.err.split())
    assert "Traceback" not in ended.err
    assert ended.err.startswith("unijob: ")
    assert len(ended.err.splitlines()) <= 2


def test_no_key(run: Run) -> None:
    """It names the variable, and the other way."""
    ended = run("get", REF, env={"MKA1_API_KEY": None})
    assert ended.code == 2
    assert ended.err.splitlines() == [
        "unijob: there is no account of mka1: set MKA1_API_KEY",
        "  Or write the key into the settings' file: `unijob config --help` shows how.",
    ]


def test_a_wrong_key(run: Run) -> None:
    """An error of the upstream; the key is not shown."""
    ended = run("get", REF, env={"MKA1_API_KEY": "wrong-" + CANARY})
    assert ended.code == 8
    assert "Check the key: `unijob config show` says where it comes from." in ended.err


def test_no_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the network."""

    async def at_once(*_: object) -> None:
        pass

    monkeypatch.setattr("unijob.client.clock.SystemClock.sleep", at_once)
    ended = run("cancel", REF, env={"MKA1_BASE_URL": "http://127.0.0.1:9"})
    assert ended.code == 8
    assert "Check the network, and base_url" in ended.err
    assert len(ended.err.splitlines()) == 2
    assert "again in" in run("cancel", REF, "--debug", env={"MKA1_BASE_URL": "http://127.0.0.1:9"}).err


def test_a_broken_answer(run: Run, sandbox: Sandbox, started: Started) -> None:
    """An answer that cannot be read is an error of the upstream."""
    ref = started()
    sandbox.fault("not_json", operation="getEvalRun")
    ended = run("get", ref)
    assert ended.code == 8
    assert len(ended.err.splitlines()) == 2


def test_debug_shows_the_traceback(run: Run) -> None:
    """Before or after the command's name; without the key."""
    for args in (["--debug", "get", "mka1:eval_run/nope"], ["get", "mka1:eval_run/nope", "--debug"]):
        ended = run(*args)
        assert ended.code == 7
        assert "Traceback (most recent call last)" in ended.err


def test_an_error_of_unijob_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of its own is told as such, with 1."""

    def broken(**_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("unijob.cli.settings.load", broken)
    ended = run("get", REF)
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "unijob: KeyError: 'x'",
        "  This is an error of unijob itself: run it again with --debug, and report what that shows.",
    ]


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (RateLimited("m", retry_after=12), "Wait for 12 s, and try again."),
        (RateLimited("m"), "Wait for a while, and try again."),
        (JobSuperseded("m", ref=JobRef.parse(REF)), "The latest is shown by `unijob get` without the id."),
        (JobNotFound("m"), "Check the ids; `unijob config show` says whom it asked."),
        (UpstreamError("m", status=500), "Try again later; `unijob config show` says whom it asked."),
        (InvalidArgument("m", argument="ref"), ""),
        (TransportError("m"), "Check the network, and base_url with `unijob config show`; then try again."),
    ],
)
def test_what_to_do_next(error: Exception, step: str) -> None:
    """Each error has its step."""
    assert problems.next_step(error) == step


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("gett", "x"), "unijob: no such command 'gett'\n  `unijob --help` shows how it is used.\n"),
        (("--loud",), "unijob: no such option '--loud'\n  `unijob --help` shows how it is used.\n"),
        (("get",), "unijob: missing argument 'REF'\n  `unijob get --help` shows how it is used.\n"),
        (("list", "mka1:eval_runs"), "unijob: there is no kind 'mka1:eval_runs': did you mean mka1:eval_run?\n"),
        (
            ("get", "mka1:feedback_export"),
            """unijob: there is no mka1:feedback_export: the upstream says status NOT_FOUND
  `unijob start mka1:feedback_export` starts one.
""",
        ),
    ],
)
def test_wrong_use_is_told_as_all_else_is(run: Run, args: tuple[str, ...], told: str) -> None:
    """What is wrong, and below it what to do next; without a lesson in how commands are called."""
    assert run(*args).err == told


def test_a_taken_port_is_no_error_of_unijob(run: Run, sandbox: Sandbox) -> None:
    """It says which address, and how to have another."""
    port = sandbox.url().rpartition(":")[2]
    ended = run("sandbox", "--port", port)
    assert ended.code == 2
    assert f"unijob: cannot listen on 127.0.0.1:{port}: " in ended.err
    assert "--port 0" in ended.err


def test_what_is_no_answer_is_told_with_what_it_lacks(run: Run) -> None:
    """The names of what is missing, and what would be right."""
    ended = run("parse", "mka1:eval_run", stdin="{}")
    assert "response.body /id: is missing; response.body /object: is missing" in ended.err
    assert ended.err.endswith("  It takes the upstream's whole answer to a get of mka1:eval_run.\n")


def test_settings_of_a_proxy_are_told_a_line_each(run: Run, tmp_path: Path) -> None:
    """All that is wrong, at once."""
    file = tmp_path / "proxy.toml"
    file.write_text('portt = 1\n[policy]\nmode = "x"\n[upstreams.mka1]\nurl = "http://h"\n', encoding="utf-8")
    ended = run("proxy", "--config", str(file), "--check-config")
    assert ended.err.splitlines() == [
        "unijob: 2 settings are wrong:",
        "  portt: there is no such setting; did you mean port?",
        "  policy.mode: must be one of off, report, enforce",
    ]


@pytest.mark.parametrize(
    ("status", "step"), [(400, "It was refused: change what is asked for"), (503, "Try again later")]
)
def test_what_was_refused_is_not_tried_again(status: int, step: str) -> None:
    """A server's error may pass; a refusal does not."""
    assert problems.next_step(UpstreamError("m", status=status)).startswith(step)


def test_a_terminal_obeys_nobody_else() -> None:
    """What an upstream wrote is on one line, without escapes."""
    error = UpstreamError("a\x1b[31mred\nline\u202e\x9b", status=500)
    assert problems.message(error) == "a�[31mred line��"


@pytest.mark.parametrize(("is_terminal", "lines"), [(False, 2), (True, 3)])
def test_lines_break_between_words_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_terminal: bool, lines: int
) -> None:
    """Nothing is lost by it, no word is broken, and elsewhere a message is one line."""
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    say("mka1:eval_run/eval_run_ab8b163ba9164f0dbd01140d5f7032ac was not found", "Look again.")
    told = capsys.readouterr().err
    assert len(told.splitlines()) == lines
    assert told.split() == (
        ["unijob:", "mka1:eval_run/eval_run_ab8b163ba9164f0dbd01140d5f7032ac", "was", "not", "found", "Look", "again."]
    )


def test_codes_are_distinct() -> None:
    """No two ends share a code."""
    assert len({code.value for code in Exit}) == len(Exit.__members__)


def test_parse_still_reads(run: Run, tmp_path: Path) -> None:
    """A payload at hand needs no account; a wrong one is wrong."""
    file = tmp_path / "run.json"
    file.write_text("{", encoding="utf-8")
    assert run("parse", "mka1:eval_run", str(file)).code == 8


def test_parse_prints_the_job(run: Run) -> None:
    """From standard input, and never a table."""
    payload = '{"id": "eval_run_1", "object": "eval.run", "status": "queued"}'
    assert run("parse", "mka1:eval_run", stdin=payload).json["state"] == "queued"


def test_a_closed_pipe_is_silent(environment: dict[str, str], tmp_path: Path) -> None:
    """Who stops reading is told nothing."""
    ours, theirs = os.pipe()
    os.close(ours)
    command = [sys.executable, "-W", "error", "-m", "unijob.cli", "kinds"]
    done = subprocess.run(
        command, env={**os.environ, **environment}, cwd=tmp_path, stdout=theirs, stderr=subprocess.PIPE, check=False
    )
    os.close(theirs)
    assert b"Traceback" not in done.stderr
    assert b"error of unijob itself" not in done.stderr
