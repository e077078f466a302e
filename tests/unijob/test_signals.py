"""One state from two signals, for every pair of states; Gradient's tests hold what each pair means."""

from __future__ import annotations

from itertools import product

import pytest

from unijob.job import JobState
from unijob.signals import agreed_state

SIGNALS = [*JobState, None]


CYCLES = [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED]
OUTCOMES = [*CYCLES, JobState.PARTIAL]
GOING = [JobState.QUEUED, JobState.RUNNING]


def state(cycle: JobState | None, outcome: JobState | None, *, settled: bool = False) -> tuple[JobState, list[str]]:
    """What the two agree on, and what is warned of."""
    told: list[str] = []
    return agreed_state(cycle, outcome, settled=settled, warn=told.append), told


@pytest.mark.parametrize(("cycle", "outcome"), list(product(SIGNALS, SIGNALS)))
@pytest.mark.parametrize("settled", [True, False])
def test_every_pair_has_a_state(cycle: JobState | None, outcome: JobState | None, settled: bool) -> None:  # noqa: FBT001
    """It is one of the two, except that an end needs both or its time; only a contradiction is warned of."""
    found, told = state(cycle, outcome, settled=settled)
    known = {signal for signal in (cycle, outcome) if signal is not None}
    ends = {signal.is_terminal for signal in known - {JobState.UNKNOWN}}
    assert found in known | {JobState.UNKNOWN, JobState.RUNNING, JobState.CANCELLING}
    if ends == {True, False}:
        assert told
        assert found.is_terminal == (settled or outcome is JobState.FAILED)
    if len(known) == 1:
        assert (found, told) == (known.pop(), [])


@pytest.mark.parametrize(("cycle", "outcome"), list(product(CYCLES, GOING)))
def test_an_end_is_not_taken_back_when_the_outcome_follows(cycle: JobState, outcome: JobState) -> None:
    """What is told as ended while the outcome lags is what it is then, however that turns out."""
    early, _ = state(cycle, outcome)
    assert not early.is_terminal or {state(cycle, later)[0] for later in OUTCOMES} == {early}


@pytest.mark.parametrize(("cycle", "outcome"), list(product(GOING, OUTCOMES)))
def test_an_end_is_not_taken_back_when_the_life_cycle_follows(cycle: JobState, outcome: JobState) -> None:
    """What is told as ended while the life cycle lags is what it is then, however that ends."""
    early, _ = state(cycle, outcome)
    assert not early.is_terminal or {state(later, outcome)[0] for later in CYCLES} == {early}
