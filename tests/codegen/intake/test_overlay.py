"""Overlays do what the specification's examples show (Overlay 1.0.0, section 4.5, in documents of our own)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import overlay

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "x-tags": ["a"]},
    "paths": {
        "/orders": {
            "get": {
                "x-traits": ["paged"],
                "parameters": [{"name": "filter", "in": "query"}, {"name": "filter", "in": "header"}],
            },
            "post": {"summary": "Order"},
        },
        "/people": {"get": {"parameters": [{"name": "filter", "in": "query"}]}},
    },
}


def applied(*actions: dict[str, Any]) -> Any:
    entries = [{"description": "why", **action} for action in actions]
    document = copy.deepcopy(DOCUMENT)
    mended, _ = overlay.apply(document, overlay.actions({"overlay": "1.0.0", "actions": entries}, shown="o"))
    assert document == DOCUMENT
    return mended


def test_a_structured_overlay_mirrors_the_document() -> None:
    """An update of the root is merged at every depth; what it does not name stays."""
    update = {"info": {"x-applied": True}, "paths": {"/orders": {"summary": "All", "post": {"x-rate": 1}}}}
    mended = applied({"target": "$", "update": update})
    assert mended["info"] == {"title": "Shop", "x-tags": ["a"], "x-applied": True}
    assert mended["paths"]["/orders"]["summary"] == "All"
    assert mended["paths"]["/orders"]["post"] == {"summary": "Order", "x-rate": 1}


def test_a_targeted_overlay_mends_one_place() -> None:
    """A value in the update takes the place of the one there, and a new member is added."""
    mended = applied(
        {"target": "$.paths['/orders'].post", "update": {"summary": "Place an order"}},
        {"target": "$.paths['/people']", "update": {"delete": {}}},
    )
    assert mended["paths"]["/orders"]["post"]["summary"] == "Place an order"
    assert list(mended["paths"]["/people"]) == ["get", "delete"]


def test_a_wildcard_overlay_mends_many_places() -> None:
    """One action reaches every node that its target selects."""
    mended = applied({"target": "$.paths.*.get", "update": {"x-safe": True}})
    assert [item["get"]["x-safe"] for item in mended["paths"].values()] == [True, True]


def test_an_entry_is_appended_to_each_array() -> None:
    """An array gets the update as one more entry, each array its own."""
    entry = {"name": "page", "in": "query"}
    mended = applied(
        {"target": "$.paths.*.get.parameters", "update": entry},
        {"target": "$.paths['/people'].get.parameters[?@.name == 'page']", "update": {"required": True}},
    )
    assert mended["paths"]["/orders"]["get"]["parameters"][-1] == entry
    assert mended["paths"]["/people"]["get"]["parameters"][-1] == {**entry, "required": True}


def test_entries_of_an_array_are_removed() -> None:
    """A filter selects the entries to take out; the others close up."""
    mended = applied({"target": "$.paths.*.get.parameters[?@.name == 'filter' && @.in == 'query']", "remove": True})
    assert mended["paths"]["/orders"]["get"]["parameters"] == [{"name": "filter", "in": "header"}]
    assert mended["paths"]["/people"]["get"]["parameters"] == []


def test_several_entries_of_one_array_are_removed() -> None:
    """Taking out one entry does not move the next out of reach."""
    mended = applied({"target": "$.paths.*.get.parameters.*", "remove": True})
    assert mended["paths"]["/orders"]["get"]["parameters"] == []


def test_traits_are_applied_where_they_are_named() -> None:
    """A filter on what a node holds selects the operations of a trait."""
    mended = applied({"target": "$.paths.*[?@['x-traits'][?@ == 'paged']]", "update": {"x-paged": True}})
    assert mended["paths"]["/orders"]["get"]["x-paged"]
    assert "x-paged" not in mended["paths"]["/people"]["get"]


def test_actions_are_applied_in_their_order() -> None:
    """What one action removed, the next may write anew: so a whole array is replaced."""
    mended = applied(
        {"target": "$.info.x-tags", "remove": True},
        {"target": "$.info", "update": {"x-tags": ["b"]}},
    )
    assert mended["info"]["x-tags"] == ["b"]


def test_remove_wins_over_update_and_false_removes_nothing() -> None:
    """`remove: true` makes `update` idle; `remove: false` is as if it were not there."""
    both = {"target": "$.paths['/people']", "update": {"x": 1}}
    assert "/people" not in applied({**both, "remove": True})["paths"]
    assert applied({**both, "remove": False})["paths"]["/people"]["x"] == 1


def test_arrays_in_an_update_are_appended_and_plain_values_removed() -> None:
    """What 1.0.0 leaves open is as 1.1.0 has it."""
    assert applied({"target": "$.info", "update": {"x-tags": ["b"]}})["info"]["x-tags"] == ["a", "b"]
    assert "title" not in applied({"target": "$.info.title", "remove": True})["info"]


def test_nested_nodes_are_removed_from_the_inside() -> None:
    """Nodes inside others that go, too, do no harm."""
    assert "paths" not in applied({"target": "$..*", "remove": True})


def test_an_action_that_selects_nothing_is_told() -> None:
    """It changes nothing and stops nothing, but is given back."""
    actions = overlay.actions(
        {"overlay": "1.0.0", "actions": [{"target": "$.nothing", "description": "why", "remove": True}]}, shown="o"
    )
    mended, idle = overlay.apply(DOCUMENT, actions)
    assert mended == DOCUMENT
    assert [action.reason for action in idle] == ["why"]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"target": "$.openapi", "update": "3.0.0"}, "cannot update a plain value with a plain value"),
        ({"target": "$.info", "update": ["x"]}, "cannot update an object with a list"),
        ({"target": "$", "remove": True}, "remove the whole document"),
    ],
)
def test_what_cannot_be_applied(action: dict[str, Any], message: str) -> None:
    """An update of another kind than its target, or a removal of all, is an error."""
    with pytest.raises(CodegenError, match=message):
        applied(action)


def test_every_problem_of_an_overlay_is_listed() -> None:
    """All actions are looked at before any is applied."""
    entries: list[Any] = [1, {"target": 5, "description": " "}, {"target": "paths", "description": "x", "remove": 1}]
    with pytest.raises(CodegenError) as caught:
        overlay.actions({"overlay": "1.0.0", "actions": entries}, shown="o")
    for problem in (
        "actions/0: is no object",
        "actions/1: has no `target`",
        "actions/1: has no `description`",
        "actions/1: neither updates nor removes",
        "actions/2: its target 'paths' is no JSONPath",
        "actions/2: its `remove` is neither true nor false",
    ):
        assert problem in str(caught.value)
