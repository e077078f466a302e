"""One state from two signals: a life cycle that tells whether a job has ended, and an outcome that tells how."""

from __future__ import annotations

from unijob.job import JobState
from unijob.timestamps import Warn

_BEST_TO_WORST = (JobState.SUCCEEDED, JobState.PARTIAL, JobState.CANCELLED, JobState.TIMED_OUT, JobState.FAILED)
_EARLIER_TO_LATER = (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)


def agreed_state(cycle: JobState | None, outcome: JobState | None, *, settled: bool, warn: Warn) -> JobState:
    """One state from the two signals; None is a signal that is absent or says nothing.

    Where only one has ended, the other may still tell how the job really ended. An end that is told is not taken back,
    so the job goes on until both have ended, or it is settled that the other has nothing more to say.

    Args:
        cycle: what the life cycle means; it has no word for partial.
        outcome: what the outcome means; `unknown` where no table lists it.
        settled: whether a signal that has not ended has had the time to follow the one that has.
        warn: told where the two contradict each other.
    """
    if outcome is JobState.UNKNOWN:  # a new outcome: only the life cycle is known, and it cannot vouch for success
        return JobState.UNKNOWN if cycle in {None, JobState.SUCCEEDED} else cycle or JobState.UNKNOWN
    if cycle is None or cycle is JobState.UNKNOWN or outcome is None:
        return outcome or cycle or JobState.UNKNOWN
    if cycle.is_terminal and outcome.is_terminal:
        return _agreed_end(cycle, outcome, warn)
    if cycle.is_terminal or outcome.is_terminal:
        ended, going = (cycle, outcome) if cycle.is_terminal else (outcome, cycle)
        warn(f"one says {ended}, the other {going}")
        if settled or outcome is JobState.FAILED:  # the worst outcome: no life cycle makes another of it
            return ended
        return JobState.CANCELLING if ended is JobState.CANCELLED else JobState.RUNNING
    return max(cycle, outcome, key=_EARLIER_TO_LATER.index)


def _agreed_end(cycle: JobState, outcome: JobState, warn: Warn) -> JobState:
    if outcome is JobState.PARTIAL and cycle in {JobState.SUCCEEDED, JobState.FAILED}:
        return outcome
    if cycle is not outcome:
        warn(f"one says {cycle}, the other {outcome}")
    return max(cycle, outcome, key=_BEST_TO_WORST.index)
