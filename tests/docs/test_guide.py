"""The page "Add a provider" is walked word for word: its files are written, its commands run, from an empty folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import ADD_A_PROVIDER, blocks
from tests.docs.console import Console, Ended, commands
from tests.providers.environment import OFFLINE, make

_FEWER = """
from hypothesis import settings

settings.register_profile("page", derandomize=True, max_examples=10)
settings.load_profile("page")
"""


class Shell(Console):
    """Runs every command of a page by bash, in an environment that has nothing but unijob.

    Args:
        folder: the working directory.
        scripts: the environment's commands.
    """

    def __init__(self, folder: Path, scripts: Path) -> None:
        super().__init__(folder)
        self._cwd = folder
        path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**os.environ, **OFFLINE, "PATH": path, "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"}

    def _one(self, line: str) -> Ended:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self._cwd,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Ended(output=done.stdout, code=done.returncode)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    folder = tmp_path / "project"
    folder.mkdir()
    return Shell(folder, make(tmp_path / "environment").resolve())


def test_the_guide_leads_to_a_provider_that_passes(shell: Shell, tmp_path: Path) -> None:
    """Each file is as the page shows it, each command ends well and prints what the page says."""
    folder = tmp_path / "project"
    (folder / "tests").mkdir()
    (folder / "tests/conftest.py").write_text(_FEWER, encoding="utf-8")
    seen: list[str] = []
    for block in blocks(ADD_A_PROVIDER):
        assert (block.title is None) is (block.language == "console"), block
        if block.title is not None:
            target = folder / block.title
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        for command in commands(block.text) if block.language == "console" else ():
            shell.run(command)
            seen.append(command.line.partition(" ")[0])
    assert seen == [
        "pip",
        "unijob-codegen",
        "unijob-codegen",
        "touch",
        "pip",
        "unijob",
        "unijob-codegen",
        "pytest",
        "python",
    ]
