"""`unijob kinds`."""

from __future__ import annotations

import click
import orjson
from rich.console import Console
from rich.table import Table

from unijob import catalog


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def kinds(*, as_json: bool) -> None:
    """List the kinds of jobs and schedules, and what each can do in which revision."""
    rows = catalog.kinds()
    if as_json:
        click.echo(orjson.dumps([row.to_dict() for row in rows], option=orjson.OPT_INDENT_2).decode())
        return
    table = Table("kind", "what it is", "reference", "can", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        for revision, capabilities in row.by_capabilities():
            table.add_row(row.name, row.title, row.reference, f"{', '.join(capabilities)}{revision}")
    Console(markup=False).print(table)
