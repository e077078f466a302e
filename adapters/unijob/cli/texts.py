"""Exit codes, and how help texts tell them."""

from __future__ import annotations

from enum import IntEnum


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
