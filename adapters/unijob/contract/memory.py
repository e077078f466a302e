"""Large values without the collector of cycles.

JSON holds no cycles, but parsing a large body makes so many objects that CPython looks through its whole heap for some:
with a contract of 2,000 paths in memory that took 100 ms now and then, and more than the check itself on average.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
LARGE = 2**16
"""From how many bytes on a body counts as large."""


def without_collection(size: int, work: Callable[[], T]) -> T:
    """Do some work, and collect no cycles meanwhile where it is on much JSON.

    Args:
        size: bytes of JSON.
        work: parses it, and keeps nothing of it.
    """
    if size < LARGE or not gc.isenabled():
        return work()
    gc.disable()
    try:
        return work()
    finally:
        gc.enable()
