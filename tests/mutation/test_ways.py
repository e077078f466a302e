"""The ways to run tests on mutants, on mutants planted by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mutation import forks, replacing
from tests.mutation.finding import compiled

PLANTED = """
import json, sys
from pathlib import Path
from tests.mutation.finding import Mutant, path_of
from tests.mutation.mapping import mapped
from tests.mutation.reporting import Results
from tests.mutation.running import preload
from tests.mutation.ways import Runner

MODULE, FILES, KEPT = "unijob.timestamps", ["tests/unijob/test_timestamps.py"], Path(sys.argv[1])
SOURCE = path_of(MODULE).read_text(encoding="utf-8")

def planted(number, before, after):
    assert before in SOURCE
    line = SOURCE[: SOURCE.index(before)].count("\\n") + 1
    changed = SOURCE.replace(before, after, 1)
    return Mutant(module=MODULE, operator="planted", occurrence=number, line=line, before="", after="", changed=changed)

preload()
mutants = [planted(number, *change) for number, change in enumerate(json.loads(sys.argv[2]))]
results = {MODULE: Results(KEPT, MODULE, "")}
Runner(known=mapped(KEPT, FILES, 1), results=results, budget=10, jobs=1).run(mutants)
rows = results[MODULE].rows.values()
print(json.dumps([[row["killed"], row["in_place"]] for row in rows]))
"""


CHANGES = [
    ('if second == "60":', 'if second != "60":'),
    ("_ZERO = datetime(1, 1, 1,", "_ZERO = datetime(2, 1, 1,"),
    ("if zulu is None and offset is None:", "if offset is None and zulu is None:"),
]


def test_every_way_tells_what_is_planted(tmp_path: Path) -> None:
    """A change of a function is told in place, one of a module afresh, and one that changes nothing by no test."""
    command = [sys.executable, "-c", PLANTED, str(tmp_path), json.dumps(CHANGES)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert json.loads(said.stdout.splitlines()[-1]) == [[True, True], [True, False], [False, True]]


LIVING = """
import asyncio
from functools import cache

LIMIT = 1

def plain():
    return 1

def generator():
    yield 1

async def coroutine():
    return 1

@cache
def cached():
    return 1

def outer():
    def inner():
        return 1
    return inner

closure = outer()

class Held:
    STEP = 1

    @property
    def held(self):
        return 1

    def method(self, by=1):
        return 0 + 1

WAYS = {
    "plain": plain,
    "generator": lambda: next(generator()),
    "coroutine": lambda: asyncio.run(coroutine()),
    "cached": cached,
    "inner": closure,
    "held": lambda: Held().held,
    "method": lambda: Held().method(),
}
"""


@pytest.fixture
def living() -> dict[str, Any]:
    """A module of functions that live, each of which was called."""
    names: dict[str, Any] = {"__name__": "living"}
    exec(compiled(LIVING, "living.py"), names)
    assert {way() for way in names["WAYS"].values()} == {1}
    return names


@pytest.mark.parametrize("name", ["plain", "generator", "coroutine", "cached", "inner", "held", "method"])
def test_a_living_function_does_what_its_changed_source_says(living: dict[str, Any], name: str) -> None:
    """Whatever holds on to a function gets what is new, and every other function stays as it was."""
    head, define, rest = LIVING.partition(f"def {name}(")
    changed = head + define + rest.replace("1\n", "1 + 1\n", 1)
    assert replacing.replace(LIVING, changed, "living.py", replacing.living())
    living["cached"].cache_clear()
    assert {one: way() for one, way in living["WAYS"].items()} == {**dict.fromkeys(living["WAYS"], 1), name: 2}


@pytest.mark.parametrize("before", ["LIMIT = 1", "STEP = 1", "by=1", "@cache\n"])
def test_what_runs_at_import_is_not_changed_in_place(living: dict[str, Any], before: str) -> None:
    """A constant, an attribute of a class, a default and a decorator have to be imported afresh."""
    changed = LIVING.replace(before, before.replace("1", "2") if "1" in before else "")
    with pytest.raises(replacing.NotInPlace):
        replacing.replace(LIVING, changed, "living.py", replacing.living())
    assert {way() for way in living["WAYS"].values()} == {1}


def test_forks_give_what_their_work_gives_or_nothing() -> None:
    """One that is ended gives nothing, like one that waits for nothing for too long."""
    work = [("sum", lambda: 1 + 1), ("ended", lambda: os.kill(os.getpid(), signal.SIGKILL))]
    assert {key: ended.value for key, ended in forks.side_by_side(work, 2)} == {"sum": 2, "ended": None}


def test_a_fork_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told from one that is not let work."""
    monkeypatch.setattr(forks, "STALLED", 0.01)
    ((_, ended),) = forks.side_by_side([("waits", signal.pause)], 1)
    assert ended.value is None


def test_work_that_fails_is_no_kill() -> None:
    """What goes wrong in the runner itself ends the run, with where it happened."""
    with pytest.raises(RuntimeError, match=r"divided(?s:.*)ZeroDivisionError"):
        list(forks.side_by_side([("divided", lambda: 1 / 0)], 1))
