"""The references that commands were given or made last, kept for shell completion.

One a line, the last first, in a file of the user's own under the state directory. References hold ids and no secrets.
`UNIJOB_RECENT=off` keeps none. What goes wrong with the file is no command's failure.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT = 100
_LONGEST = 500
_NOTED = "unijob.recent"
_SWITCH = "UNIJOB_RECENT"


def note(ref: object) -> None:
    """Take a reference down, to be kept when the command has ended well."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None and not ctx.resilient_parsing:
        ctx.meta.setdefault(_NOTED, []).append(str(ref))


def keep(ctx: click.Context) -> None:
    """Keep what a command has noted."""
    noted: list[str] = ctx.meta.get(_NOTED, [])
    if noted and _is_on():
        with contextlib.suppress(OSError, UnicodeError):
            _write(dict.fromkeys([*reversed(noted), *recall()]))


def recall() -> list[str]:
    """The references that are kept, the last first."""
    try:
        text = _file().read_text(encoding="utf-8") if _is_on() else ""
    except (OSError, UnicodeError):
        return []
    return [line for line in text.splitlines() if ":" in line][:_KEPT]


def _is_on() -> bool:
    return os.environ.get(_SWITCH, "").lower() not in {"off", "0", "no", "false"}


def _file() -> Path:
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "unijob" / "recent"


def _write(refs: Iterable[str]) -> None:
    file = _file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [ref for ref in refs if len(ref) <= _LONGEST and ref.isprintable()][:_KEPT]
    new = file.with_name(f"recent.{os.getpid()}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:  # noqa: PTH123
        out.write("".join(f"{line}\n" for line in lines))
    new.replace(file)
