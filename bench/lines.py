"""How many lines a job kind takes: hand-written code, without blank lines, comments and docstrings."""

from __future__ import annotations

import ast
from pathlib import Path

from rich.console import Console
from rich.table import Table

from unijob import registry


def code_lines(path: Path) -> int:
    """The lines of a module that hold code."""
    source = path.read_text()
    tree = ast.parse(source)
    prose: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            prose.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(source.splitlines(), start=1)
    return sum(1 for n, line in lines if n not in prose and line.strip() and not line.lstrip().startswith("#"))


def main() -> None:
    """Print the lines of each kind's module."""
    table = Table("kind", "lines of code", "lines in all", title="Hand-written code per job kind")
    for name in registry.kind_names():
        path = Path(registry.load(registry.kind_location(name).partition(":")[0] + ":__file__"))
        table.add_row(name, str(code_lines(path)), str(len(path.read_text().splitlines())))
    Console().print(table)
