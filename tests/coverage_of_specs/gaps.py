"""What of the contracts is not exercised, and why."""

from __future__ import annotations

import re
from typing import Literal

import attrs

How = Literal["held", "broken"]


@attrs.frozen(kw_only=True)
class Gap:
    """Places that are not reached.

    Args:
        how: whether no value is held to them, or none breaks them.
        pointer: the schemas, as a regular expression.
        keyword: the keyword, as a regular expression.
        why: the reason.
    """

    how: How
    pointer: str
    keyword: str
    why: str

    def covers(self, how: str, pointer: str, keyword: str) -> bool:
        """Whether it is about a place."""
        return how == self.how and bool(re.search(self.pointer, pointer) and re.fullmatch(self.keyword, keyword))


GAPS: tuple[Gap, ...] = (
    Gap(
        how="broken",
        pointer=r"^/components/parameters/|/parameters/\d+/schema|^/components/schemas/\w*Sort(Order|Direction|Field)$",
        keyword="type",
        why="a parameter that is a string: whatever is sent is one",
    ),
    Gap(
        how="broken",
        pointer=".",
        keyword="format",
        why="int64 beside a minimum and maximum that are narrower: these tell first",
    ),
    Gap(
        how="broken",
        pointer=r"/anyOf/\d+|/oneOf/\d+|ChunkingStrategy|^/components/schemas/VectorStoreFileError$",
        keyword="type|required|const",
        why="a branch, or what tells branches apart: what fits none of them is told at the whole",
    ),
)


def reason(how: str, pointer: str, keyword: str) -> str | None:
    """Why a place is not reached, or None where nobody said."""
    return next((gap.why for gap in GAPS if gap.covers(how, pointer, keyword)), None)
