"""What stops the generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class CodegenError(Exception):
    """Something that a maintainer has to mend; the message says where and how.

    Args:
        message: what is wrong.
        problems: one line for each place, where there can be many.
    """

    def __init__(self, message: str, problems: Iterable[str] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *(f"  {problem}" for problem in self.problems)]))
