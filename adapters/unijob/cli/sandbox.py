"""`unijob sandbox`."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

from unijob.cli.texts import Exit, say

if TYPE_CHECKING:
    from unijob.sandbox import Sandbox


def _revision(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for value in values:
        provider, given, revision = value.partition("=")
        if not given or not provider or not revision:
            raise click.BadParameter(f"{value!r} is not PROVIDER=REVISION, as in mka1=2026-07")
        chosen[provider] = revision
    return chosen


@click.command()
@click.option("--port", default=9100, show_default=True, type=click.IntRange(0, 65535), help="0 for any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--seed", default=0, show_default=True, help="What ids and chances follow from.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="How much faster than real time.",
)
@click.option("--stepped", is_flag=True, help="Time stands still until POST /-/clock moves it.")
@click.option(
    "--revision",
    "revisions",
    multiple=True,
    callback=_revision,
    metavar="PROVIDER=REVISION",
    help="A provider's contract revision; the newest when not given.",
)
@click.option("--token", help="The bearer token that it accepts; sandbox-token when not given.")
def sandbox(
    *, port: int, host: str, seed: int, speed: float, stepped: bool, revisions: dict[str, str], token: str | None
) -> None:
    """Serve every provider's API with state, for demonstrations and tests. Ctrl-C ends it."""
    from unijob.sandbox import TOKEN, Sandbox, SteppedClock, run  # noqa: PLC0415  a web server, which other commands do without

    served = Sandbox(
        seed=seed,
        revisions=revisions,
        clock=SteppedClock() if stepped else None,
        speed=speed,
        host=host,
        port=port,
        token=token or TOKEN,
    )
    # An end by SIGTERM is as clean as one by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(run(served, announce=_announce))
    except OSError as error:
        reason = str(error.strerror or error).rpartition(": ")[2]
        say(
            f"cannot listen on {host}:{port}: {reason}", "--port 0 takes any port that is free, --host another address."
        )
        click.get_current_context().exit(Exit.WRONG_USE)
    except KeyboardInterrupt:
        pass


def _announce(served: Sandbox) -> None:
    click.echo(f"The sandbox listens on {served.url()}; /-/ there tells what it can be asked.")
    click.echo("Where your code runs, set:")
    for name, value in sorted(served.environment().items()):
        click.echo(f"  export {name}={value}")
