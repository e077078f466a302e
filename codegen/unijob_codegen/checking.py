"""Finds everything that is not as it should be between specs, lock, generated code and status tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from unijob_codegen import decoding, documents, sources, tree
from unijob_codegen.errors import CodegenError
from unijob_codegen.generation import generate
from unijob_codegen.intake import defects, lock, overlay
from unijob_codegen.project import Project

_GAPS = """
import json, sys
from unijob import registry, tables
missing = [name for name in sys.argv[1:] if name not in registry.provider_names()]
kinds = [name for name in registry.kind_names() if name.partition(":")[0] in sys.argv[1:]]
print(json.dumps([missing, tables.gaps(map(registry.kind, kinds))]))
"""
_MISSING = "provider {} is not installed, so its status tables cannot be checked: pip install --editable ."


def problems(project: Project) -> list[str]:
    """List all problems of a project.

    Args:
        project: the project.
    """
    root = project.root
    try:
        providers = sources.read(root)
    except CodegenError as error:
        return [str(error)]
    paths = [revision.path for provider in providers for revision in provider.revisions]
    found = [problem for path in paths for problem in _spec(root, path)]
    found += [problem for provider in providers for problem in _overlay(root, provider.name)]
    found += lock.problems(root, [path.removeprefix("specs/") for path in paths])
    return [*found, *_generated(project), *_gaps(project, [provider.name for provider in providers])]


def _spec(root: Path, path: str) -> list[str]:
    try:
        document = documents.load(root / path, shown=path)
    except CodegenError as error:
        return [str(error)]
    return [f"{path}: {defect}" for defect in defects.find(document.content)]


def _overlay(root: Path, provider: str) -> list[str]:
    shown = f"specs/{provider}/overlay.yaml"
    path = root / shown
    if not path.is_file():
        return []
    try:
        overlay.actions(decoding.decode(path.read_bytes(), shown=shown), shown=shown)
    except CodegenError as error:
        return [str(error)]
    return []


def _generated(project: Project) -> list[str]:
    try:
        changes = tree.differences(project.target, generate(project))
    except CodegenError as error:
        return [f"nothing can be generated: {error}"]
    return [f"{project.shown} is not what the specs give: generate it ({', '.join(changes)})"] if changes else []


def _gaps(project: Project, providers: Iterable[str]) -> list[str]:
    """Ask the adapters of this project, not those that may be installed, which wire values no table lists."""
    path = os.pathsep.join(str(project.root / name) for name in project.paths)
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", _GAPS, *providers]
    done = subprocess.run(  # noqa: S603 - our own
        command, capture_output=True, text=True, check=False, env=environment, cwd=project.root
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        return [f"the status tables cannot be read: {lines[-1]}"]
    missing, gaps = json.loads(done.stdout)
    return [*(_MISSING.format(provider) for provider in missing), *gaps]
