"""Renames: sure ones are one change, possible ones a note."""

from __future__ import annotations

from typing import Any

from tests.codegen.diff.making import only, ref, thing, told
from unijob_codegen.diff.messages import message
from unijob_codegen.diff.operations import compare

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def obj(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def test_with_all_that_befell_it() -> None:
    """A rename tells what else befell the property, and weighs as much as the worst of it."""
    old = thing(obj({"exportedAt": NUMBER}))
    new = thing(obj({"exported_at": {"type": ["string", "null"], "format": "date-time", "default": "x"}}))
    change = only(old, new)
    assert change.level.name == "ERR"
    assert message(change.finding) == (
        'optional property `exportedAt` renamed to `exported_at`; default changed: none → "x"; became nullable; '
        "type changed: integer → string (date-time)"
    )


def test_requirement_within() -> None:
    """A renamed property that is required now says so within."""
    change = only(thing(obj({"aB": TEXT})), thing(obj({"a_b": TEXT}, "a_b")))
    assert [inner.kind for inner in change.finding.within] == ["property-became-required"]


def test_of_a_reference() -> None:
    """What changes in the component that a renamed property refers to stays a change of its own."""
    old = thing(obj({"runCounts": ref("Counts"), "n": ref("Counts")}), others={"Counts": obj({"a": TEXT})})
    new = thing(obj({"run_counts": ref("Counts"), "n": ref("Counts")}), others={"Counts": obj({"a": NUMBER})})
    assert told(compare(old, new)) == [
        ("ERR", "type-changed", "Counts /properties/a", "type"),
        ("WARN", "property-renamed", "Thing /properties/runCounts", "runCounts"),
    ]


def test_of_a_written_out_object() -> None:
    """What changes deeper in a renamed object stays a change of its own."""
    old = thing(obj({"runCounts": obj({"a": TEXT})}))
    new = thing(obj({"run_counts": obj({"a": NUMBER})}))
    assert told(compare(old, new)) == [
        ("ERR", "type-changed", "Thing /properties/runCounts/properties/a", "type"),
        ("WARN", "property-renamed", "Thing /properties/runCounts", "runCounts"),
    ]


def test_attribute() -> None:
    """The attribute is told if both names generate the same."""
    assert only(thing(obj({"startTime": TEXT})), thing(obj({"start_time": TEXT}))).finding.attribute == "start_time"
    crowded = only(
        thing(obj({"start_time": TEXT, "startTime": TEXT})), thing(obj({"start_time": TEXT, "StartTime": TEXT}))
    )
    assert (crowded.finding.old, crowded.finding.new) == ("startTime", "StartTime")
    assert crowded.finding.attribute == "start_time_2"


def test_one_of_two() -> None:
    """Of two names that would do, one is the rename and the other is new."""
    old, new = thing(obj({"startTime": TEXT})), thing(obj({"start_time": TEXT, "StartTime": TEXT}))
    assert told(compare(old, new)) == [
        ("INFO", "property-added", "Thing /properties/start_time", "start_time"),
        ("WARN", "property-renamed", "Thing /properties/startTime", "startTime"),
    ]


def test_possibly_renamed() -> None:
    """A removal and an addition of one type in one schema stay two, each with a note that names the other."""
    changes = compare(thing(obj({"cost": TEXT, "n": NUMBER})), thing(obj({"price": TEXT, "flag": {"type": "boolean"}})))
    notes = {change.finding.subject: change.finding.notes for change in changes}
    assert notes == {
        "cost": ("possibly renamed: `price` of the same type came",),
        "price": ("possibly renamed: `cost` of the same type went",),
        "n": (),
        "flag": (),
    }


def test_not_renamed_across_schemas() -> None:
    """What went from one schema and came to another is no rename."""
    old, new = (thing(obj({"a": obj(one), "b": obj(other)})) for one, other in (({"x": TEXT}, {}), ({}, {"x": TEXT})))
    assert [change.finding.notes for change in compare(old, new)] == [(), ()]
