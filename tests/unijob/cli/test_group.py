"""The group: commands are imported when they are run; help, completion, colour."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import click
import pytest
from click.shell_completion import ShellComplete

from tests.unijob.cli.running import Run
from unijob.cli import COMMANDS, main

HEAVY = (
    "rich",
    "orjson_",
    "unijob.cli.get",
    "unijob.cli.output",
    "unijob.cli.sandbox",
    "unijob.sandbox",
    "unijob.cli.act",
)


def test_help_imports_no_command() -> None:
    """What `--help` needs is the names and their short help."""
    code = (
        "import sys\nfrom unijob.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_short_help_is_the_commands_own(name: str) -> None:
    """The short help begins as the command's own help does."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert (command.help or "").split()[0] == COMMANDS[name][1].split()[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Run, name: str) -> None:
    """`--help` of each, and its `-h`."""
    ended = run(name, "-h")
    assert ended.code == 0
    assert "Usage: unijob" in ended.out


@pytest.mark.parametrize("name", ["", "wait", "watch", "start"])
def test_help_states_the_exit_codes(run: Run, name: str) -> None:
    """Where jobs are waited for, and overall."""
    out = run(*name.split(), "--help").out
    assert all(f" {code}  " in out for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130))


def test_kinds_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds where a kind is wanted, and their beginnings where a reference is."""
    monkeypatch.setenv("UNIJOB_RECENT", "off")
    complete = ShellComplete(main, {}, "unijob", "_UNIJOB_COMPLETE")

    def values(*args: str) -> list[str]:
        return [item.value for item in complete.get_completions([*args[:-1]], args[-1])]

    assert values("list", "mka1:eval") == ["mka1:eval_run", "mka1:eval_schedule"]
    assert values("wait", "gradient:i") == ["gradient:indexing_job/"]
    assert values("call", "grad") == ["gradient:"]
    assert values("call", "gradient:genai_list_kn") == [
        "gradient:genai_list_knowledge_base_data_sources",
        "gradient:genai_list_knowledge_bases",
    ]
    assert values("call", "nobody:") == []
    assert "watch" in values("wa")


def test_kinds(run: Run) -> None:
    """A table or JSON, without an account."""
    assert "mka1:eval_run" in run("kinds").out
    assert {"name", "title", "reference", "capabilities", "pieces"} == set(run("kinds", "--json").json[0])


@pytest.mark.parametrize(("columns", "heading"), [(80, "reference"), (110, "reference"), (200, "kind")])
def test_kinds_fit_the_terminal(run: Run, columns: int, heading: str) -> None:
    """References stay whole, and where not all columns fit, what repeats them is left out."""
    shown = run("kinds", env={"COLUMNS": str(columns)}).out.splitlines()
    assert max(map(len, shown)) <= columns
    assert shown[0].split()[0] == heading
    assert any("gradient:scheduled_indexing/{knowledge_base_uuid}" in line for line in shown)


@pytest.mark.parametrize(("no_color", "is_coloured"), [("", True), ("1", False)])
def test_no_color_is_respected(environment: dict[str, str], no_color: str, *, is_coloured: bool) -> None:
    """In a terminal there is colour, and none where NO_COLOR is set."""
    env = {**os.environ, **environment, "FORCE_COLOR": "1", "NO_COLOR": no_color, "TERM": "xterm-256color"}
    code = "from unijob.cli.output import show_table; show_table(('job', 'state'), [('a', 'failed')])"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert ("\x1b[31m" in done.stdout) is is_coloured
