"""Tells in a moment whether the generated package is what the specs give, by digests of what goes in and what came out.

The stamp is no part of the project: it lies in a cache that Git ignores, and holds only as long as the specs, the
generator with its tools, and every generated file are still what they were when it was written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from unijob_codegen import sources
from unijob_codegen.project import Project

CACHE = ".codegen_cache"
_STAMP = "stamp.json"
_TOOLS = ("attrs", "datamodel-code-generator", "jinja2", "pyyaml", "ruff")
_GENERATOR = Path(__file__).parent

Stamp = dict[str, str]
"""The digest of what goes in and of what came out."""


def take(project: Project) -> Stamp:
    """Take the digests of everything as it is now.

    Args:
        project: the project.

    Raises:
        CodegenError: the sources cannot be read.
    """
    root, target = project.root, project.target
    paths = [root / sources.SOURCES]
    for provider in sources.read(root):
        paths += [root / revision.path for revision in provider.revisions]
    generator = [path for path in _files(_GENERATOR) if path.suffix in {".py", ".jinja2"}]
    tools = [*(f"{tool} {_version(tool)}" for tool in _TOOLS), f"python {sys.version_info[:2]}", project.package]
    return {
        "in": _digest([*_entries(root, paths), *_entries(_GENERATOR, generator), *tools]),
        "out": _digest(_entries(target, _files(target))),
    }


def is_fresh(root: Path, stamp: Stamp) -> bool:
    """Whether a stamp is the one that was written after the last generation."""
    try:
        last = json.loads((root / CACHE / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(last == stamp)


def write(root: Path, stamp: Stamp) -> None:
    """Write a stamp after a generation; a directory that cannot be written to only costs time."""
    directory = root / CACHE
    try:
        directory.mkdir(exist_ok=True)
        (directory / ".gitignore").write_text("*\n", encoding="utf-8")
        (directory / _STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    except OSError:
        return


def times(target: Path) -> dict[Path, tuple[bytes, int]]:
    """Note the content and time of every generated file."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in _files(target)}


def keep_times(target: Path, before: dict[Path, tuple[bytes, int]]) -> None:
    """Give the files that were not changed their time back, for tools that go by it."""
    for path in _files(target):
        content, time = before.get(path, (None, 0))
        if content == path.read_bytes():
            os.utime(path, ns=(time, time))


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _entries(base: Path, paths: Iterable[Path]) -> list[str]:
    return [
        f"{path.relative_to(base).as_posix()} {sha256(path.read_bytes()).hexdigest() if path.is_file() else 'missing'}"
        for path in paths
    ]


def _digest(lines: Iterable[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


def _version(tool: str) -> str:
    try:
        return version(tool)
    except PackageNotFoundError:
        return "missing"
