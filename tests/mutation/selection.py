"""Which modules are mutated, and which tests are run on each: its own first, then those of what is built on it."""

from __future__ import annotations

from pathlib import Path

from tests.mutation.finding import ROOT

FLOORS = (
    "jsontypes errors job redact ref schedule timestamps",
    "contract converter parameters request",
    "catalog kinds outcomes parsing provider providers reading registry startflows tables",
)
UNIT = "tests/unijob"
TRUTH = "tests/truth"
PROVIDERS = f"{UNIT}/providers"
OWN = {
    "jsontypes": f"{UNIT}/test_job.py {UNIT}/test_reading.py {UNIT}/test_parsing.py",
    "redact": f"{UNIT}/test_redact.py",
    "schedule": f"{UNIT}/test_schedule.py {PROVIDERS}/test_eval_schedule.py",
    "contract": f"{UNIT}/contract",
    "converter": f"{UNIT}/test_converter.py {UNIT}/converter",
    "catalog": f"{UNIT}/test_kinds.py {UNIT}/test_registry.py {UNIT}/cli/test_group.py",
    "provider": f"{UNIT}/test_registry.py {UNIT}/client/test_http.py",
    "startflows": f"{PROVIDERS} {UNIT}/client/test_starting.py",
}
FURTHER = {
    "contract": "tests/test_oracle.py",
    "converter": f"{UNIT}/test_parsing.py {PROVIDERS}/test_suite.py",
    "errors": f"{UNIT}/client/test_retries.py {UNIT}/client/test_http.py {UNIT}/cli/test_problems.py",
    "kinds": f"{UNIT}/client/test_listing.py {UNIT}/client/test_job_client.py",
    "parameters": f"{UNIT}/test_request.py {UNIT}/client/test_listing.py {PROVIDERS}/test_suite.py",
    "request": f"{UNIT}/client/test_starting.py {PROVIDERS}/test_suite.py",
    "redact": f"{UNIT}/client/test_secrets.py",
}
KINDS = f"{UNIT}/test_parsing.py {TRUTH} {PROVIDERS}"
"""What tells of floors 1 and 3 beside their own tests."""
WIRE = frozenset({"contract", "converter", "parameters", "request", "errors", "redact"})


def modules() -> list[str]:
    """The modules of floors 1 to 3, without what lives in the sandbox."""
    names = " ".join(FLOORS).split()
    files = [file for name in names for file in _files(name) if "sandbox" not in file.parts]
    return [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]


def _files(name: str) -> list[Path]:
    path = ROOT / "unijob" / name
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def tests_of(module: str) -> list[str]:
    """The tests to run on a module, the likeliest to find something first."""
    _, name, *rest = module.split(".")
    own = OWN.get(name, f"{UNIT}/test_{name}.py")
    if name == "providers" and len(rest) > 1:
        own = f"{PROVIDERS}/test_{rest[1]}.py"
    further = FURTHER.get(name, "")
    named = f"{own} {further} {'' if name in WIRE else KINDS}".split()
    found = [test for test in dict.fromkeys(named) if (ROOT.parent / test).exists()]
    if name == "contract":
        found = [f"{UNIT}/contract/test_{rest[0]}.py", *found] if rest and _is_there(rest[0]) else found
    return found


def _is_there(name: str) -> bool:
    return (ROOT.parent / UNIT / "contract" / f"test_{name}.py").exists()
