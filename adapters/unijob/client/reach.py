"""How far into a list it pays to read, when jobs that are in it could be asked for one by one as well.

A page costs one request, and so does a job. Lists hold other jobs too, and where in them the wanted ones lie is known
only from the last time that they were read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import attrs

_TRIAL = 10
"""A first look into a list may waste one page for so many wanted jobs, and is not worth it for fewer."""


def best_depth(places: Iterable[int | None]) -> int:
    """How many pages to read so that these and one request for each job beyond them are fewest.

    Args:
        places: for each wanted job the page where it was last found, from 1, or None.
    """
    counts = Counter(places)
    least = cost = counts.total()
    best = 0
    for depth in range(1, max((place for place in counts if place is not None), default=0) + 1):
        cost += 1 - counts[depth]
        if cost < least:
            best, least = depth, cost
    return best


@attrs.define
class Reach:
    """One reading of a list, page after page, for as long as it pays.

    Args:
        wanted: how many jobs are looked for there.
        depth: how many pages are expected to pay.
        waste: pages beyond what they brought, at most: so many jobs may have to wait for the next round.
    """

    wanted: int
    depth: int
    waste: int
    pages: int = 0
    found: int = 0
    _last_find: int = 0

    @classmethod
    def first(cls, wanted: int) -> Reach:
        """A first look into a list."""
        return cls(wanted, 0, wanted // _TRIAL)

    @classmethod
    def known(cls, wanted: int, depth: int) -> Reach:
        """Another look into a list where it is known how deep the jobs lie."""
        return cls(wanted, depth, max(depth, wanted // _TRIAL))

    def goes_on(self) -> bool:
        """Whether the next page is worth its request.

        Beyond what is known, pages in a row that bring nothing are worth as many requests as there are jobs to be
        found: so many it would cost to ask for these one by one.
        """
        missing = self.wanted - self.found
        if missing <= 0 or self.pages - self.found >= self.waste:
            return False
        return self.pages < self.depth or self.pages - max(self._last_find, self.depth) < missing

    def read(self, found: int) -> None:
        """A page was read, and so many of the wanted were on it."""
        self.pages += 1
        self.found += found
        if found:
            self._last_find = self.pages
