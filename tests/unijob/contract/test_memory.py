"""Large bodies are checked without the collector of cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unijob.contract.documents import one_schema
from unijob.contract.findings import Finding, Findings
from unijob.contract.memory import LARGE, collection_paused
from unijob.contract.operation import Content


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    yield
    gc.enable()


def test_paused_for_a_while() -> None:
    """Collection is off while there is much to do, and on again afterwards."""
    with collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_paused_for_large_bodies_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body is checked without collection from a size on, below it with."""
    contract = one_schema({"type": "array", "items": {"type": "string"}})
    paused: list[bool] = []

    def look(*_: object) -> list[Finding]:
        paused.append(not gc.isenabled())
        return []

    monkeypatch.setattr(Findings, "read", look)
    for body in (b"[7]", b"[7]".ljust(LARGE)):
        contract.check_request("op", body=body, content_type="application/json")
        contract.check_response_bytes("op", 200, body)
    assert paused == [False, False, True, True]


def test_on_again_after_a_failure() -> None:
    """Whatever happens, collection goes on."""
    with pytest.raises(ZeroDivisionError), collection_paused():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_stays_off_where_it_was_off() -> None:
    """Who has turned it off keeps it off."""
    gc.disable()
    with collection_paused():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_large_bodies_get_their_verdict() -> None:
    """A large body is checked as a small one is."""
    contract = one_schema({"type": "array", "items": {"type": "object"}})
    for body, pointers in ((b"[" + b"{}," * LARGE + b"{}]", []), (b"[" + b"{}," * LARGE + b"7]", [f"/{LARGE}"])):
        request = contract.check_request("op", body=body, content_type="application/json")
        response = contract.check_response_bytes("op", 200, body)
        assert [one.pointer for one in request] == [one.pointer for one in response] == pointers
    assert gc.isenabled()


def test_media_types_of_messages_are_remembered_within_bounds() -> None:
    """Nobody fills the memory by naming ever new ones, or long ones."""
    content: Any = Content("", {})
    content.match("a/" + "b" * 10_000)
    assert not content._known
    for n in range(1_000):
        content.match(f"a/{n}")
    assert 1 < len(content._known) < 1_000
