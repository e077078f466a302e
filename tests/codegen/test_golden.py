"""The very bytes that small documents give. `UPDATE_GOLDEN=1` writes them anew, for a diff to be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["v30", "v31"])
def test_golden_output(project: Any, name: str) -> None:
    """Models, operations, packed contract and the modules around them are what was read and approved."""
    project.spec((GOLDEN / f"{name}.yaml").read_text(encoding="utf-8"))
    found = {path: data for path, data in project.generate().items() if path.startswith("probe/")}
    expected = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        for path, data in found.items():
            target = expected / f"{path.replace('/', '.')}.txt"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(data)
    assert {f"{path.replace('/', '.')}.txt": data for path, data in found.items()} == {
        path.name: path.read_bytes() for path in expected.iterdir()
    }
