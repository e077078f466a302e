"""Which modules are mutated, which tests may tell, and which of these are a module's own."""

from __future__ import annotations

from pathlib import Path

from tests.unijob import test_floors

HIGHEST = 3
"""The floor up to which modules are mutated."""
TESTS = ("tests/unijob", "tests/truth", "tests/test_oracle.py")
LEFT_OUT = frozenset({"test_floors.py", "cli", "client", "proxy", "sandbox", "sync", "testing"})
"""Tests that tell nothing of behaviour, and those of the floors above, which go by clocks and sockets."""
UNIT = "tests/unijob"
PROVIDERS = f"{UNIT}/providers"
CONTRACT = f"{UNIT}/contract"
OWN = {
    "jsontypes": f"{UNIT}/test_job.py {UNIT}/test_reading.py {UNIT}/test_parsing.py",
    "schedule": f"{UNIT}/test_schedule.py {PROVIDERS}/test_eval_schedule.py",
    "catalog": f"{UNIT}/test_kinds.py {UNIT}/test_registry.py",
    "provider": f"{UNIT}/test_registry.py",
    "startflows": PROVIDERS,
    "values": f"{UNIT}/test_ref.py {UNIT}/test_request.py {UNIT}/test_job.py",
    "discovery": f"{UNIT}/test_registry.py",
    "health": f"{UNIT}/test_registry.py",
    **dict.fromkeys(
        (f"contract.{name}" for name in ("derive", "findings", "shapes", "translate", "validators")),
        f"{CONTRACT}/test_schemas.py {CONTRACT}/test_oracle.py",
    ),
    **dict.fromkeys(
        (f"contract.{name}" for name in ("checks", "media", "operation", "requests", "responses", "styles")),
        f"{CONTRACT}/test_parameters.py {CONTRACT}/test_bodies.py",
    ),
    **dict.fromkeys(
        (f"contract.{name}" for name in ("pointers", "messages")),
        f"{CONTRACT}/test_document.py {CONTRACT}/test_engine.py {CONTRACT}/test_schemas.py",
    ),
    **dict.fromkeys(
        (f"contract.reference_{name}" for name in ("document", "findings")), f"{CONTRACT}/test_reference.py"
    ),
}
"""Of modules whose tests do not bear their name."""


def modules() -> list[str]:
    """The modules of floors 1 to 3, from the ground."""
    floors = {name: test_floors.floor(name) for name in test_floors.MODULES}
    return sorted((name for name, floor in floors.items() if floor <= HIGHEST), key=lambda name: (floors[name], name))


def floor(module: str) -> int:
    """The floor of a module."""
    return test_floors.floor(module)


def test_files() -> list[str]:
    """The files of tests that are run on mutants."""
    root = test_floors.ROOT.parent
    found = [file for name in TESTS for file in (sorted((root / name).rglob("test_*.py")) or [root / name])]
    relative = [file.relative_to(root) for file in found]
    return [str(file) for file in relative if LEFT_OUT.isdisjoint(file.parts)]


def own_of(module: str) -> list[str]:
    """The files and folders of tests that are written for a module, as ids of tests begin."""
    _, name, *rest = module.split(".")
    own = OWN.get(".".join([name, *rest]), OWN.get(name, f"{UNIT}/test_{name}.py {UNIT}/{name}"))
    if name == "providers" and len(rest) > 1:
        own = f"{PROVIDERS}/test_{rest[1]}.py"
    if name == "contract" and rest and _is_there(named := f"{CONTRACT}/test_{rest[0]}.py"):
        own = named
    return [test for test in own.split() if _is_there(test)]


def _is_there(path: str) -> bool:
    return Path(test_floors.ROOT.parent, path).exists()
