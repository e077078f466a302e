"""Edits made on the project's own specs: the diff reports exactly what was done."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.codegen.diff.edits import SPECS, Edits, Told, reached, scrambled
from tests.codegen.diff.making import FEWER, spec
from unijob_codegen.diff.operations import compare


def short(old: dict[str, Any], new: dict[str, Any]) -> list[Told]:
    """What the diff tells."""
    return sorted(
        (
            change.finding.kind,
            str(change.place),
            change.finding.subject,
            change.finding.new if change.finding.kind.endswith("renamed") else None,
        )
        for change in compare(old, new)
    )


@pytest.mark.parametrize("path", SPECS)
@FEWER
@given(data=st.data())
def test_exactly_what_was_done(path: str, data: st.DataObject) -> None:
    """Renames, removals, additions, changes of types, of requirement, of nullability and of enums are told, no more."""
    old = spec(path)
    edits = Edits(copy.deepcopy(old))
    for _ in range(data.draw(st.integers(1, 6))):
        edits.apply(data)
    new = edits.content
    if data.draw(st.booleans()):
        new = scrambled(new, random.Random(data.draw(st.integers(0, 2**32))))
    assert short(old, new) == sorted(edits.told, key=lambda each: each[:3])


@pytest.mark.parametrize("path", SPECS)
@FEWER
@given(seed=st.integers(0, 2**32))
def test_nothing_for_other_words_and_orders(path: str, seed: int) -> None:
    """Reordering everything and changing every text is no change."""
    old = spec(path)
    assert short(old, scrambled(old, random.Random(seed))) == []


@pytest.mark.parametrize("path", SPECS)
@FEWER
@given(data=st.data())
def test_there_and_back(path: str, data: st.DataObject) -> None:
    """Additions are removals the other way round, and what reaches an operation there reaches it here."""
    old = spec(path)
    edits = Edits(copy.deepcopy(old))
    for _ in range(data.draw(st.integers(1, 4))):
        edits.apply(data)
    there, back = compare(old, edits.content), compare(edits.content, old)
    assert len(there) == len(back) == len(edits.told)
    turned = {"added": "removed", "removed": "added"}
    kinds = [change.finding.kind.rpartition("-") for change in there]
    for prefix, _, what in kinds:
        if what in turned:
            assert any(change.finding.kind == f"{prefix}-{turned[what]}" for change in back)


@pytest.mark.parametrize("path", SPECS)
@FEWER
@given(data=st.data())
def test_reach(path: str, data: st.DataObject) -> None:
    """A change reaches its component's directions."""
    old = spec(path)
    edits = Edits(copy.deepcopy(old))
    edits.change_enum(data)
    (change,) = compare(old, edits.content)
    assert set(change.levels) == reached(old)[change.place.name]
