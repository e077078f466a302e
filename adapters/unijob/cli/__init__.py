"""The command line: `unijob`."""

from __future__ import annotations

import sys

import click

from unijob.cli.kinds import kinds
from unijob.cli.parse import parse
from unijob.cli.proxy import proxy
from unijob.cli.sandbox import sandbox
from unijob.errors import UnijobError

WRONG_USE = 2


class Commands(click.Group):
    """A group that tells unijob's own errors in one or two lines instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except UnijobError as error:
            click.echo(f"unijob: {error}", err=True)
            sys.exit(WRONG_USE)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="unijob")
def main() -> None:
    """One job client for every AI platform's long-running jobs."""


for command in (kinds, parse, proxy, sandbox):
    main.add_command(command)
