"""`unijob parse`."""

from __future__ import annotations

from typing import BinaryIO

import click

from unijob.cli.options import is_debug


@click.command()
@click.argument("kind_or_ref")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--revision", help="The contract revision to read it by; the one that fits best when not given.")
@click.option("--strict", is_flag=True, help="Fail for any breach of the contract.")
def parse(kind_or_ref: str, file: BinaryIO, *, revision: str | None, strict: bool) -> None:
    """Read an upstream's answer from FILE (or standard input) and print the Job as JSON."""
    from unijob.cli.output import show_json  # noqa: PLC0415  `--help` does without
    from unijob.cli.problems import exit_code, tell  # noqa: PLC0415
    from unijob.errors import ContractViolation  # noqa: PLC0415
    from unijob.parsing import parse as parse_payload  # noqa: PLC0415

    try:
        job = parse_payload(kind_or_ref, file.read(), revision=revision, strict=strict)
    except ContractViolation as error:
        kind = kind_or_ref.partition("/")[0]
        tell(error, debug=is_debug(), step=f"It takes the upstream's whole answer to a get of {kind}.")
        click.get_current_context().exit(exit_code(error))
    show_json(job.to_dict())
