"""The mutants of a module: Cosmic Ray's, without those that cannot be told from the original."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).parents[2] / "adapters"
Position = tuple[int, int]


@attrs.frozen(kw_only=True)
class Mutant:
    """One change of one module.

    Args:
        module: its dotted name.
        operator: the operator that changes it, and which of its changes this is.
        occurrence: counted in the module.
        line: where, from 1.
        before: the first line that differs, as it was.
        after: the same, changed.
    """

    module: str
    operator: str
    occurrence: int
    line: int
    before: str
    after: str

    @property
    def change(self) -> str:
        """What tells it from others, also when lines move."""
        return f"{self.before} → {self.after}"

    def source(self) -> str:
        """The module's changed source."""
        return _mutated(path_of(self.module).read_text(encoding="utf-8"), self.operator, self.occurrence)


def path_of(module: str) -> Path:
    """The file of a module."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def mutants(module: str) -> Iterator[Mutant]:
    """Every change that Cosmic Ray knows of a module, but for those of no effect."""
    plugins, nodes = _tool("plugins"), _tool("ast")
    source = path_of(module).read_text(encoding="utf-8")
    tree, without_effect = nodes.get_ast(source), list(_without_effect(ast.parse(source)))
    for name in sorted(plugins.operator_names()):
        operator = plugins.get_operator(name)
        if operator.arguments():
            continue
        positions = (found for node in nodes.ast_nodes(tree) for found in operator().mutation_positions(node))
        for occurrence, (start, end) in enumerate(positions):
            if any(first <= start and end <= last for first, last in without_effect):
                continue
            changed = _mutated(source, name, occurrence)
            pairs = zip(source.splitlines(), changed.splitlines(), strict=False)
            line, before, after = next((n, a, b) for n, (a, b) in enumerate(pairs, 1) if a != b)
            yield Mutant(
                module=module,
                operator=name.removeprefix("core/"),
                occurrence=occurrence,
                line=line,
                before=before.strip(),
                after=after.strip(),
            )


def _mutated(source: str, operator: str, occurrence: int) -> str:
    chosen = _tool("plugins").get_operator(f"core/{operator.removeprefix('core/')}")()
    found: tuple[str, str | None] | str = _tool("mutating").mutate_code(source, chosen, occurrence)
    changed = found if isinstance(found, str) else found[1]
    assert changed is not None
    return changed


def _tool(name: str) -> Any:
    """A module of Cosmic Ray, which only `make mutants` installs."""
    return importlib.import_module(f"cosmic_ray.{name}")


def _without_effect(tree: ast.Module) -> Iterator[tuple[Position, Position]]:
    """Places where a change is none: annotations, what is only for type checkers, and caching."""
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr() as noted) | ast.AnnAssign(annotation=noted):
                yield _span(noted)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if node.returns is not None:
                    yield _span(node.returns)
                for decorator in node.decorator_list:
                    if ast.unparse(decorator) in {"overload", "cache", "lru_cache", "property", "override"}:
                        yield (decorator.lineno, 0), (decorator.end_lineno or 0, 10_000)
            case ast.If() if "TYPE_CHECKING" in ast.unparse(node.test):
                yield _span(node)
            case ast.Assign() if isinstance(node.value, ast.BinOp) and "Any" in ast.unparse(node.value):
                yield _span(node)
            case ast.Call(func=ast.Name(id="cast" | "TypeVar")):
                yield _span(node)
            case _:
                pass


def _span(node: ast.stmt | ast.expr) -> tuple[Position, Position]:
    return (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
