"""The command line of the generator."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from unijob_codegen import freshness, project
from unijob_codegen.diff.command import diff
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import locking
from unijob_codegen.intake.command import fetch, lock
from unijob_codegen.intake.lock import LOCK
from unijob_codegen.project import Project
from unijob_codegen.reporting import reported

_F = TypeVar("_F", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help="The project's root; the present directory, unless told.",
)
@click.pass_context
def main(context: click.Context, root: Path) -> None:
    """Generate what unijob speaks an API with from its OpenAPI document."""
    context.obj = root.resolve()


def _settings(command: _F) -> _F:
    """Add the options that stand above what `[tool.unijob-codegen]` of the project's `pyproject.toml` says."""
    package = click.option("--package", metavar="NAME", help="The import name of what is generated: acme_models.")
    output = click.option("--output", metavar="FOLDER", help="The folder that it lies in; src, unless told.")
    return package(output(command))


for _command in (diff, fetch, lock):
    main.add_command(_command)


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that are not up to date.")
@_settings
@click.pass_obj
def generate(root: Path, *, check: bool, package: str | None, output: str | None) -> None:
    """Write the generated package from the specs, where it is stale."""
    with reported():
        told = project.read(root, package=package, output=output)
        changes = _differences(told) if check else _generate(told)
        if changes and check:
            raise CodegenError(f"{told.shown} is not what the specs give: generate it", changes)
    if changes:
        lines = [f"{told.shown} was written; what it was before:", *(f"  {change}" for change in changes)]
        click.echo("\n".join(lines))
    else:
        click.echo(f"{told.shown} is up to date")


@main.command()
@_settings
@click.pass_obj
def check(root: Path, *, package: str | None, output: str | None) -> None:
    """Tell whether the specs are valid, the lock true, the generated code fresh and every status table total."""
    from unijob_codegen import checking  # noqa: PLC0415 - slow to import

    with reported():
        told = project.read(root, package=package, output=output)
    problems = checking.problems(told)
    for problem in problems:
        click.echo(f"error: {problem}", err=True)
    if problems:
        sys.exit(1)
    click.echo("specs, lock, generated code and status tables agree")


def _differences(told: Project) -> list[str]:
    from unijob_codegen import tree  # noqa: PLC0415 - see above
    from unijob_codegen.generation import generate as generate_tree  # noqa: PLC0415 - see above

    return tree.differences(told.target, generate_tree(told))


def _generate(told: Project) -> list[str]:
    root, target = told.root, told.target
    stamp = freshness.take(told)
    changes: list[str] = []
    if not freshness.is_fresh(root, stamp):
        from unijob_codegen import tree  # noqa: PLC0415 - only where there is something to do
        from unijob_codegen.generation import generate as generate_tree  # noqa: PLC0415 - see above

        before = freshness.times(target)
        changes = tree.replace(told, generate_tree(told))
        freshness.keep_times(target, before)
        freshness.write(root, freshness.take(told))
    if (root / LOCK).is_file():
        locking.record(root, adopt=False)
    return changes
