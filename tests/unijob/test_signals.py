"""One state from two signals, for every pair of states; Gradient's tests hold what each pair means."""

from __future__ import annotations

from itertools import product

import pytest

from unijob.job import JobState
from unijob.signals import agreed_state

SIGNALS = [*JobState, None]


@pytest.mark.parametrize(("cycle", "outcome"), list(product(SIGNALS, SIGNALS)))
def test_every_pair_has_a_state(cycle: JobState | None, outcome: JobState | None) -> None:
    """It is one of the two, except that success needs both or an end time; only a contradiction is warned of."""
    told: list[str] = []
    found = agreed_state(cycle, outcome, finished=False, warn=told.append)
    known = {signal for signal in (cycle, outcome) if signal is not None}
    ends = {signal.is_terminal for signal in known - {JobState.UNKNOWN}}
    assert found in known | {JobState.UNKNOWN, JobState.RUNNING}
    if ends == {True, False}:
        assert told
        assert found is not JobState.SUCCEEDED
    if len(known) == 1:
        assert (found, told) == (known.pop(), [])
