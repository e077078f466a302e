"""`unijob kinds`."""

from __future__ import annotations

import click

from unijob.cli.options import as_json, json_option, untold


@click.command()
@json_option
def kinds() -> None:
    """List the kinds of jobs and schedules, and what each can do in which revision."""
    from rich.table import Table  # noqa: PLC0415  `--help` does without

    from unijob import catalog, health  # noqa: PLC0415
    from unijob.cli.output import console, show_json  # noqa: PLC0415

    with untold():
        rows, problems = catalog.kinds(), health.problems()
    for problem in problems:
        click.echo(f"unijob: {problem}", err=True)
    if as_json():
        show_json([row.to_dict() for row in rows])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("kind", "what it is", "reference", "can"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "kind")
    for row in rows:
        for revision, capabilities in row.by_capabilities():
            table.add_row(row.name, row.title, row.reference, f"{', '.join(capabilities)}{revision}")
    console().print(table)
