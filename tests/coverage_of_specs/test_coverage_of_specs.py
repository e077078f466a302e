"""What of the contracts is exercised: all of it, but for gaps that are named with a reason."""

from __future__ import annotations

import pytest

from tests.coverage_of_specs.exercise import Reached, contracts, status_lines
from tests.coverage_of_specs.gaps import GAPS, reason

REACHED = {reached.name: reached for reached in contracts()}
each = pytest.mark.parametrize("reached", REACHED.values(), ids=REACHED.keys())


@each
def test_the_engine_agrees(reached: Reached) -> None:
    """What takes every way through a contract is allowed by it, and each single defect is found."""
    assert reached.refused == []
    assert reached.unseen == []


@each
def test_every_operation_answers_with_every_status(reached: Reached) -> None:
    """Each documented answer of each operation is held against its contract."""
    assert [answer for answer, seen in reached.answers.items() if not seen] == []


@each
def test_every_enum_value_is_seen(reached: Reached) -> None:
    """Each value of each enum stands in a payload."""
    assert [value for value, seen in reached.values.items() if not seen] == []


@each
def test_every_keyword_is_held_and_broken(reached: Reached) -> None:
    """Each keyword of each schema holds a value, and each that can be broken is, but for the named gaps."""
    gaps = [("held", *place) for place, seen in reached.held.items() if not seen]
    gaps += [("broken", *place) for place, seen in reached.broken.items() if not seen]
    assert sorted(gap for gap in gaps if reason(*gap) is None) == []


def test_every_line_of_every_status_table_is_read() -> None:
    """Each value of each status table is read from a payload of its kind."""
    assert [line for line, seen in status_lines().items() if not seen] == []


def test_every_gap_is_one() -> None:
    """A reason that is needed no more is taken out."""
    gaps = {("held", *place) for one in REACHED.values() for place, seen in one.held.items() if not seen}
    gaps |= {("broken", *place) for one in REACHED.values() for place, seen in one.broken.items() if not seen}
    assert [row for row in GAPS if not any(row.covers(*gap) for gap in gaps)] == []
