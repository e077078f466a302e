"""Each module imports only its own floor and those below, and only the providers name a vendor."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).parents[2] / "adapters"

# The longest name that fits decides: `unijob.providers.mka1` is on the floor of `unijob.providers`.
FLOORS = {
    1: "jsontypes errors job redact ref schedule timestamps values",
    2: "contract converter parameters request",
    3: (
        "catalog discovery health kinds outcomes parsing provider providers reading registry signals startflows tables"
    ),
    4: "client",
    5: "cli proxy sandbox sync testing",
}
FACE = 5
FLOOR_OF = {f"unijob.{name}": floor for floor, names in FLOORS.items() for name in names.split()} | {"unijob": FACE}
VENDORS = re.compile(r"mka1|meetkai|gradient|digital\s?ocean", re.IGNORECASE)
EXAMPLE = re.compile(r"\bas in \S+")


@attrs.frozen
class Import:
    """One import of a module of unijob."""

    module: str
    line: int
    for_types: bool
    deferred: bool


@cache
def modules() -> dict[str, Path]:
    """Every module of unijob by its name."""
    found: dict[str, Path] = {}
    for path in sorted((ROOT / "unijob").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = sorted(modules())


@cache
def tree(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def floor(module: str) -> int:
    """The floor of a module; what a provider does in the sandbox belongs to the faces."""
    parts = module.split(".")
    if parts[1:2] == ["providers"] and "sandbox" in parts:
        return FACE
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        if name in FLOOR_OF and (end > 1 or name == module):
            return FLOOR_OF[name]
    pytest.fail(f"{module} has no floor: give it one in FLOORS of {Path(__file__).name}")


def imports(module: str) -> Iterator[Import]:
    """Every import of a module of unijob."""
    yield from _imports(tree(module), module, for_types=False, deferred=False)


def _imports(node: ast.AST, module: str, *, for_types: bool, deferred: bool) -> Iterator[Import]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        for inner in node.body:
            yield from _imports(inner, module, for_types=True, deferred=deferred)
        for inner in node.orelse:
            yield from _imports(inner, module, for_types=for_types, deferred=deferred)
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for name in _targets(node, module):
            yield Import(name, node.lineno, for_types, deferred)
    deferred = deferred or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, module, for_types=for_types, deferred=deferred)


def _targets(node: ast.Import | ast.ImportFrom, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        base = node.module or ""
        if node.level:
            is_package = modules()[module].name == "__init__.py"
            above = module.split(".")[: len(module.split(".")) - node.level + is_package]
            base = ".".join([*above, *([base] if base else [])])
        names = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base for alias in node.names]
    yield from (name for name in names if name.split(".")[0] == "unijob")


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_floor(module: str) -> None:
    """A new module is put on a floor."""
    assert floor(module) in FLOORS


@pytest.mark.parametrize("module", MODULES)
def test_imports_lead_downwards(module: str) -> None:
    """A module imports its own floor and those below, for types too."""
    upwards = [
        f"{module}:{found.line} (floor {floor(module)}) imports {found.module} (floor {floor(found.module)})"
        for found in imports(module)
        if floor(found.module) > floor(module)
    ]
    assert upwards == []


def test_no_circles() -> None:
    """Without what is only for types or imported when called, modules import each other in no circle."""
    graph = {
        module: {found.module for found in imports(module) if not found.for_types and not found.deferred} - {module}
        for module in MODULES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_nothing_at_run_time_imports_the_generator() -> None:
    """Neither the library nor generated code needs what generated it."""
    root = ROOT.parent
    for path in (*ROOT.rglob("*.py"), *(root / "generated").rglob("*.py")):
        assert not re.search(r"\b(from|import) unijob_codegen\b", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("module", [f"unijob.{name}" for name in FLOORS[1].split()])
def test_the_domain_knows_no_wire(module: str) -> None:
    """The domain imports no HTTP, no JSON, and nothing that is generated."""
    heavy = {"aiohttp", "orjson", "cattrs", "jsonschema_rs", "unijob_models", "asyncio", "json"}
    found = {
        name.split(".")[0]
        for node in ast.walk(tree(module))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert found & heavy == set()


def named(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Every identifier and every string below a node, but for strings that stand alone: those are docstrings."""
    for child in ast.iter_child_nodes(node):
        line = getattr(child, "lineno", 0)
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        for field in ("id", "attr", "name", "arg", "module", "asname", "value"):
            text = getattr(child, field, None)
            if isinstance(text, str):
                yield line, text
        yield from named(child)


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith("unijob.providers.")])
def test_only_providers_name_a_vendor(module: str) -> None:
    """Outside `providers/` no code and no text names a vendor; an example in a docstring, or after "as in", may."""
    told = [(line, EXAMPLE.sub("", text)) for line, text in named(tree(module))]
    assert [f"{module}:{line} {text!r}" for line, text in told if VENDORS.search(text)] == []


def test_no_line_names_a_provider_from_outside() -> None:
    """The example of one is found by its entry point alone; a header that other vendors send too is called so."""
    for path in ROOT.rglob("*.py"):
        assert not re.search(r"openai(?!-poll-after-ms)", path.read_text(encoding="utf-8"), re.IGNORECASE), path


def test_a_provider_names_no_other() -> None:
    """A provider's package says nothing of another's."""
    for module in MODULES:
        own = module.split(".")[2] if module.startswith("unijob.providers.") else None
        others = {found.module for found in imports(module) if found.module.startswith("unijob.providers.")}
        assert {name.split(".")[2] for name in others} <= ({own} if own else set()), module
