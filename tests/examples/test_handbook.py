"""The example project of a user: its own tests, by its own settings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "examples" / "handbook"


def test_its_tests_pass(tmp_path: Path) -> None:
    """With pytest alone, as in an environment that has nothing but unijob and pytest."""
    project = shutil.copytree(PROJECT, tmp_path / "handbook", ignore=shutil.ignore_patterns("__pycache__"))
    alone = ("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:hypothesispytest", "-p", "no:typeguard")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", *alone], cwd=project, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "9 passed" in ended.stdout
