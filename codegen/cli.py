"""The command line of the generator."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from codegen import tree
from codegen.errors import CodegenError
from codegen.generation import generate as generate_tree

TARGET = "generated/unijob_models"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help="The project's root; the present directory, unless told.",
)
@click.pass_context
def main(context: click.Context, root: Path) -> None:
    """Generate unijob's models from the specs."""
    context.obj = root.resolve()


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that are not up to date.")
@click.pass_obj
def generate(root: Path, *, check: bool) -> None:
    """Write generated/unijob_models from the specs."""
    try:
        wanted = generate_tree(root)
        changes = tree.differences(root / TARGET, wanted) if check else tree.replace(root / TARGET, wanted)
    except CodegenError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    if not changes:
        click.echo(f"{TARGET} is up to date")
        return
    lines = "\n".join(f"  {change}" for change in changes)
    if check:
        click.echo(f"{TARGET} is not what the specs give: run make generate\n{lines}", err=True)
        sys.exit(1)
    click.echo(f"{TARGET} was written; what it was before:\n{lines}")
