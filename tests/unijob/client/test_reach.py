"""How far into a list is read: never for more requests than one a job, and for the fewest where it is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unijob.client.reach import Reach, best_depth

PLACES = st.lists(st.none() | st.integers(1, 30), max_size=60)


def read(reach: Reach, pages: list[int]) -> int:
    """Read pages that bring so many of the wanted, for as long as it goes on; how many were read."""
    for found in pages:
        if not reach.goes_on():
            break
        reach.read(found)
    return reach.pages


@given(PLACES)
def test_no_depth_costs_less(places: list[int | None]) -> None:
    """Of all depths, the best has the fewest requests."""

    def cost(depth: int) -> int:
        return depth + sum(1 for place in places if place is None or place > depth)

    assert cost(best_depth(places)) == min(cost(depth) for depth in range(32))


@given(st.integers(1, 300), st.lists(st.integers(0, 20), max_size=60), st.integers(0, 30))
def test_pages_waste_little(wanted: int, pages: list[int], depth: int) -> None:
    """Pages are never more than what they brought and what may be wasted."""
    for reach in (Reach.first(wanted), Reach.known(wanted, min(depth, wanted))):
        left = wanted
        brought = [left - (left := max(left - found, 0)) for found in pages]
        read(reach, brought)
        assert reach.pages <= reach.found + reach.waste
        assert reach.waste <= wanted


@pytest.mark.parametrize(
    ("wanted", "pages", "expected"),
    [
        (500, [100] * 9, 5),  # all found
        (500, [0, 0, *[100] * 9], 7),  # others' jobs are newer
        (100, [0] * 99, 10),  # they lie too deep: a tenth is tried
        (105, [100, *[0] * 99], 6),  # five are left, worth five pages
        (9, [9], 0),  # too few for a look
    ],
)
def test_a_first_look_goes_as_far_as_it_pays(wanted: int, pages: list[int], expected: int) -> None:
    """Until all are found, or the rest costs no more one by one."""
    assert read(Reach.first(wanted), pages) == expected


def test_a_list_that_moved_is_read_on() -> None:
    """Where new jobs pushed the wanted ones down a page, that page is read too."""
    assert read(Reach.known(150, 2), [70, 70, 10, 0, 0]) == 3
