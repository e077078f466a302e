"""The contracts that have a witness, and where its client lives."""

from __future__ import annotations

import atexit
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.witnesses.case import Case
from tests.witnesses.process import Process
from unijob import registry

HERE = Path(__file__).parent
CONTRACTS = tuple(
    f"{provider}@{revision}"
    for provider in registry.provider_names()
    if (HERE / "vendor" / f"{provider}.py").exists()
    for revision in registry.revisions(provider)
)


def interpreter(contract: str) -> Path:
    """The Python that has a contract's client: an environment of its own where it says which, else this one."""
    name = contract.replace("@", "-")
    if not (HERE / "environments" / f"{name}.txt").exists():
        return Path(sys.executable)
    python = Path(sys.prefix) / "witnesses" / name / "bin" / "python"
    if not python.exists():
        pytest.fail(f"the client of {contract} is not set up: `make witnesses` does it", pytrace=False)
    return python


@cache
def case(contract: str) -> Case:
    """A contract beside its witness; the client's process is started once and ends with the tests."""
    provider, _, revision = contract.partition("@")
    process = Process(interpreter(contract), provider)
    atexit.register(process.close)
    return Case(provider, revision, process)
