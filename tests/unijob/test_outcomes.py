"""What counts say of a completed job."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unijob.job import JobState, Progress
from unijob.outcomes import check_counts, refine_completed

few = st.integers(0, 4)


def refined(progress: Progress) -> tuple[str, list[str]]:
    """The state and the warnings for completed counts."""
    warnings: list[str] = []
    check_counts(progress, warnings.append)
    return refine_completed(progress, warnings.append).value, warnings


@given(few, few, few)
def test_outcome_of_the_items(completed: int, failed: int, cancelled: int) -> None:
    """Nothing to do is success, all failed failure, all cancelled cancellation, any of these partial, else success."""
    outcomes = ["completed"] * completed + ["failed"] * failed + ["cancelled"] * cancelled
    expected = "succeeded"
    if outcomes and set(outcomes) == {"failed"}:
        expected = "failed"
    elif outcomes and set(outcomes) == {"cancelled"}:
        expected = "cancelled"
    elif {"failed", "cancelled"} & set(outcomes):
        expected = "partial"
    counts = Progress(total=len(outcomes), completed=completed, failed=failed, cancelled=cancelled)
    assert refined(counts) == (expected, [])


@pytest.mark.parametrize(
    ("counts", "state", "warned"),
    [
        (Progress(), "succeeded", False),
        (Progress(total=0), "succeeded", False),
        (Progress(total=5), "succeeded", False),
        (Progress(total=5, completed=3), "succeeded", True),
        (Progress(total=5, completed=3, failed=1), "partial", True),
        (Progress(total=3, completed=3, failed=1), "partial", True),
        (Progress(total=0, completed=0, failed=1), "succeeded", True),
        (Progress(completed=3, failed=1), "partial", False),
        (Progress(completed=0, failed=1), "failed", False),
        (Progress(failed=1), "partial", False),
        (Progress(cancelled=1), "partial", False),
        (Progress(total=2, failed=2), "failed", False),
        (Progress(total=2, cancelled=2), "cancelled", False),
    ],
)
def test_counts_that_are_odd_or_missing(counts: Progress, state: str, warned: bool) -> None:  # noqa: FBT001
    """A contradiction is warned of and the job has ended all the same; a missing count claims nothing of all items."""
    found, warnings = refined(counts)
    assert found == state
    assert bool(warnings) == warned
    assert JobState(found).is_terminal


def test_more_done_than_there_is() -> None:
    """The warning gives both numbers."""
    warnings: list[str] = []
    check_counts(Progress(total=3, completed=3, failed=1), warnings.append)
    check_counts(Progress(total=3, completed=2, failed=1), warnings.append)
    check_counts(Progress(completed=2, failed=1), warnings.append)
    assert warnings == ["4 items done of 3"]
