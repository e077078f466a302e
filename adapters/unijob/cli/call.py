"""`unijob call`."""

from __future__ import annotations

import asyncio
from typing import Any, BinaryIO

import click
from click.shell_completion import CompletionItem

from unijob.cli import options
from unijob.cli.arguments import pairs
from unijob.cli.start import read_request


class Operation(click.ParamType[str]):
    """An operation of a provider."""

    name = "operation"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """The providers, and after the colon their operations."""
        from unijob.client.calling import operation_names  # noqa: PLC0415  `--help` does without
        from unijob.registry import provider_names  # noqa: PLC0415

        provider, colon, _ = incomplete.partition(":")
        if not colon:
            return [CompletionItem(f"{name}:") for name in provider_names() if name.startswith(incomplete)]
        names = operation_names(provider) if provider in provider_names() else ()
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("operation", type=Operation())
@click.argument("arguments", nargs=-1, metavar="[NAME=TEXT | NAME:=JSON]...")
@click.option(
    "--request", type=click.File("rb"), metavar="FILE", help="The whole request as JSON; - for standard input."
)
@options.account_option
@options.settings_options
def call(operation: str, arguments: tuple[str, ...], *, request: BinaryIO | None, account: str | None) -> None:
    """Call any OPERATION that a provider documents, and print its answer as JSON.

    Arguments are checked by the contract before anything is sent. As in
    `unijob call mka1:listEvalRuns limit:=5`; a wrong name is answered with those that are like it.
    """
    chosen = pairs(arguments, "argument")
    if "account" in chosen:
        raise click.UsageError("the account is an option: --account NAME")
    answer = asyncio.run(_call(operation, read_request(request), account, chosen))

    from unijob.cli.output import show_json  # noqa: PLC0415  `--help` does without

    show_json(answer)


async def _call(operation: str, body: Any, account: str | None, arguments: dict[str, Any]) -> Any:
    from unijob.client.calling import provider_of  # noqa: PLC0415  `--help` does without
    from unijob.converter import unstructure  # noqa: PLC0415

    async with options.connected({provider_of(operation)}) as client:
        return unstructure(await client.call(operation, body, account=account, **arguments))
