"""The mutants of a module: Cosmic Ray's, without those that cannot be told from the original."""

from __future__ import annotations

import ast
import importlib
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

import attrs

from tests.mutation import forks

ROOT = Path(__file__).parents[2] / "adapters"
Position = tuple[int, int]
# Equal texts and numbers may be one object or two: `is` beside `==` asks for what CPython happens to do.
SAME = re.compile(r"Comparison\w*_(?:(?!Is_|IsNot_)[A-Za-z]+_(?:Is|IsNot)|Is_Eq|IsNot_NotEq)$")


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
        changed: the module's changed source.
    """

    module: str
    operator: str
    occurrence: int
    line: int
    before: str
    after: str
    changed: str = attrs.field(repr=False)

    @property
    def change(self) -> str:
        """What tells it from others, also when lines move."""
        return f"{self.before} → {self.after}"


def path_of(module: str) -> Path:
    """The file of a module."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def compiled(source: str, path: str) -> CodeType:
    """Code, without a word on what is strange in it: to change it is the point."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(source, path, "exec", dont_inherit=True)
    return code


def mutants(module: str) -> Iterator[Mutant]:
    """Every change that Cosmic Ray knows of a module, but for those of no effect."""
    plugins, nodes = _tool("plugins"), _tool("ast")
    source = path_of(module).read_text(encoding="utf-8")
    code = compiled(source, "")
    tree, without_effect = nodes.get_ast(source), list(_without_effect(ast.parse(source)))
    for name in sorted(plugins.operator_names()):
        operator = plugins.get_operator(name)
        if operator.arguments() or SAME.search(name):
            continue
        positions = (found for node in nodes.ast_nodes(tree) for found in operator().mutation_positions(node))
        for occurrence, (start, end) in enumerate(positions):
            if any(first <= start and end <= last for first, last in without_effect):
                continue
            changed = _mutated(source, name, occurrence)
            if changed is None or _same(changed, code):
                continue
            pairs = zip(source.splitlines(), changed.splitlines(), strict=False)
            line, before, after = next((n, a, b) for n, (a, b) in enumerate(pairs, 1) if a != b)
            yield Mutant(
                module=module,
                operator=name.removeprefix("core/"),
                occurrence=occurrence,
                line=line,
                before=before.strip(),
                after=after.strip(),
                changed=changed,
            )


def kept(folder: Path, modules: Sequence[str], jobs: int) -> dict[str, Sequence[Mutant]]:
    """The mutants of modules, in order of their lines, kept in files while the modules are the same."""
    found = dict[str, Sequence[Mutant]]()
    for module, ended in forks.side_by_side(((name, partial(_kept, folder, name)) for name in modules), jobs):
        found[module] = [Mutant(**row) for row in ended.value]
    return {name: found[name] for name in modules}


def _kept(folder: Path, module: str) -> list[dict[str, Any]]:
    path, files = folder / f"{module}.found.json", (path_of(module), Path(__file__))
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    whole: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {"source": None}
    if whole["source"] != source:
        ones = sorted(mutants(module), key=lambda one: (one.line, one.operator, one.occurrence))
        whole = {"source": source, "mutants": [attrs.asdict(one) for one in ones]}
        path.write_text(json.dumps(whole))
    rows: list[dict[str, Any]] = whole["mutants"]
    return rows


def _mutated(source: str, operator: str, occurrence: int) -> str | None:
    """The changed source; None where the operator cannot do what it offers, as for `except (errors.A, errors.B)`."""
    try:
        found = _tool("mutating").mutate_code(source, _tool("plugins").get_operator(operator)(), occurrence)
    except AttributeError:
        return None
    changed: str | None = found if isinstance(found, str) else found[1]
    return changed


def _same(changed: str, code: CodeType) -> bool:
    """Whether changed source does the same, or is no Python."""
    try:
        return compiled(changed, "") == code
    except SyntaxError:
        return True


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
