"""`unijob kinds`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from unijob.cli.options import as_json, json_option, untold
from unijob.cli.texts import say

if TYPE_CHECKING:
    from unijob.catalog import KindInfo

_Row = tuple[str, str, str, str]
_HEADINGS: _Row = ("kind", "what it is", "reference", "can")
_GAP, _SHORTEST = 2, 24


@click.command()
@json_option
def kinds() -> None:
    """List the kinds of jobs and schedules, and what each can do in which revision."""
    from unijob import catalog, health  # noqa: PLC0415  `--help` does without
    from unijob.cli.output import show_json  # noqa: PLC0415

    with untold():
        rows, problems = catalog.kinds(), health.problems()
    for problem in problems:
        say(str(problem))
    if as_json():
        show_json([row.to_dict() for row in rows])
        return
    _show([row for kind in rows for row in _rows(kind)])


def _rows(kind: KindInfo) -> Iterator[_Row]:
    for revision, capabilities in kind.by_capabilities():
        yield kind.name, kind.title, kind.reference, f"{', '.join(capabilities)}{revision}"


def _show(rows: Sequence[_Row]) -> None:
    """Print all columns where they fit, else references alone, whose first part is the kind, in bold."""
    from rich.table import Table  # noqa: PLC0415  `--help` does without
    from rich.text import Text  # noqa: PLC0415

    from unijob.cli.output import console  # noqa: PLC0415

    out = console()
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    is_wide = sum(widths) + _GAP * (len(widths) - 1) <= out.width
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for heading, width in list(zip(_HEADINGS, widths, strict=True))[0 if is_wide else 2 :]:
        has_room = heading != _HEADINGS[-1] and width + _GAP + _SHORTEST <= out.width
        table.add_column(heading, overflow="fold", no_wrap=is_wide or has_room)
    for name, title, reference, can in rows:
        told = Text.assemble((name, "bold"), reference.removeprefix(name))
        table.add_row(*((name, title, reference, can) if is_wide else (told, can)))
    out.print(table)
