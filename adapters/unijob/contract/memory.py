"""Large values without the collector of cycles.

JSON holds no cycles, but parsing a large body makes so many objects that CPython looks through its whole heap for some:
with a contract of 2,000 paths in memory that took 100 ms now and then, and more than the check itself on average.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

LARGE = 2**16
"""From how many bytes on a body counts as large."""


@contextmanager
def collection_paused() -> Generator[None]:
    """Collect no cycles for a while, where that while is spent on much JSON of which nothing is kept."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
