"""The command line of the generator."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from codegen import freshness
from codegen.diff.command import diff
from codegen.errors import CodegenError
from codegen.intake import locking
from codegen.intake.command import fetch, lock
from codegen.intake.lock import LOCK
from codegen.reporting import reported

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


for _command in (diff, fetch, lock):
    main.add_command(_command)


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that are not up to date.")
@click.pass_obj
def generate(root: Path, *, check: bool) -> None:
    """Write generated/unijob_models from the specs, where it is stale."""
    with reported():
        changes = _differences(root) if check else _generate(root)
        if changes and check:
            raise CodegenError(f"{TARGET} is not what the specs give: run make generate", changes)
    if changes:
        click.echo("\n".join([f"{TARGET} was written; what it was before:", *(f"  {change}" for change in changes)]))
    else:
        click.echo(f"{TARGET} is up to date")


@main.command()
@click.pass_obj
def check(root: Path) -> None:
    """Tell whether the specs are valid, the lock true, the generated code fresh and every status table total."""
    from codegen import checking  # noqa: PLC0415 - slow to import

    problems = checking.problems(root)
    for problem in problems:
        click.echo(f"error: {problem}", err=True)
    if problems:
        sys.exit(1)
    click.echo("specs, lock, generated code and status tables agree")


def _differences(root: Path) -> list[str]:
    from codegen import tree  # noqa: PLC0415 - see above
    from codegen.generation import generate as generate_tree  # noqa: PLC0415 - see above

    return tree.differences(root / TARGET, generate_tree(root))


def _generate(root: Path) -> list[str]:
    target = root / TARGET
    stamp = freshness.take(root, target)
    changes: list[str] = []
    if not freshness.is_fresh(root, stamp):
        from codegen import tree  # noqa: PLC0415 - only where there is something to do
        from codegen.generation import generate as generate_tree  # noqa: PLC0415 - see above

        before = freshness.times(target)
        changes = tree.replace(target, generate_tree(root))
        freshness.keep_times(target, before)
        freshness.write(root, freshness.take(root, target))
    if (root / LOCK).is_file():
        locking.record(root, adopt=False)
    return changes
