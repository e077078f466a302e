"""Every block of every page does what it says."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.blocks import PAGES, Block, blocks
from tests.docs.console import Console, commands
from unijob.testing import RunningSandbox

_CONFTEST = """
from hypothesis import HealthCheck, settings

settings.register_profile(
    "page", derandomize=True, max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("page")
"""
FREE = frozenset({"text"})
"""Languages that promise nothing."""


def run_python(block: Block, names: dict[str, Any]) -> None:
    """Run a block as a notebook's cell: names stay for the blocks after it, and `await` stands where it likes."""
    code = "\n" * (block.line - 1) + block.text
    compiled = compile(code, block.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    result = eval(compiled, names)
    if inspect.iscoroutine(result):
        asyncio.run(result)


def only_defines(block: Block) -> bool:
    """Whether a block can stand in a module: it imports, defines and assigns, and does nothing else."""
    if block.language != "python" or block.not_run or block.title:
        return False
    tree = compile(block.text, str(block), "exec", flags=ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    does_nothing = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
    return all(isinstance(statement, does_nothing) for statement in tree.body)


def run_tests(page: str, folder: Path) -> None:
    """Run the tests that a page shows, with what else it defines."""
    code = [block.text for block in blocks(page) if only_defines(block)]
    file = folder / "test_page.py"
    file.write_text("\n\n".join(code), encoding="utf-8")
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "--rootdir", str(folder), "-c", "/dev/null")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, file], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


READERS: Mapping[str, Callable[[str], Any]] = {"toml": tomllib.loads, "json": json.loads, "yaml": yaml.safe_load}


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs(
    page: str, unijob_sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order, against one sandbox a page; what cannot be run says why."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("UNIJOB_CONFIG")
    names: dict[str, Any] = {"__name__": "page", "sandbox": unijob_sandbox, "monkeypatch": monkeypatch}
    console = Console(tmp_path, sandbox=unijob_sandbox.url())
    for block in blocks(page):
        if block.language == "python" and block.not_run:
            compile(block.text, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        elif block.not_run or block.language in FREE:
            continue
        elif block.title is not None:
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
        elif block.language in {"python", "setup"}:
            run_python(block, names)
        elif block.language == "console":
            for command in commands(block.text):
                console.run(command)
        else:
            assert block.language in READERS, f"{block} has no language, or one that nothing here runs or reads"
            READERS[block.language](block.text)
    if any(name.startswith("test_") for name in names):
        run_tests(page, tmp_path)


def test_reasons_are_given() -> None:
    """Whoever says that a block cannot be run says why in some words."""
    for page in PAGES:
        for block in blocks(page):
            assert block.not_run is None or len(block.not_run.split()) > 3, str(block)


def test_a_page_is_cut_into_its_blocks() -> None:
    """Fences, languages, line numbers, indents, hidden setups and reasons."""
    page = (
        "a\n<!-- setup\nx = 1\n-->\n\n```python\ny = x\n```\n<!-- not run: it is a\nsketch -->\n\n"
        '   ```toml title="t"\n   a = 1\n   ```\n```\nend'
    )
    assert list(blocks("p.md", page)) == [
        Block(page="p.md", line=3, language="setup", text="x = 1\n"),
        Block(page="p.md", line=7, language="python", text="y = x\n"),
        Block(page="p.md", line=13, language="toml", text="a = 1\n", title="t", not_run="it is a sketch"),
        Block(page="p.md", line=16, language="", text="end\n"),
    ]


@pytest.mark.parametrize(
    "shown",
    [
        "$ unijob kinds --help\nUsage: unijob kings [OPTIONS]\n…\n",
        "$ unijob kinds --help\n[exit code 2]\n",
        "$ unijob get nope\n",
        "$ ls\n",
    ],
)
def test_a_wrong_console_is_found(shown: str, tmp_path: Path) -> None:
    """Other output, another exit code, a command that cannot be run here."""
    (command,) = commands(shown)
    with pytest.raises(AssertionError):
        Console(tmp_path).run(command)


def test_a_right_console_passes(tmp_path: Path, unijob_sandbox: RunningSandbox) -> None:
    """Ids and numbers may differ, and an id that was shown stands for the real one."""
    unijob_sandbox.script("mka1:eval_run", duration=600)
    text = (
        "$ unijob start mka1:eval_run suite_id=s \\\n  'models:=[\"auto\"]'\n"
        "mka1:eval_run/eval_run_00000000000000000000000000000000\n"
        "$ unijob wait mka1:eval_run/eval_run_00000000000000000000000000000000\n"
        "…\n11:11:11  mka1:eval_run/eval_run_00000000000000000000000000000000  succeeded  7/7\n"
        "$ unijob list mka1:eval_run --json | head -1\n[\n"
        "$ unijob get mka1:eval_run/nope\n…\n[exit code 7]\n"
    )
    console = Console(tmp_path)
    for command in commands(text):
        console.run(command)
