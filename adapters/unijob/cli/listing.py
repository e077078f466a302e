"""`unijob list` and `unijob schedules`."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from unijob.cli import options
from unijob.cli.arguments import Kind, pairs

if TYPE_CHECKING:
    from collections.abc import Callable

_LIMIT = 50
PAGE = 100
"""Items a page that are asked for."""


def choosing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--limit` and `--filter`."""
    for option in (
        click.option(
            "--limit",
            default=_LIMIT,
            show_default=True,
            type=click.IntRange(min=0),
            help="How many at most; 0 for all.",
        ),
        click.option(
            "--filter",
            "filters",
            multiple=True,
            metavar="NAME=VALUE",
            help="What the upstream is to choose by; a wrong name is answered with those that there are.",
        ),
    ):
        command = option(command)
    return command


def _listing(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        options.settings_options,
        options.account_option,
        choosing_options,
        click.argument("kind", type=Kind()),
    ):
        command = option(command)
    return command


@click.command("list")
@_listing
def jobs(kind: str, *, filters: tuple[str, ...], limit: int, account: str | None) -> None:
    """List jobs of a KIND, in the upstream's order.

    The table fits the terminal: columns that do not are left out, the reference never. --json has all, in one array.
    """
    from unijob.cli.output import JOB_HEADINGS, job_row, show_table  # noqa: PLC0415  `--help` does without

    found, has_more = asyncio.run(_read(kind, filters, limit, account, schedules=False))
    if not options.as_json():
        show_table(JOB_HEADINGS, [job_row(job) for job in found])
    _close(found, kind, has_more=has_more)


@click.command()
@_listing
def schedules(kind: str, *, filters: tuple[str, ...], limit: int, account: str | None) -> None:
    """List schedules of a KIND, in the upstream's order."""
    from unijob.cli.output import SCHEDULE_HEADINGS, schedule_row, show_table  # noqa: PLC0415

    found, has_more = asyncio.run(_read(kind, filters, limit, account, schedules=True))
    if not options.as_json():
        show_table(SCHEDULE_HEADINGS, [schedule_row(schedule) for schedule in found])
    _close(found, kind, has_more=has_more)


async def _read(
    kind: str, filters: tuple[str, ...], limit: int, account: str | None, *, schedules: bool
) -> tuple[list[Any], bool]:
    """The first items, and whether there are more."""
    from unijob.registry import job_kind, schedule_kind  # noqa: PLC0415

    chosen = pairs(filters, "filter")
    provider = (schedule_kind if schedules else job_kind)(kind).provider
    found: list[Any] = []
    async with options.connected({provider}) as client:
        listed = client.schedules if schedules else client.list
        page = {"page_size": min(limit, PAGE) or PAGE, **chosen}
        async with aclosing(listed(kind, account=account, **page)) as items:
            async for item in items:
                if limit and len(found) == limit:
                    return found, True
                found.append(item)
    return found, False


def _close(found: list[Any], kind: str, *, has_more: bool) -> None:
    from unijob.cli.output import show_json  # noqa: PLC0415

    if options.as_json():
        show_json([item.to_dict() for item in found])
    elif not found:
        click.echo(f"There is no {kind} here.", err=True)
    if has_more:
        click.echo("There are more: --limit 0 shows all.", err=True)
