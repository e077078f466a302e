"""A group whose commands are imported when they are run, and which tells errors in a line or two."""

from __future__ import annotations

import errno
import importlib
import sys
from collections.abc import Mapping
from typing import IO, Any

import click

from unijob.cli.recent import keep
from unijob.cli.texts import Exit, say

DEBUG = "unijob.debug"


def _set_debug(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  click calls it so
    if value:
        ctx.meta[DEBUG] = True


debug_option = click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    callback=_set_debug,
    help="Show tracebacks, and what is logged.",
)


class _Told(click.ClickException):
    """Wrong use, told as every other error is."""

    exit_code = Exit.WRONG_USE

    def __init__(self, error: click.ClickException) -> None:
        text = error.format_message().removesuffix(".")
        super().__init__(text[:1].lower() + text[1:])
        context = getattr(error, "ctx", None)
        self._step = f"`{context.command_path} --help` shows how it is used." if context is not None else ""

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002  it goes where all errors go
        """Say what is wrong, and where to look."""
        say(self.message, self._step)


class LazyGroup(click.Group):
    """A group that imports a command only when it is run.

    Args:
        args: as of a group.
        lazy: a command's name to its place, `module:attribute`, and its short help.
        settings: as of a group.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted."""
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their short help, without importing them."""
        if any(name not in self._lazy for name in self.list_commands(ctx)):
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._lazy[name][1]) for name in self.list_commands(ctx)])

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        """Read the arguments of the group itself."""
        try:
            return super().make_context(*args, **settings)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.ClickException as error:
            raise _Told(error) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong is told in a line or two, with a traceback under `--debug`."""
        try:
            done = super().invoke(ctx)
        except click.exceptions.Exit as ended:
            if ended.exit_code != Exit.NOT_FOUND:
                keep(ctx)
            raise
        except (click.Abort, click.exceptions.NoArgsIsHelpError):
            raise
        except click.ClickException as error:
            raise _Told(error) from error
        except KeyboardInterrupt:
            click.echo("unijob: interrupted", err=True)
            sys.exit(Exit.INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            _end(ctx, error)
        except Exception as error:  # noqa: BLE001  the last to see it: it is told, and the exit code tells it too
            _end(ctx, error)
        else:
            keep(ctx)
            return done


def _end(ctx: click.Context, error: Exception) -> None:
    from unijob.cli.problems import exit_code, tell  # noqa: PLC0415  imports what `--help` does without

    tell(error, debug=bool(ctx.meta.get(DEBUG)))
    sys.exit(exit_code(error))
