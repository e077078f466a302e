"""Finds everything that is not as it should be between specs, lock, generated code and status tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from codegen import decoding, documents, sources, tree
from codegen.errors import CodegenError
from codegen.generation import generate
from codegen.intake import defects, lock, overlay

TARGET = "generated/unijob_models"
_GAPS = "import json; from unijob import tables; print(json.dumps(tables.gaps()))"


def problems(root: Path) -> list[str]:
    """List all problems of a project.

    Args:
        root: the project's root.
    """
    try:
        providers = sources.read(root)
    except CodegenError as error:
        return [str(error)]
    paths = [revision.path for provider in providers for revision in provider.revisions]
    found = [problem for path in paths for problem in _spec(root, path)]
    found += [problem for provider in providers for problem in _overlay(root, provider.name)]
    found += lock.problems(root, [path.removeprefix("specs/") for path in paths])
    return [*found, *_generated(root), *_gaps(root)]


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


def _generated(root: Path) -> list[str]:
    try:
        changes = tree.differences(root / TARGET, generate(root))
    except CodegenError as error:
        return [f"nothing can be generated: {error}"]
    return [f"{TARGET} is not what the specs give: run `make` ({', '.join(changes)})"] if changes else []


def _gaps(root: Path) -> list[str]:
    """Ask the adapters of this project, not those that may be installed, which wire values no table lists."""
    path = os.pathsep.join(str(root / name) for name in ("adapters", "generated"))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", _GAPS]
    done = subprocess.run(  # noqa: S603 - our own
        command, capture_output=True, text=True, check=False, env=environment, cwd=root
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        return [f"the status tables cannot be read: {lines[-1]}"]
    return [str(gap) for gap in json.loads(done.stdout)]
