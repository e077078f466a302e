"""Waiting for jobs, of any number: shown as they change, stopped by Ctrl-C without harm to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, NoReturn

import attrs
import click

from unijob.cli import options
from unijob.cli.display import Display, choose
from unijob.cli.problems import ENDS, exit_code
from unijob.cli.texts import WORST_FIRST, Exit
from unijob.errors import JobStalled, WaitTimeout
from unijob.job import Job
from unijob.ref import JobRef

if TYPE_CHECKING:
    from unijob.client import JobClient, Outcome
    from unijob.client.pace import PollOptions

_SHOWN = 20


@attrs.frozen(kw_only=True)
class How:
    """How jobs are waited for.

    Args:
        poll: the client's options.
        partial_ok: whether a partial end counts as success.
        every_change: whether JSON has every change.
    """

    poll: PollOptions
    partial_ok: bool = False
    every_change: bool = False


class Following:
    """A wait for jobs.

    Args:
        how: how they are waited for.
    """

    def __init__(self, how: How) -> None:
        self._how = how
        self._open: dict[int, JobRef] = {}
        self._codes: list[Exit] = []

    def expect(self, refs: Sequence[JobRef]) -> None:
        """Say which jobs it is about, so that an early Ctrl-C can tell them."""
        self._open = dict(enumerate(refs))

    async def run(self, client: JobClient, targets: Sequence[JobRef | Job]) -> None:
        """Wait until all have ended, and show how they change; what goes wrong with one is its own."""
        refs = [target.ref if isinstance(target, Job) else target for target in targets]
        self.expect(refs)
        places = {ref: place for place, ref in enumerate(refs)}
        shown = choose(refs, as_json=options.as_json(), every_change=self._how.every_change, debug=options.is_debug())
        with shown:
            async with aclosing(client.watch_all(targets, **self._how.poll)) as outcomes:
                async for outcome in outcomes:
                    self._show(places[outcome.ref], outcome, shown)

    def _show(self, place: int, outcome: Outcome, shown: Display) -> None:
        error, job = outcome.error, outcome.job
        if error is not None:
            self._codes.append(exit_code(error))
            shown.problem(place, self._open[place], error)
            if not isinstance(error, (WaitTimeout, JobStalled)):
                del self._open[place]
        elif job is not None:
            self._open[place] = job.ref
            shown.seen(place, job)
            if job.is_terminal:
                self._codes.append(ENDS.get(job.state, Exit.OK))
                del self._open[place]

    def finish(self) -> NoReturn:
        """End the process with the exit code that the jobs' ends are."""
        if self._open:
            click.echo(self._resume(), err=True)
        ignored = {Exit.PARTIAL} if self._how.partial_ok else set[Exit]()
        code = next((code for code in WORST_FIRST if code in self._codes and code not in ignored), Exit.OK)
        click.get_current_context().exit(code)

    def stopped(self) -> NoReturn:
        """End the process after Ctrl-C."""
        click.echo(f"\nunijob: stopped waiting.\n{self._resume()}", err=True)
        click.get_current_context().exit(Exit.INTERRUPTED)

    def _resume(self) -> str:
        refs = [str(ref) for ref in self._open.values()]
        if not refs:
            return "  No job was left."
        who = "The job goes on" if len(refs) == 1 else f"{len(refs)} jobs go on"
        more = "" if len(refs) <= _SHOWN else f" … ({len(refs) - _SHOWN} more)"
        return f"  {who}. To wait again: unijob wait {' '.join(refs[:_SHOWN])}{more}"


def follow(refs: Sequence[JobRef], how: How) -> NoReturn:
    """Wait for jobs, and end the process."""
    following = Following(how)
    wanted = list(dict.fromkeys(refs))
    following.expect(wanted)

    async def run() -> None:
        async with options.connected({ref.provider for ref in wanted}) as client:
            await following.run(client, wanted)

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        following.stopped()
    following.finish()
