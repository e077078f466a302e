"""Puts a generated tree in its place, whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from codegen.errors import CodegenError
from codegen.generation import write

_PACKAGE = "unijob_models"
_IMPORT_ALL = """
import sys, importlib, pathlib, inspect
base = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(base.parent))
import attrs
for path in sorted(base.rglob("*.py")):
    parts = path.relative_to(base.parent).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    try:
        module = importlib.import_module(name)
        if pathlib.Path(module.__file__) != path:
            raise ImportError(f"{module.__file__} was imported instead of {path}")
        for value in list(vars(module).values()):
            if inspect.isclass(value) and attrs.has(value) and value.__module__ == name:
                attrs.resolve_types(value, globalns=vars(module), localns={})
        if name.endswith(".operations"):
            module.CONTRACT.document()
    except Exception as error:
        sys.exit(f"{name}: {type(error).__name__}: {error}")
"""


def differences(target: Path, tree: Mapping[str, bytes]) -> list[str]:
    """Say which files of a tree are stale, missing or extra.

    Args:
        target: the directory that should hold the tree.
        tree: what it should hold.
    """
    there = {
        path.relative_to(target).as_posix(): path
        for path in sorted(target.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    found: list[str] = []
    for path in sorted({*there, *tree}):
        if path not in tree:
            found.append(f"extra: {path}")
        elif path not in there:
            found.append(f"missing: {path}")
        elif there[path].read_bytes() != tree[path]:
            found.append(f"stale: {path}")
    return found


def replace(target: Path, tree: Mapping[str, bytes]) -> list[str]:
    """Put a tree in the place of a directory, after importing it; the old one stays if anything fails.

    Args:
        target: the directory of the package.
        tree: what it shall hold.

    Returns:
        What was stale, missing or extra.

    Raises:
        CodegenError: the generated code does not import, or cannot be written.
    """
    changes = differences(target, tree)
    if not changes:
        return changes
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as directory:
            new = Path(directory) / _PACKAGE
            write(new, tree)
            import_all(new)
            _swap(new, target, Path(directory) / "old")
    except OSError as error:
        raise CodegenError(f"{target}: cannot be written: {error.strerror}") from error
    return changes


def import_all(package: Path) -> None:
    """Import every module of a package and resolve its annotations, in a process of its own.

    Raises:
        CodegenError: names the module and what happened.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", _IMPORT_ALL, str(package)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - our own
    if done.returncode != 0:
        raise CodegenError(f"the generated code does not import, nothing was changed:\n  {done.stderr.strip()}")


def _swap(new: Path, target: Path, old: Path) -> None:
    if not target.exists():
        new.rename(target)
        return
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
