"""`python -m unijob_codegen diff`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from unijob_codegen.diff import markdown, plain, text
from unijob_codegen.diff.levels import Level
from unijob_codegen.diff.report import report
from unijob_codegen.errors import CodegenError

_FORMATS = {"text": text.write, "json": plain.write, "markdown": markdown.write}
_FAILED = 2


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--format", "format_", type=click.Choice(list(_FORMATS)), default="text", help="How to write the report.")
@click.option(
    "--fail-on",
    type=click.Choice([level.name for level in sorted(Level, reverse=True)], case_sensitive=False),
    help="Exit 1 if there is a change of this level or a worse one.",
)
@click.pass_obj
def diff(root: Path, old: str, new: str, *, format_: str, fail_on: str | None) -> None:
    """Tell what changed from OLD to NEW, and which job kinds it touches.

    OLD and NEW are each a revision (mka1@2026-07), a file, a file of a commit (git:HEAD~1:specs/mka1/2026-10.yaml), or
    all specs of a commit (git:HEAD~1) or of the working tree (specs).
    """
    try:
        comparisons = report(root, old, new)
    except CodegenError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(_FAILED)
    click.echo(_FORMATS[format_](comparisons), nl=False)
    worst = max((change.level for each in comparisons for change in each.changes), default=None)
    if fail_on is not None and worst is not None and worst >= Level[fail_on.upper()]:
        sys.exit(1)
