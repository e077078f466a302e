"""What `unijob` itself gives: each name from where it is, imported when it is asked for."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import unijob


def declared() -> dict[str, str]:
    """Each name that type checkers see, and the module that they see it in."""
    tree = ast.parse(Path(unijob.__file__ or "").read_text(encoding="utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: node.module or ""
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("name", unijob.__all__)
def test_a_name_is_what_type_checkers_take_it_for(name: str) -> None:
    """At run time it comes from the module that the declaration names."""
    assert getattr(unijob, name) is getattr(importlib.import_module(declared()[name]), name)


def test_all_that_is_declared_is_public() -> None:
    """Nothing is declared for type checkers alone."""
    assert sorted(declared()) == sorted(unijob.__all__)
    assert set(unijob.__all__) <= set(dir(unijob))


@pytest.mark.parametrize("name", ["Jobs", "aiohttp", "__path"])
def test_no_such_name(name: str) -> None:
    """It is an attribute that is missing, as of any module."""
    with pytest.raises(AttributeError, match=f"^module 'unijob' has no attribute '{name}'$"):
        getattr(unijob, name)


def test_modules_of_names_are_there_too() -> None:
    """In a fresh interpreter `unijob.errors.JobFailed` needs no import of its own, and nothing is imported before."""
    code = (
        "import sys, unijob\n"
        "print([name for name in sys.modules if name.startswith('unijob.')])\n"
        "print(unijob.errors.JobFailed is unijob.JobFailed, unijob.client.JobClient is unijob.JobClient)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True True"]
