"""Runs the commands of a console block, and holds what they print against what the page shows.

`$ ` begins a command, what follows is its output, `[exit code 3]` ends one that does not end with 0, and `…` stands
for any text, alone on a line for any lines. Numbers, ids and times may differ, as may how often a wait has looked; an
id that the page shows stands for the one that was really given out.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import attrs
from click.testing import CliRunner

from unijob.cli import main

_EXIT = re.compile(r"^\[exit code (\d+)\]$")
_ASSIGNMENT = re.compile(r"^[A-Z_][A-Z0-9_]*=")
_ID = re.compile(r"\b(?:[a-z_]+_)?[0-9a-f]{8}(?:-?[0-9a-f]{4,}){1,4}\b")
_FAILED = re.compile(r" \(\d+ failed\)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?: (?:min|h) \d+)?")
_ANY = "…"
_WIDTH = 100
_SANDBOX = "http://127.0.0.1:9100"


@attrs.frozen(kw_only=True)
class Command:
    """A command of a page, with what the page says of it."""

    line: str
    output: tuple[str, ...]
    code: int


@attrs.frozen(kw_only=True)
class Ended:
    """What became of a command."""

    output: str
    code: int


def commands(text: str) -> Iterator[Command]:
    """The commands of a block, in order."""
    for chunk in re.split(r"^\$ ", text.replace("\\\n", ""), flags=re.MULTILINE):
        line, *output = chunk.splitlines() or [""]
        if line:
            codes = [int(found[1]) for shown in output if (found := _EXIT.match(shown))]
            shown = tuple(text for text in output if not _EXIT.match(text))
            yield Command(line=line, output=shown, code=codes[0] if codes else 0)


class Console:
    """Where the commands of one page are run.

    `unijob` and `python FILE` run in this process, so that they go by the sandbox's clock; curl, pytest, and what a
    pipe leads to, in processes of their own.

    Args:
        folder: the working directory.
        sandbox: what stands for the sandbox that the page starts, at `http://127.0.0.1:9100`.
    """

    def __init__(self, folder: Path, sandbox: str = _SANDBOX) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self._given: dict[str, str] = {}

    def run(self, command: Command) -> None:
        """Run a command, and hold it against its page.

        Raises:
            AssertionError: it ended otherwise, or printed something else.
        """
        line = command.line.replace(_SANDBOX, self._sandbox)
        for shown, given in self._given.items():
            line = line.replace(shown, given)
        head, pipe, rest = line.partition(" | ")
        ended = self._one(head)
        if pipe and shutil.which(shlex.split(rest)[0]) is None:  # then only how it ended can be held
            command = attrs.evolve(command, output=())
        elif pipe:
            ended = self._process(["bash", "-c", rest], ended.output)
        assert ended.code == command.code, f"$ {line}\n{ended.output}[exit code {ended.code}]"
        if command.output:
            self._compare(line, command.output, ended.output)

    def _one(self, line: str) -> Ended:
        words = shlex.split(line, comments=True)
        environment: dict[str, str | None] = {}
        while words and _ASSIGNMENT.match(words[0]):
            name, _, value = words.pop(0).partition("=")
            environment[name] = value
        match words:
            case ["unijob", *arguments]:
                return _unijob(arguments, environment)
            case ["python", file]:
                return _python(self._folder / file)
            case ["pytest", *arguments]:
                alone = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-c", os.devnull, "--rootdir", str(self._folder))
                return self._process([sys.executable, "-m", "pytest", *alone, *arguments])
            case ["curl", *arguments] if shutil.which("curl"):
                return self._process(["curl", "--silent", "--show-error", *arguments])
            case _:
                raise AssertionError(f"{line!r} cannot be run here: say <!-- not run: why -->")

    def _process(self, words: list[str], given: str = "") -> Ended:
        plain = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}  # a reader has none
        ended = subprocess.run(
            words, input=given, cwd=self._folder, env=plain, capture_output=True, text=True, check=False, timeout=300
        )
        return Ended(output=ended.stdout + ended.stderr, code=ended.returncode)

    def _compare(self, line: str, shown: tuple[str, ...], printed: str) -> None:
        wanted, got = _shapes(shown), _shapes(printed.splitlines())
        pattern = "\n".join(".*" if shape == _ANY else re.escape(shape).replace(_ANY, r"[^\n]*") for shape, _ in wanted)
        assert re.fullmatch(pattern, "\n".join(shape for shape, _ in got), re.DOTALL), (
            f"$ {line}\n--- the page shows\n" + "\n".join(shown) + f"\n--- it printed\n{printed}"
        )
        if len(wanted) == len(got):
            for (_, on_page), (_, real) in zip(wanted, got, strict=True):
                self._given.update(zip(_ID.findall(on_page), _ID.findall(real), strict=True))


def _unijob(arguments: list[str], environment: dict[str, str | None]) -> Ended:
    width = int(os.environ.get("COLUMNS", _WIDTH)) - 2  # help leaves two columns free
    result = CliRunner().invoke(main, arguments, env=environment, prog_name="unijob", terminal_width=width)
    return Ended(output=result.output.replace(str(Path.home()), "/home/you"), code=result.exit_code)


def _python(file: Path) -> Ended:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(str(file), run_name="__main__")
    return Ended(output=printed.getvalue(), code=0)


def _shapes(lines: Iterator[str] | tuple[str, ...] | list[str]) -> list[tuple[str, str]]:
    """Each line without what may differ, and the line itself; lines that then look alike count as one."""
    shapes = [(_shape(line), line) for line in lines]
    return [next(group) for _, group in groupby(shapes, key=lambda each: each[0])]


def _shape(line: str) -> str:
    line = _FAILED.sub("", _ID.sub("ID", line))
    return " ".join(_NUMBER.sub("N", line).split())
