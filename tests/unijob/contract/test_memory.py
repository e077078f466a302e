"""Large bodies are checked without the collector of cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.unijob.contract.documents import one_schema
from unijob.contract.memory import LARGE, without_collection


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    yield
    gc.enable()


def test_paused_for_large_work_only() -> None:
    """Collection is off while there is much to do, and on again afterwards."""
    assert without_collection(LARGE - 1, gc.isenabled)
    assert not without_collection(LARGE, gc.isenabled)
    assert gc.isenabled()


def test_on_again_after_a_failure() -> None:
    """Whatever happens, collection goes on."""
    with pytest.raises(ZeroDivisionError):
        without_collection(LARGE, lambda: 1 // 0)
    assert gc.isenabled()


def test_stays_off_where_it_was_off() -> None:
    """Who has turned it off keeps it off."""
    gc.disable()
    assert not without_collection(LARGE, gc.isenabled)
    assert not gc.isenabled()


def test_large_bodies_get_their_verdict() -> None:
    """A large body is checked as a small one is."""
    contract = one_schema({"type": "array", "items": {"type": "object"}})
    for body, pointers in ((b"[" + b"{}," * LARGE + b"{}]", []), (b"[" + b"{}," * LARGE + b"7]", [f"/{LARGE}"])):
        request = contract.check_request("op", body=body, content_type="application/json")
        response = contract.check_response_bytes("op", 200, body)
        assert [one.pointer for one in request] == [one.pointer for one in response] == pointers
    assert gc.isenabled()
