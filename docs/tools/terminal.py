"""A terminal for a command, and what stands on its screen whenever the command sets a mark."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import struct
import subprocess
import termios
from collections.abc import Sequence
from fcntl import ioctl
from itertools import groupby
from typing import Any

import attrs
import pyte
from pyte.screens import Char
from rich.text import Text

MARK = b"\x1b]777;%.2f\x07"
"""What a command writes where the screen is to be looked at, with the time by its own clock, in seconds."""
_MARKED = re.compile(rb"\x1b\]777;([0-9.]+)\x07")
_READ = 1 << 16
_FAINT, _GREY = 2, 90
_COLOURS = {"brown": "yellow", "brightbrown": "bright_yellow", "bfightmagenta": "bright_magenta"}
"""Colours that pyte calls otherwise than rich."""


@attrs.frozen(kw_only=True)
class Frame:
    """What stood on the screen.

    Args:
        at: when, in seconds by the command's clock.
        lines: each line with its styles, without the empty ones at the end.
    """

    at: float
    lines: tuple[Text, ...]

    @property
    def text(self) -> tuple[str, ...]:
        """The letters alone."""
        return tuple(line.plain for line in self.lines)


class _Screen(pyte.Screen):
    """pyte knows no faint letters; grey ones stand for them."""

    def select_graphic_rendition(self, *attributes: int, **how: Any) -> None:
        super().select_graphic_rendition(
            *(_GREY if one == _FAINT else one for one in attributes), **how
        )


def record(
    command: Sequence[str], *, columns: int, lines: int, environment: dict[str, str]
) -> list[Frame]:
    """Run a command in a terminal, and look at the screen at each of its marks.

    Args:
        command: the program and its arguments.
        columns: the terminal's width.
        lines: its height.
        environment: all of the command's environment variables.

    Raises:
        RuntimeError: the command ended otherwise than with 0; tells what it wrote.
    """
    terminal, inside = os.openpty()
    ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    with subprocess.Popen(  # noqa: S603  our own
        command, env=environment, stdin=inside, stdout=inside, stderr=inside, start_new_session=True
    ) as process:
        os.close(inside)
        written = _read(terminal)
    os.close(terminal)
    if process.returncode:
        raise RuntimeError(
            f"{shlex.join(command)} ended with {process.returncode}:\n{written.decode()}"
        )
    return _frames(written, _Screen(columns, lines))


def _read(terminal: int) -> bytes:
    """All that is written, until the other end is closed."""
    found = bytearray()
    with contextlib.suppress(OSError):  # EIO, which is how Linux tells the end
        while chunk := os.read(terminal, _READ):
            found += chunk
    return bytes(found)


def _frames(written: bytes, screen: _Screen) -> list[Frame]:
    stream = pyte.ByteStream(screen)
    first, *marked = _MARKED.split(written)
    stream.feed(first)
    frames: list[Frame] = []
    for at, following in zip(marked[::2], marked[1::2], strict=True):
        frames.append(Frame(at=float(at), lines=tuple(_texts(screen))))
        stream.feed(following)
    return frames


def _texts(screen: _Screen) -> list[Text]:
    rows = [_text(screen, row) for row in range(screen.lines)]
    while rows and not rows[-1].plain:
        rows.pop()
    return rows


def _text(screen: _Screen, row: int) -> Text:
    text = Text(no_wrap=True)
    chars = (screen.buffer[row][column] for column in range(screen.columns))
    for style, run in groupby(chars, key=_style):
        text.append("".join(char.data for char in run), style)
    text.rstrip()
    return text


def _style(char: Char) -> str:
    named = {
        "bold": char.bold,
        "italic": char.italics,
        "underline": char.underscore,
        "reverse": char.reverse,
    }
    return " ".join([*(name for name, on in named.items() if on), _colour(char.fg)])


def _colour(name: str) -> str:
    if re.fullmatch(r"[0-9a-f]{6}", name):
        return f"#{name}"
    return _COLOURS.get(name, name.replace("bright", "bright_"))
