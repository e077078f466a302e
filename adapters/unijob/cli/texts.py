"""Exit codes, how help texts tell them, and what is said to people."""

from __future__ import annotations

import sys
from enum import IntEnum

import click


class Exit(IntEnum):
    """How the process ends."""

    OK = 0
    BUG = 1
    WRONG_USE = 2
    FAILED = 3
    CANCELLED = 4
    TIMED_OUT = 5
    PARTIAL = 6
    NOT_FOUND = 7
    UPSTREAM = 8
    WAIT_TIMEOUT = 9
    INTERRUPTED = 130


WORST_FIRST = (
    Exit.BUG,
    Exit.WRONG_USE,
    Exit.UPSTREAM,
    Exit.NOT_FOUND,
    Exit.WAIT_TIMEOUT,
    Exit.FAILED,
    Exit.TIMED_OUT,
    Exit.CANCELLED,
    Exit.PARTIAL,
)
"""Of several jobs, the first of these that came up is the exit code."""

EXIT_CODES = """\b
Exit codes:
    0  done; of jobs waited for: all succeeded
    1  an error of unijob itself
    2  wrong use, or a wrong setting
    3  a job failed
    4  a job was cancelled
    5  a job timed out: its upstream gave it up
    6  a job ended partially (0 with --partial ok)
    7  not found
    8  an error of the upstream or the network
    9  the time to wait passed, or a job stalled; the job goes on
  130  Ctrl-C; the job goes on
Of several jobs the first counts of 8, 7, 9, 3, 5, 4, 6.
"""


def say(text: str, step: str = "") -> None:
    """Say something on standard error, and below it what to do next; in a terminal, lines break between words."""
    for line in (*f"unijob: {text}".splitlines(), *([f"  {step}"] if step else [])):
        click.echo(_fitted(line), err=True)


def _fitted(line: str) -> str:
    if not sys.stderr.isatty():
        return line
    import shutil  # noqa: PLC0415  `--help` does without
    import textwrap  # noqa: PLC0415

    columns = shutil.get_terminal_size().columns
    return textwrap.fill(line, columns, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
