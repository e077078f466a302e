"""`unijob wait` and `unijob watch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import click

from unijob.cli import options
from unijob.cli.arguments import Duration, Reference
from unijob.cli.texts import EXIT_CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from unijob.cli.follow import How
    from unijob.ref import JobRef


def waiting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a wait."""
    for option in (
        click.option("--partial", type=click.Choice(["ok"]), help="Take a partial end for a success: 0, not 6."),
        click.option("--stall", type=Duration(), metavar="TIME", help="Stop where nothing changed for so long."),
        click.option(
            "--every", type=Duration(), metavar="TIME", help="Ask at this pace, not from 1 s growing to 30 s."
        ),
        click.option("--timeout", type=Duration(), metavar="TIME", help="Wait no longer, as in 90s, 10m, 2h."),
    ):
        command = option(command)
    return command


@click.command(epilog=EXIT_CODES)
@click.argument("refs", type=Reference(), nargs=-1, required=True, metavar="REF...")
@waiting_options
@options.settings_options
def wait(refs: tuple[JobRef, ...], **given: Any) -> NoReturn:
    """Wait until jobs have ended; the exit code tells how.

    Shows live bars in a terminal, and elsewhere a line for each change; with --json one line of JSON for each job as
    it ends. Ctrl-C stops waiting and leaves the jobs alone.
    """
    from unijob.cli.follow import follow  # noqa: PLC0415  `--help` does without

    follow(refs, how(**given))


@click.command(epilog=EXIT_CODES)
@click.argument("refs", type=Reference(), nargs=-1, required=True, metavar="REF...")
@waiting_options
@options.settings_options
def watch(refs: tuple[JobRef, ...], **given: Any) -> NoReturn:
    """Show every change of jobs until they have ended; the exit code tells how.

    As `unijob wait`, but with --json one line of JSON for each change.
    """
    from unijob.cli.follow import follow  # noqa: PLC0415

    follow(refs, how(**given, every_change=True))


def how(
    *,
    timeout: float | None,
    every: float | None,
    stall: float | None,
    partial: str | None,
    every_change: bool = False,
) -> How:
    """How to wait, from the options."""
    from unijob.cli.follow import How  # noqa: PLC0415
    from unijob.client.pace import Poll, PollOptions  # noqa: PLC0415

    poll = PollOptions(timeout=timeout, stall_timeout=stall)
    if every is not None:
        if not every:
            raise click.BadParameter("it must be more than 0", param_hint="--every")
        poll["poll"] = Poll(initial=every, factor=1, maximum=every)
    return How(poll=poll, partial_ok=partial == "ok", every_change=every_change)
