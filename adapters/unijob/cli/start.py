"""`unijob start`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from unijob.cli import options
from unijob.cli.arguments import Kind, pairs
from unijob.cli.recent import note
from unijob.cli.texts import EXIT_CODES, Exit, say
from unijob.cli.wait import how, waiting_options

if TYPE_CHECKING:
    from unijob.cli.follow import Following


@click.command(epilog=EXIT_CODES)
@click.argument("kind", type=Kind())
@click.argument("arguments", nargs=-1, metavar="[NAME=TEXT | NAME:=JSON]...")
@click.option(
    "--request", type=click.File("rb"), metavar="FILE", help="The whole request as JSON; - for standard input."
)
@click.option("--wait", is_flag=True, help="Wait until it has ended, as `unijob wait`; the next four are for that.")
@waiting_options
@options.account_option
@options.settings_options
def start(
    kind: str,
    arguments: tuple[str, ...],
    *,
    request: BinaryIO | None,
    wait: bool,
    account: str | None,
    **given: Any,
) -> None:
    """Start a job of a KIND, and print its reference.

    Arguments are checked by the contract before anything is sent. As in
    `unijob start mka1:eval_run suite_id=eval_suite_1 models:='["auto"]' --wait`.
    """
    from unijob.cli.follow import Following  # noqa: PLC0415  `--help` does without

    chosen = pairs(arguments, "argument")
    if "account" in chosen:
        raise click.UsageError("the account is an option: --account NAME")
    following = Following(how(**given)) if wait else None
    starting = Starting(kind=kind, body=read_request(request), account=account, arguments=chosen)
    try:
        asyncio.run(starting.run(following))
    except KeyboardInterrupt:
        if following is not None and starting.is_started:
            following.stopped()
        click.echo(err=True)
        say(f"stopped. A {kind} may have been started: look for it before starting it again.")
        click.get_current_context().exit(Exit.INTERRUPTED)
    if following is not None:
        following.finish()


class Starting:
    """A start.

    Args:
        kind: the kind.
        body: the whole request, or None.
        account: the named account, or None.
        arguments: the arguments of the call.
    """

    def __init__(self, *, kind: str, body: Any, account: str | None, arguments: dict[str, Any]) -> None:
        self._kind, self._body, self._account, self._arguments = kind, body, account, arguments
        self.is_started = False

    async def run(self, following: Following | None) -> None:
        """Start it, and where that is wanted wait for it."""
        from unijob.cli.output import show_json, show_line  # noqa: PLC0415
        from unijob.registry import job_kind  # noqa: PLC0415

        async with options.connected({job_kind(self._kind).provider}) as client:
            job = await client.start(self._kind, self._body, account=self._account, **self._arguments)
            self.is_started = True
            note(job.ref)
            if following is not None:
                following.expect([job.ref])
            if options.as_json():
                (show_json if following is None else show_line)(job.to_dict())
            else:
                click.echo(str(job.ref))
                for warning in job.warnings:
                    say(warning)
            if following is not None:
                await following.run(client, [job])


def read_request(request: BinaryIO | None) -> Any:
    """The JSON of `--request`, or None where it was not given."""
    import orjson  # noqa: PLC0415

    if request is None:
        return None
    try:
        return orjson.loads(request.read())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"it is no JSON: {error}", param_hint="--request") from None
