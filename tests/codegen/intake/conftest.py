"""A project to take documents in, and a promise that failures change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.intake.samples import SOURCES
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import fetching
from unijob_codegen.intake.fetching import Fetched, Request

Failing = Callable[..., AbstractContextManager[None]]
Take = Callable[..., Fetched]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one provider, `shop`, and no revision yet."""
    project = tmp_path / "project"
    (project / "specs/shop").mkdir(parents=True)
    (project / "specs/sources.toml").write_text(SOURCES, encoding="utf-8")
    return project


@pytest.fixture
def take(root: Path, tmp_path: Path) -> Take:
    """Take a document in, given as an object or as bytes."""

    def taken(document: dict[str, Any] | bytes, revision: str = "1", **options: Any) -> Fetched:
        path = tmp_path / "upstream.json"
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        provider = options.pop("provider", "shop")
        return fetching.fetch(root, Request(provider=provider, revision=revision, origin=str(path), **options))

    return taken


@pytest.fixture
def failing(root: Path) -> Failing:
    """Expect one message, and every file as it was."""

    @contextmanager
    def expected(*parts: str) -> Generator[None]:
        before = snapshot(root)
        with pytest.raises(CodegenError) as caught:
            yield
        for part in parts:
            assert part in str(caught.value)
        assert snapshot(root) == before

    return expected


def snapshot(root: Path) -> dict[str, bytes]:
    """Read every file of a project."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
