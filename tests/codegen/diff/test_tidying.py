"""Documents that are wrong in places are compared all the same."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.codegen.diff.edits import SPECS
from tests.codegen.diff.making import FEWER, document, only, ref, spec, thing, told
from unijob_codegen import documents
from unijob_codegen.diff.operations import compare
from unijob_codegen.errors import CodegenError
from unijob_codegen.pointers import is_list, is_object

JUNK: list[Any] = [
    *(None, True, 0, 1.5, "x", [], ["x"], [1], {}, {"a": 1}, [{"type": "string"}]),
    *({"type": []}, {"type": "weird"}, {"enum": {}}, {"required": True}, {"x": None}, {"default": None}),
]


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if is_object(node) or is_list(node):
        for key, value in node.items() if is_object(node) else enumerate(node):
            yield (*path, key)
            yield from places(value, (*path, key))


PLACES = {path: [p for p in places(spec(path)) if len(p) > 1 and p[0] in {"paths", "components"}] for path in SPECS}


@pytest.mark.parametrize("path", SPECS)
@FEWER
@given(data=st.data())
def test_anything_anywhere(path: str, data: st.DataObject) -> None:
    """Whatever stands somewhere in a document that can be read, the comparison ends, or says what is missing."""
    old, new = spec(path), spec(path)
    *way, last = data.draw(st.sampled_from(PLACES[path]))
    holder: Any = new
    for step in way:
        holder = holder[step]
    holder[last] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    try:
        documents.check(documents.Document(path=path, digest="", content=new))
        changes = compare(old, new)
        assert len({change.fingerprint for change in changes}) == len(changes)
        compare(new, old)
    except CodegenError:
        pass


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"type": "string", "required": True}, {"type": "string"}),
        ({"type": "integer", "minimum": "1"}, {"type": "integer"}),
        ({"type": "weird", "properties": None}, {}),
        ({"type": "array", "items": [{"type": "string"}]}, {"type": "array", "items": {}}),
        ({"type": "object", "properties": {"a": None}}, {"type": "object", "properties": {"a": {}}}),
        ({"enum": "x"}, {}),
    ],
)
def test_says_nothing(wrong: Any, right: Any) -> None:
    """What is not of its form is as if it were not there."""
    assert told(compare(thing(wrong), thing(right))) == []


def test_boolean_exclusive_bound_in_31() -> None:
    """A boolean `exclusiveMinimum`, which 3.1 does not know, means what 3.0 means by it."""
    old = thing({"type": "integer", "minimum": 0, "exclusiveMinimum": True})
    assert told(compare(old, thing({"type": "integer", "minimum": 1}))) == []
    assert only(old, thing({"type": "integer", "minimum": 0})).finding.kind == "widened"


def test_reference_to_nothing() -> None:
    """A reference that leads nowhere is named."""
    with pytest.raises(CodegenError, match="a reference leads to '#/components/schemas/Gone', where nothing is"):
        compare(document(response=ref("Gone")), document(response=ref("Gone")))
