"""A project of its own for each test, and its generated package beside the real one."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
import yaml

import unijob_models
from unijob_codegen import project as projects
from unijob_codegen.generation import generate, write

SOURCES = """
[providers.probe]
title = "Probe"

[[providers.probe.revisions]]
revision = "1"
file = "probe/1.yaml"
"""


PYPROJECT = """
[tool.unijob-codegen]
package = "unijob_models"
output = "generated"
"""


class Project:
    """A project with one provider, `probe`, of one revision."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("specs/sources.toml", SOURCES)
        self.write("pyproject.toml", PYPROJECT)

    @property
    def told(self) -> projects.Project:
        return projects.read(self.root)

    @property
    def target(self) -> Path:
        return self.told.target

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text), encoding="utf-8")

    def spec(self, document: str | dict[str, Any]) -> None:
        text = document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False)
        self.write("specs/probe/1.yaml", text)

    def schemas(self, schemas: dict[str, Any], *, version: str = "3.1.0") -> None:
        """Write a spec of components alone."""
        self.spec(document(schemas, version=version))

    def generate(self) -> dict[str, bytes]:
        return generate(self.told)


def document(
    schemas: dict[str, Any] | None = None, paths: dict[str, Any] | None = None, *, version: str = "3.1.0"
) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "Probe", "version": "1"},
        "paths": paths or {},
        "components": {"schemas": schemas or {}},
    }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def use(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Generate the project, and import modules of `unijob_models.probe` by name."""

    def load(module: str) -> ModuleType:
        if not project.target.exists():
            write(project.target, project.generate())
        return importlib.import_module(f"unijob_models.probe.{module}")

    monkeypatch.setattr(unijob_models, "__path__", [*unijob_models.__path__, str(project.target)])
    yield load
    for name in [name for name in sys.modules if name.startswith("unijob_models.probe")]:
        del sys.modules[name]


@pytest.fixture
def models(project: Project, use: Callable[[str], ModuleType]) -> Callable[..., Any]:
    """Generate models from schemas alone, and import them."""

    def generated(schemas: dict[str, Any], *, version: str = "3.1.0") -> Any:
        project.schemas(schemas, version=version)
        return use("v1.models")

    return generated
