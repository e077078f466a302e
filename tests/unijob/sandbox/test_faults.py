"""Which requests faults strike."""

from __future__ import annotations

from typing import Any

import pytest

from unijob.errors import InvalidArgument
from unijob.sandbox.faults import Fault, Faults

OPERATIONS = {"a": frozenset({"get", "list"}), "b": frozenset({"read"})}
KINDS = {"a:job": frozenset({"get"})}


@pytest.fixture
def faults() -> Faults:
    return Faults(1, OPERATIONS, KINDS)


def hits(faults: Faults, count: int = 10, operation: str = "get") -> list[int]:
    return [number for number in range(1, count + 1) if faults.before("a", operation)]


@pytest.mark.parametrize(
    ("settings", "struck"),
    [
        ({}, [1]),
        ({"times": 3}, [1, 2, 3]),
        ({"after": 4}, [5]),
        ({"every": 3}, [3, 6, 9]),
        ({"every": 3, "times": 2}, [3, 6]),
        ({"every": 2, "after": 3}, [5, 7, 9]),
        ({"probability": 0}, []),
        ({"probability": 1}, list(range(1, 11))),
        ({"provider": "b"}, []),
        ({"operation": "list"}, []),
        ({"kind": "a:job", "operation": "get"}, [1]),
    ],
)
def test_how_often(faults: Faults, settings: dict[str, Any], struck: list[int]) -> None:
    """Once, so many times, after some, each so-many-th, by chance, or for some requests only."""
    faults.add("error", **settings)
    assert hits(faults) == struck


def test_a_kinds_fault_spares_other_operations(faults: Faults) -> None:
    """A fault of a kind strikes that kind's operations alone."""
    faults.add("drop", kind="a:job", times=9)
    assert not hits(faults, operation="list")
    assert hits(faults) == list(range(1, 10))


def test_chance_follows_from_the_seed() -> None:
    """The same seed strikes the same requests, another one others."""
    patterns: list[list[int]] = []
    for seed in (1, 1, 2):
        made = Faults(seed, OPERATIONS, KINDS)
        made.add("error", probability=0.5)
        patterns.append(hits(made, 40))
    assert patterns[0] == patterns[1] != patterns[2]
    assert 5 < len(patterns[0]) < 35


def test_faults_are_taken_back(faults: Faults) -> None:
    """One by its id, or all of them."""
    one, two = faults.add("drop"), faults.add("lose")
    assert faults.remove(one.id)
    assert not faults.remove(one.id)
    assert faults.all() == [two]
    faults.clear()
    assert faults.all() == []


@pytest.mark.parametrize(
    ("effect", "settings", "argument"),
    [
        ("explode", {}, "effect"),
        ("error", {"status": 200}, "status"),
        ("error", {"pointer": "/a"}, "pointer"),
        ("odd_status", {"status": 404}, "status"),
        ("latency", {"seconds": -1}, "seconds"),
        ("missing", {}, "pointer"),
        ("wrong_type", {"pointer": "status"}, "pointer"),
        ("error", {"provider": "c"}, "provider"),
        ("error", {"kind": "a:walk"}, "kind"),
        ("error", {"operation": "write"}, "operation"),
        ("error", {"provider": "a", "operation": "read"}, "operation"),
        ("error", {"times": 0}, "times"),
        ("error", {"every": 0}, "every"),
        ("error", {"after": -1}, "after"),
        ("error", {"probability": 2}, "probability"),
        ("error", {"probability": True}, "probability"),
        ("rate_limit", {"retry_after": "soon"}, "retry_after"),
    ],
)
def test_what_is_wrong_is_named(faults: Faults, effect: str, settings: dict[str, Any], argument: str) -> None:
    """A fault that makes no sense is refused; the error names what is wrong with it."""
    with pytest.raises(InvalidArgument) as caught:
        faults.add(effect, **settings)
    assert caught.value.argument == argument
    assert faults.all() == []


def test_the_plain_form(faults: Faults) -> None:
    """Everything about it, and nothing that is not JSON."""
    fault: Fault = faults.add("error", operation="get", status=500)
    assert fault.to_plain() == {
        "id": "fault-1",
        "effect": "error",
        "provider": None,
        "operation": "get",
        "kind": None,
        "times": 1,
        "every": 1,
        "probability": 1.0,
        "after": 0,
        "seen": 0,
        "hits": 0,
        "status": 500,
        "message": "The sandbox was asked to fail.",
    }
