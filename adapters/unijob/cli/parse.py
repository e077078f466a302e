"""`unijob parse`."""

from __future__ import annotations

from typing import BinaryIO

import click
import orjson

from unijob.parsing import parse as parse_payload


@click.command()
@click.argument("kind_or_ref")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--revision", help="The contract revision to read it by; the one that fits best when not given.")
@click.option("--strict", is_flag=True, help="Fail for any breach of the contract.")
def parse(kind_or_ref: str, file: BinaryIO, *, revision: str | None, strict: bool) -> None:
    """Read an upstream's answer from FILE (or standard input) and print the Job as JSON."""
    job = parse_payload(kind_or_ref, file.read(), revision=revision, strict=strict)
    click.echo(orjson.dumps(job.to_dict(), option=orjson.OPT_INDENT_2).decode())
