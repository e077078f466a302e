"""`unijob pieces`."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from unijob.cli import options
from unijob.cli.arguments import Reference, pairs
from unijob.cli.listing import PAGE, choosing_options

if TYPE_CHECKING:
    from unijob.ref import JobRef


@click.command()
@click.argument("ref", type=Reference())
@click.argument("name", required=False)
@choosing_options
@options.settings_options
def pieces(ref: JobRef, name: str | None, *, filters: tuple[str, ...], limit: int) -> None:
    """List what belongs to a job: the files of a batch, the events of a fine-tuning job.

    NAME says which, where a kind has pieces of several names; `unijob kinds --json` lists them. The table shows what is
    text or a number; --json has all, in one array.
    """
    from unijob.cli.output import show_json, show_records  # noqa: PLC0415  `--help` does without

    found, has_more = asyncio.run(_read(ref, name, pairs(filters, "filter"), limit))
    if options.as_json():
        show_json(found)
    elif found:
        show_records(found)
    else:
        click.echo(f"{ref} has none.", err=True)
    if has_more:
        click.echo("There are more: --limit 0 shows all.", err=True)


async def _read(ref: JobRef, name: str | None, chosen: dict[str, Any], limit: int) -> tuple[list[Any], bool]:
    """The first pieces as JSON values, and whether there are more."""
    from unijob.converter import unstructure  # noqa: PLC0415  `--help` does without

    found: list[Any] = []
    page = {"page_size": min(limit, PAGE) or PAGE, **chosen}
    async with options.connected({ref.provider}) as client, aclosing(client.pieces(ref, name, **page)) as items:
        async for item in items:
            if limit and len(found) == limit:
                return found, True
            found.append(unstructure(item))
    return found, False
