"""Options that commands share, and the client that they make."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from unijob.cli.lazy import DEBUG, debug_option
from unijob.cli.texts import say

if TYPE_CHECKING:
    from unijob.cli.settings import Settings
    from unijob.client import JobClient

_Command = TypeVar("_Command", bound=Callable[..., Any])
_JSON = "unijob.json"
_PROFILE = "unijob.profile"
_SET = "unijob.set"


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        ctx.meta[name] = value

    return keep


json_option = click.option("--json", is_flag=True, expose_value=False, callback=_keep(_JSON), help="Print JSON.")
_PROFILE_OPTION = click.option(
    "--profile", metavar="NAME", expose_value=False, callback=_keep(_PROFILE), help="The profile of settings to use."
)
_SET_OPTION = click.option(
    "--set",
    multiple=True,
    metavar="PROVIDER.NAME=VALUE",
    expose_value=False,
    callback=_keep(_SET),
    help="One setting, such as base_url, in place of the environment's and the profile's.",
)
account_option = click.option("--account", metavar="NAME", help="The named account, where there are several.")


def settings_options(command: _Command) -> _Command:
    """Give a command `--profile`, `--set`, `--json` and `--debug`."""
    for option in (debug_option, _SET_OPTION, _PROFILE_OPTION, json_option):
        command = option(command)
    return command


def as_json() -> bool:
    """Whether the running command was asked for JSON."""
    return bool(_meta().get(_JSON))


def is_debug() -> bool:
    """Whether tracebacks are wanted."""
    return bool(_meta().get(DEBUG))


def settings() -> Settings:
    """The settings in force.

    Raises:
        ConfigError: names what is wrong, and where.
    """
    from unijob.cli.settings import load  # noqa: PLC0415  `--help` does without

    return load(profile=_meta().get(_PROFILE), flags=_meta().get(_SET) or ())


@asynccontextmanager
async def connected(providers: Iterable[str]) -> AsyncGenerator[JobClient, None]:
    """A client with the accounts of some providers.

    Raises:
        ConfigError: a setting is wrong; names it and where it came from.
    """
    from unijob.client import JobClient  # noqa: PLC0415  `--help` does without

    logger, handler = logging.getLogger("unijob"), _Told(logging.DEBUG if is_debug() else logging.WARNING)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(handler.level)
    try:
        async with JobClient(settings().accounts(providers), env={}) as client:
            yield client
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


@contextmanager
def untold() -> Generator[None]:
    """Leave what is logged untold meanwhile."""
    logger, handler = logging.getLogger("unijob"), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Told(logging.Handler):
    """Tells what the client logs on standard error, a line each; that a request is sent again, only to who debugs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one record."""
        from unijob.cli.problems import plain  # noqa: PLC0415  `--help` does without

        if record.module != "retries" or is_debug():
            say(plain(record.getMessage()))


def _meta() -> dict[str, Any]:
    return click.get_current_context().meta
