"""`unijob cancel`, `pause`, `resume`, `delete`, `retry` and `trigger`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from unijob.cli import options
from unijob.cli.arguments import Duration, Reference
from unijob.cli.recent import note
from unijob.cli.texts import Exit, say

if TYPE_CHECKING:
    from unijob.job import Job
    from unijob.ref import JobRef


@click.command()
@click.argument("ref", type=Reference())
@options.settings_options
def cancel(ref: JobRef) -> None:
    """Ask that a job be cancelled. It may take its time: `unijob wait` sees it end."""

    async def run() -> Job:
        async with options.connected({ref.provider}) as client:
            return await client.cancel(ref)

    _show(asyncio.run(run()))


@click.command()
@click.argument("ref", type=Reference())
@options.settings_options
def pause(ref: JobRef) -> None:
    """Ask that a job halt until `unijob resume` lets it go on."""

    async def run() -> Job:
        async with options.connected({ref.provider}) as client:
            return await client.pause(ref)

    _show(asyncio.run(run()))


@click.command()
@click.argument("ref", type=Reference())
@options.settings_options
def resume(ref: JobRef) -> None:
    """Let a paused job go on."""

    async def run() -> Job:
        async with options.connected({ref.provider}) as client:
            return await client.resume(ref)

    _show(asyncio.run(run()))


@click.command()
@click.argument("ref", type=Reference())
@options.settings_options
def delete(ref: JobRef) -> None:
    """Delete a job, or a schedule. What becomes of a job at work is the upstream's to say: cancel it first."""

    async def run() -> None:
        async with options.connected({ref.provider}) as client:
            await client.delete(ref)

    asyncio.run(run())
    if options.as_json():
        from unijob.cli.output import show_json  # noqa: PLC0415  `--help` does without

        show_json({"ref": str(ref), "deleted": True})
    else:
        click.echo(f"{ref}  deleted")


@click.command()
@click.argument("ref", type=Reference())
@click.option("--failed-items-only", is_flag=True, help="Run only its failed items again.")
@options.settings_options
def retry(ref: JobRef, *, failed_items_only: bool) -> None:
    """Run a job again in place, under the same reference."""

    async def run() -> Job:
        async with options.connected({ref.provider}) as client:
            return await client.retry(ref, failed_items_only=failed_items_only)

    _show(asyncio.run(run()))


@click.command()
@click.argument("ref", type=Reference())
@click.option(
    "--grace",
    default="10",
    show_default=True,
    type=Duration(),
    metavar="TIME",
    help="How long its run may take to show.",
)
@options.settings_options
def trigger(ref: JobRef, *, grace: float) -> None:
    """Fire a schedule now, and print the reference of the run that this makes.

    Where no run shows in time, the exit code is 7: the schedule was fired, and its run may still come, or the
    schedule left it out because the last one still ran.
    """

    async def run() -> Job | None:
        async with options.connected({ref.provider}) as client:
            return await client.trigger(ref, grace=grace)

    job = asyncio.run(run())
    if job is not None:
        _show(job, state=False)
        return
    if options.as_json():
        click.echo("null")
    say(f"{ref} was fired, and no run of it has shown yet")
    click.get_current_context().exit(Exit.NOT_FOUND)


def _show(job: Job, *, state: bool = True) -> None:
    from unijob.cli.output import show_json  # noqa: PLC0415  `--help` does without

    note(job.ref)
    if options.as_json():
        show_json(job.to_dict())
    else:
        click.echo(f"{job.ref}  {job.state}" if state else str(job.ref))
