"""Runs the commands of a console block, and holds what they print against what the page shows.

`$ ` begins a command, what follows is its output, `[exit code 3]` ends one that does not end with 0, and a line `…`
stands for any lines. Numbers, ids and times may differ, as may how often a wait has looked; an id that the page shows
stands for the one that was really given out.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
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
    """Where the commands of one page are run: `unijob` in this process, what a pipe leads to by bash.

    Args:
        folder: the working directory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._given: dict[str, str] = {}

    def run(self, command: Command) -> None:
        """Run a command, and hold it against its page.

        Raises:
            AssertionError: it ended otherwise, or printed something else.
        """
        line = command.line
        for shown, given in self._given.items():
            line = line.replace(shown, given)
        head, pipe, rest = line.partition(" | ")
        ended = self._unijob(head)
        if pipe and shutil.which(shlex.split(rest)[0]) is None:  # then only how it ended can be held
            command = attrs.evolve(command, output=())
        elif pipe:
            piped = subprocess.run(
                ["bash", "-c", rest], input=ended.output, cwd=self._folder, capture_output=True, text=True, check=False
            )
            ended = Ended(output=piped.stdout + piped.stderr, code=piped.returncode)
        assert ended.code == command.code, f"$ {line}\n{ended.output}[exit code {ended.code}]"
        if command.output:
            self._compare(line, command.output, ended.output)

    def _unijob(self, line: str) -> Ended:
        words = shlex.split(line)
        environment: dict[str, str | None] = {}
        while words and _ASSIGNMENT.match(words[0]):
            name, _, value = words.pop(0).partition("=")
            environment[name] = value
        assert words[:1] == ["unijob"], f"cannot run {line!r} here: only unijob, or say <!-- not run: why -->"
        width = int(os.environ.get("COLUMNS", _WIDTH)) - 2  # help leaves two columns free
        result = CliRunner().invoke(main, words[1:], env=environment, prog_name="unijob", terminal_width=width)
        return Ended(output=result.output.replace(str(Path.home()), "/home/you"), code=result.exit_code)

    def _compare(self, line: str, shown: tuple[str, ...], printed: str) -> None:
        wanted, got = _shapes(shown), _shapes(printed.splitlines())
        pattern = "\n".join(".*" if shape == _ANY else re.escape(shape) for shape, _ in wanted)
        assert re.fullmatch(pattern, "\n".join(shape for shape, _ in got), re.DOTALL), (
            f"$ {line}\n--- the page shows\n" + "\n".join(shown) + f"\n--- it printed\n{printed}"
        )
        if len(wanted) == len(got):
            for (_, on_page), (_, real) in zip(wanted, got, strict=True):
                self._given.update(zip(_ID.findall(on_page), _ID.findall(real), strict=True))


def _shapes(lines: Iterator[str] | tuple[str, ...] | list[str]) -> list[tuple[str, str]]:
    """Each line without what may differ, and the line itself; lines that then look alike count as one."""
    shapes = [(_shape(line), line) for line in lines]
    return [next(group) for _, group in groupby(shapes, key=lambda each: each[0])]


def _shape(line: str) -> str:
    line = _FAILED.sub("", _ID.sub("ID", line))
    return " ".join(_NUMBER.sub("N", line).split())
