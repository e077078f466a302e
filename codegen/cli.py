"""The command line of the generator."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

from codegen import tree
from codegen.diff.command import diff
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


main.add_command(diff)

@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that are not up to date.")
@click.pass_obj
def generate(root: Path, *, check: bool) -> None:
    """Write generated/unijob_models from the specs."""
    if check:
        _check(root)
    else:
        _generate(root)


@main.command()
@click.pass_obj
def check(root: Path) -> None:
    """Tell whether generated/unijob_models is what the specs give."""
    _check(root)


def _generate(root: Path) -> None:
    with _reported():
        changes = tree.replace(root / TARGET, generate_tree(root))
    if changes:
        click.echo("\n".join([f"{TARGET} was written; what it was before:", *(f"  {change}" for change in changes)]))
    else:
        click.echo(f"{TARGET} is up to date")


def _check(root: Path) -> None:
    with _reported():
        changes = tree.differences(root / TARGET, generate_tree(root))
        if changes:
            raise CodegenError(f"{TARGET} is not what the specs give: run make generate", changes)
    click.echo(f"{TARGET} is up to date")


@contextmanager
def _reported() -> Generator[None]:
    """Turn what the generator raises into one message and exit code 1."""
    try:
        yield
    except CodegenError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
