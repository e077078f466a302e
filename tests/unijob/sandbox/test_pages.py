"""Pages by cursor and by number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unijob.sandbox.pages import by_cursor, by_number

ITEMS = [str(number) for number in range(7)]


@given(st.integers(0, 30), st.integers(1, 10))
def test_cursors_lead_through_everything_once(count: int, limit: int) -> None:
    """Following `after` gives every item once and in order; only the last page says that there is no more."""
    items = [str(number) for number in range(count)]
    found: list[str] = []
    after = None
    while True:
        page = by_cursor(items, str, limit=limit, after=after)
        assert page is not None
        found.extend(page.items)
        if not page.more:
            break
        assert len(page.items) == limit
        after = page.items[-1]
    assert found == items


def test_a_page_before_an_item() -> None:
    """`before` alone gives the items next to it; both bounds cut from the front."""
    before = by_cursor(ITEMS, str, limit=2, before="5")
    assert before is not None
    assert (before.items, before.more) == (["3", "4"], True)
    first = by_cursor(ITEMS, str, limit=9, before="2")
    assert first is not None
    assert (first.items, first.more) == (["0", "1"], False)
    between = by_cursor(ITEMS, str, limit=2, after="0", before="4")
    assert between is not None
    assert (between.items, between.more) == (["1", "2"], True)


def test_a_cursor_that_names_nothing() -> None:
    """It gives no page."""
    assert by_cursor(ITEMS, str, limit=2, after="x") is None
    assert by_cursor(ITEMS, str, limit=2, before="x") is None


def test_pages_by_number() -> None:
    """Each page has its items and counts; past the end there are none, and an empty list has one page."""
    second = by_number(ITEMS, page=2, size=3)
    assert (second.items, second.page, second.pages, second.total) == (["3", "4", "5"], 2, 3, 7)
    assert by_number(ITEMS, page=9, size=3).items == []
    assert by_number([], page=1, size=3).pages == 1
