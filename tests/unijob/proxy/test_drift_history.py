"""What is remembered of drift and of single exchanges."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from unijob.errors import Violation
from unijob.proxy.drift import DriftLog
from unijob.proxy.events import Exchange, Outcome, Skip
from unijob.proxy.history import MOST_OF_ONE, History, exchange_dict, json_bytes


def new(pointer: str, keyword: str = "additionalProperties") -> Violation:
    return Violation(place="response.body", pointer=pointer, keyword=keyword, message="is new", drift=True)


def exchange(request_id: str, *drift: Violation, **changes: Any) -> Exchange:
    fields: dict[str, Any] = {"started_at": 1.0, "upstream": "a", "operation": "get", "target": "/a/x", **changes}
    return Exchange(request_id=request_id, drift=drift, **fields)


def ids(found: Any) -> list[str]:
    return [each.request_id for each in found]


def test_drift_is_one_thing_whatever_the_index() -> None:
    """With first and last seen, and the last example."""
    log = DriftLog()
    log.finished(exchange("one", new("/data/0/new"), new("/data/12/new"), started_at=10.0))
    log.finished(exchange("two", new("/data/7/new"), started_at=20.5, target="/a/y"))
    (found,) = log.find()
    assert found.to_dict() == {
        "upstream": "a",
        "operation": "get",
        "place": "response.body",
        "pointer": "/data/*/new",
        "keyword": "additionalProperties",
        "message": "is new",
        "schema_pointer": "",
        "count": 3,
        "first_seen": "1970-01-01T00:00:10.000Z",
        "last_seen": "1970-01-01T00:00:20.500Z",
        "example": {"pointer": "/data/7/new", "target": "/a/y", "request_id": "two"},
    }


def test_an_exchange_that_ends_late_is_no_later_example() -> None:
    """Checks beside the answer end in any order."""
    log = DriftLog()
    log.finished(exchange("late", new("/new"), started_at=20.0))
    log.finished(exchange("early", new("/new"), started_at=10.0))
    (found,) = log.find()
    assert (found.first_seen, found.last_seen, found.request_id) == (10.0, 20.0, "late")


@pytest.mark.parametrize(
    "other",
    [
        exchange("b", new("/other")),
        exchange("b", new("/new", "enum")),
        exchange("b", new("/new"), operation="list"),
        exchange("b", new("/new"), upstream="b"),
    ],
    ids=["pointer", "keyword", "operation", "upstream"],
)
def test_different_drift_is_kept_apart(other: Exchange) -> None:
    """The last seen is told first."""
    log = DriftLog()
    log.finished(exchange("a", new("/new")))
    log.finished(other)
    assert ids(log.find()) == ["b", "a"]


def test_drift_is_found_by_upstream_and_operation() -> None:
    """Either or both."""
    log = DriftLog()
    for number, (upstream, operation) in enumerate([("a", "get"), ("a", "list"), ("b", "get")]):
        log.finished(exchange(str(number), new("/new"), upstream=upstream, operation=operation))
    assert ids(log.find(upstream="a")) == ["1", "0"]
    assert ids(log.find(operation="get")) == ["2", "0"]
    assert ids(log.find(upstream="a", operation="get")) == ["0"]


def test_drift_is_bounded() -> None:
    """What was not seen for longest gives way, and that is told."""
    log = DriftLog(largest=2)
    for name in ("/a", "/b", "/a", "/c"):
        log.finished(exchange(name, new(name)))
    assert ids(log.find()) == ["/c", "/a"]
    assert log.forgotten == 1


def broken(request_id: str, **changes: Any) -> Exchange:
    wrong = Violation(place="response.body", pointer="/x", keyword="type", message="must be text")
    return exchange(request_id, violations=(wrong,), **changes)


def test_the_last_violations_are_kept() -> None:
    """The last first; drift pushes none of them out."""
    history = History(largest=2)
    for number in range(3):
        history.finished(broken(str(number)))
    for number in range(5):
        history.finished(exchange(f"drift{number}", new("/new")))
    assert ids(history.find()) == ["2", "1"]
    assert history.by_request_id("0") is None
    assert history.by_request_id("1") is not None


def test_violations_are_found_by_upstream_and_operation() -> None:
    """Either or both."""
    history = History()
    history.finished(broken("a", upstream="a", operation="x"))
    history.finished(broken("b", upstream="b", operation="x"))
    assert ids(history.find(upstream="a")) == ["a"]
    assert ids(history.find(operation="x")) == ["b", "a"]
    assert ids(history.find(upstream="b", operation="y")) == []


@pytest.mark.parametrize("outcome", ["complete", "failed", "refused", "aborted"])
def test_an_exchange_is_found_by_its_id_where_there_is_something_to_tell(outcome: Outcome) -> None:
    """Drift, skipped checks or a bad end."""
    history = History()
    history.finished(exchange("plain", outcome=outcome))
    history.finished(exchange("drift", new("/new")))
    history.finished(exchange("skip", skips=(Skip(part="request", reason="budget"),)))
    assert (history.by_request_id("plain") is None) == (outcome == "complete")
    assert history.by_request_id("drift") is not None
    assert history.by_request_id("skip") is not None
    assert ids(history.find()) == []


def test_one_exchange_takes_bounded_room() -> None:
    """However much is wrong with it."""
    history = History()
    history.finished(exchange("many", *[new(f"/{n}") for n in range(1000)], violations=(new("/x"),) * 1000))
    (kept,) = history.find()
    assert (len(kept.violations), len(kept.drift)) == (MOST_OF_ONE, MOST_OF_ONE)


def test_an_exchange_as_json() -> None:
    """With all that was found, and no empty members in what was found."""
    told = exchange_dict(broken("r", skips=(Skip(part="response", reason="stream"),), status=200))
    wrong = {"place": "response.body", "pointer": "/x", "keyword": "type", "message": "must be text"}
    assert told["violations"] == [wrong]
    assert told["skips"] == [{"part": "response", "reason": "stream"}]
    assert (told["request_id"], told["time"], told["status"]) == ("r", "1970-01-01T00:00:01.000Z", 200)


def test_bytes_that_are_not_utf_8_are_told_as_escapes() -> None:
    """JSON cannot have them."""
    assert orjson.loads(json_bytes({"\udc80": ["\udcff", 1, None, {"a": "b"}]})) == {
        "\\udc80": ["\\udcff", 1, None, {"a": "b"}]
    }
