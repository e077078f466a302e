"""What a kind declares: tables, pages, capabilities."""

from __future__ import annotations

from typing import Any

import pytest

from unijob import registry
from unijob.job import JobState
from unijob.kinds import CursorPages, NumberedPages, OffsetPages, StatusTable
from unijob.testing.strategies import answers, resolve

CURSOR = CursorPages(cursor="after", size="limit")
NUMBER = NumberedPages(number="page", size="per_page")
ITEMS: list[Any] = [{"id": "a"}, {"id": "b"}]
PAGE_CASES: list[tuple[dict[str, Any], list[Any], dict[str, Any] | None]] = [
    ({"has_more": True, "last_id": "b"}, ITEMS, {"after": "b"}),
    ({"has_more": True, "last_id": "z"}, ITEMS, {"after": "z"}),
    ({"has_more": True}, ITEMS, {"after": "b"}),
    ({"has_more": True, "last_id": None}, ITEMS, {"after": "b"}),
    ({"has_more": True, "last_id": ""}, ITEMS, {"after": "b"}),
    ({"has_more": True, "last_id": 5}, ITEMS, {"after": "b"}),
    ({"has_more": True}, ["no object"], None),
    ({"has_more": True}, [{}], None),
    ({"has_more": True, "last_id": "b"}, [], None),
    ({"has_more": False, "last_id": "b"}, ITEMS, None),
    ({"has_more": "true", "last_id": "b"}, ITEMS, None),
    ({"last_id": "b"}, ITEMS, None),
    ({}, ITEMS, None),
]
ABILITIES = {
    "mka1:feedback_export": {"get", "start"},
    "mka1:file_batch": {"get", "start", "cancel", "pieces"},
    "mka1:eval_run": {"get", "list", "start", "cancel", "retry", "retry_failed_items", "delete"},
    "mka1:eval_schedule": {"schedule", "schedules", "create_schedule", "trigger", "delete"},
    "mka1:batch": {"get", "list", "start", "cancel"},
    "mka1:fine_tuning_job": {"get", "list", "start", "cancel", "pause", "resume", "pieces"},
    "mka1:agent_run": {"get", "list", "start", "cancel"},
    "mka1:compute_job": {"get", "list", "start", "cancel"},
    "gradient:indexing_job": {"get", "list", "start", "cancel", "pieces"},
    "gradient:evaluation_run": {"get", "start"},
    "gradient:model_evaluation_run": {"get", "list", "start", "cancel", "delete", "pieces"},
    "gradient:scheduled_indexing": {"schedule", "create_schedule", "delete"},
}


NOT_YET = {("mka1:agent_run", "2026-07"): {"cancel"}}
"""What a kind cannot do in an older revision."""


def test_a_table_holds_states_and_absences() -> None:
    """A table contains what it gives a state, what it says means nothing, and what means no job."""
    table = StatusTable(enum="E", states={"a": JobState.RUNNING, "b": None}, absent=frozenset({"c"}))
    assert [value in table for value in ("a", "b", "c", "d")] == [True, True, True, False]
    assert table.gaps(["a", "b", "c", "d", "e"]) == ["d", "e"]


@pytest.mark.parametrize(("page", "items", "following"), PAGE_CASES)
def test_pages_by_cursor(page: dict[str, Any], items: list[Any], following: dict[str, Any] | None) -> None:
    """The next page comes after the last id, as long as the upstream says that there is more and gave something."""
    assert CURSOR.following(page, items, {}) == following


@pytest.mark.parametrize(
    ("page", "items", "current", "following"),
    [
        ({"next_cursor": "c2"}, ITEMS, {}, {"cursor": "c2"}),
        ({"next_cursor": "c2"}, [], {"cursor": "c1"}, {"cursor": "c2"}),
        ({"next_cursor": "c2"}, ITEMS, {"cursor": "c2"}, None),
        ({"next_cursor": None, "has_more": True}, ITEMS, {}, None),
        ({"next_cursor": ""}, ITEMS, {}, None),
        ({"next_cursor": 5}, ITEMS, {}, None),
        ({}, ITEMS, {}, None),
    ],
)
def test_pages_by_a_cursor_of_their_own(
    page: dict[str, Any], items: list[Any], current: dict[str, Any], following: dict[str, Any] | None
) -> None:
    """A page that gives a cursor has a next one, also when it is empty; the cursor that led to it leads nowhere."""
    pages = CursorPages(cursor="cursor", size="limit", last="next_cursor", more=None)
    assert pages.following(page, items, current) == following


@pytest.mark.parametrize(
    ("page", "items", "current", "following"),
    [
        ({"has_more": True}, ITEMS, {}, {"offset": 2}),
        ({"has_more": True}, ITEMS, {"offset": 3}, {"offset": 5}),
        ({"has_more": True}, [], {}, None),
        ({"has_more": False}, ITEMS, {}, None),
        ({}, ITEMS, {}, None),
    ],
)
def test_pages_by_offset(
    page: dict[str, Any], items: list[Any], current: dict[str, Any], following: dict[str, Any] | None
) -> None:
    """The next page leaves out as many items as there were so far."""
    assert OffsetPages(offset="offset", size="limit").following(page, items, current) == following


@pytest.mark.parametrize(
    ("page", "items", "current", "following"),
    [
        ({"links": {"pages": {"next": "https://evil.example/?page=9"}}}, ITEMS, {}, {"page": 2}),
        ({"links": {"pages": {"next": "x"}}}, ITEMS, {"page": 4}, {"page": 5}),
        ({"links": {"pages": {"next": "x"}}}, [], {}, None),
        ({"links": {"pages": {"next": ""}}}, ITEMS, {}, None),
        ({"links": {"pages": {}}, "meta": {"pages": 9}}, ITEMS, {}, None),
        ({"meta": {"pages": 2}}, ITEMS, {}, {"page": 2}),
        ({"links": {}, "meta": {"pages": 2}}, ITEMS, {"page": 2}, None),
        ({"meta": {"pages": "2"}}, ITEMS, {}, None),
        ({"meta": None, "links": None}, ITEMS, {}, None),
        ({}, ITEMS, {}, None),
    ],
)
def test_pages_by_number(
    page: dict[str, Any], items: list[Any], current: dict[str, Any], following: dict[str, Any] | None
) -> None:
    """A link says that there is a next page and is never followed; without links the number of pages tells."""
    assert NUMBER.following(page, items, current) == following


@pytest.mark.parametrize("name", ABILITIES)
def test_capabilities(name: str) -> None:
    """What a kind can do is what its operations in a revision allow."""
    kind = registry.kind(name)
    for revision in registry.revisions(kind.provider):
        found = kind.capabilities(registry.package(kind.provider, revision).operations)
        assert found == ABILITIES[name] - NOT_YET.get((name, revision), set())


def test_capabilities_without_operations() -> None:
    """A revision without a kind's operations leaves it nothing."""
    for name in ABILITIES:
        assert registry.kind(name).capabilities({}) == frozenset()


@pytest.mark.parametrize("name", ABILITIES)
def test_kinds_name_what_there_is(name: str) -> None:
    """Every operation and path parameter that a kind names is in the contract."""
    kind = registry.kind(name)
    assert (kind.provider, kind.type) == tuple(name.split(":"))
    operations = registry.package(kind.provider, registry.revisions(kind.provider)[-1]).operations
    roles = list(kind.roles())
    assert roles[0][1] == kind.get
    assert {operation for _, operation in roles} <= operations.keys()
    in_path = [p.argument for p in operations[kind.get].parameters if p.location == "path"]
    assert in_path == ([] if kind.singleton else list(kind.ids))


@pytest.mark.parametrize("name", ABILITIES)
def test_vital_fields_are_documented(name: str) -> None:
    """What a kind calls vital is a property of its model, in every revision."""
    kind = registry.kind(name)
    for revision in registry.revisions(kind.provider):
        document = registry.package(kind.provider, revision).document()
        model = next(a.schema for a in answers(document) if (a.operation, a.status) == (kind.get, "200"))
        properties = resolve(document, model)["properties"]
        if kind.envelope is not None:
            properties = resolve(document, properties[kind.envelope])["properties"]
        assert set(kind.vital) <= properties.keys()
