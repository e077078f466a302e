"""`unijob get`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from unijob.cli import options
from unijob.cli.arguments import Reference

if TYPE_CHECKING:
    from unijob.job import Job
    from unijob.ref import JobRef
    from unijob.schedule import Schedule


@click.command()
@click.argument("ref", type=Reference())
@options.settings_options
def get(ref: JobRef) -> None:
    """Show a job, or a schedule.

    The exit code is 0 for a job in any state: `unijob wait` tells by its exit code how a job ended.
    """
    from unijob.cli.output import show_job, show_json, show_schedule  # noqa: PLC0415  `--help` does without
    from unijob.job import Job  # noqa: PLC0415

    found = asyncio.run(_read(ref))
    if options.as_json():
        show_json(found.to_dict())
    elif isinstance(found, Job):
        show_job(found)
    else:
        show_schedule(found)


async def _read(ref: JobRef) -> Job | Schedule:
    from unijob.kinds import JobKind  # noqa: PLC0415
    from unijob.registry import kind_of  # noqa: PLC0415

    async with options.connected({ref.provider}) as client:
        return await (client.get(ref) if isinstance(kind_of(ref), JobKind) else client.schedule(ref))
