"""`python -m unijob_codegen fetch` and `lock`."""

from __future__ import annotations

from pathlib import Path

import click

from unijob_codegen.intake.retrieval import LIMIT, MEGABYTE
from unijob_codegen.reporting import reported


@click.command()
@click.argument("provider")
@click.option("--revision", required=True, help="The new revision's name: 2026-11.")
@click.option("--from", "origin", metavar="URL_OR_FILE", help="Where from, if not as specs/sources.toml says.")
@click.option("--allow-missing", is_flag=True, help="Leave out operations that upstream does not have any more.")
@click.option("--force", is_flag=True, help="Write a revision anew that is there already.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=LIMIT // MEGABYTE, show_default=True, help="The most MB to accept."
)
@click.pass_obj
def fetch(
    root: Path, *, provider: str, revision: str, origin: str | None, allow_missing: bool, force: bool, limit: int
) -> None:
    """Take PROVIDER's upstream document in as a new revision."""
    from unijob_codegen.intake import fetching  # noqa: PLC0415 - `generate` has no need of it

    request = fetching.Request(
        provider=provider,
        revision=revision,
        origin=origin,
        allow_missing=allow_missing,
        force=force,
        limit=limit * MEGABYTE,
    )
    with reported():
        fetched = fetching.fetch(root, request)
    lines = [f"{fetched.path}: {fetched.operations} operations, {fetched.schemas} schemas"]
    lines += [f"  note: {note}" for note in fetched.notes]
    steps = ["generate", "check"]
    if fetched.previous:
        steps.insert(1, f"diff {provider}@{fetched.previous} {provider}@{revision}")
    click.echo("\n".join([*lines, f"Next: {'; '.join(f'python -m unijob_codegen {step}' for step in steps)}"]))


@click.command()
@click.pass_obj
def lock(root: Path) -> None:
    """Record the specs as they are now in specs/specs.lock.

    A fetched spec that was changed since counts as written by hand from then on.
    """
    from unijob_codegen.intake import locking  # noqa: PLC0415 - see above

    with reported():
        changed = locking.record(root, adopt=True)
    click.echo(f"specs/specs.lock {'was written' if changed else 'is up to date'}")
