"""JSON to models and back."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unijob.converter import StructureError, dumps, loads, structure, structure_leniently, unstructure
from unijob.errors import ContractViolation, InvalidArgument
from unijob.jsontypes import is_list, is_object
from unijob_models import gradient, mka1
from unijob_models.runtime import NO_EXTRAS, UNSET, Model, Unset

DATA = Path(__file__).parents[1] / "data"
CONTRACTS = [mka1.contract("2026-07"), mka1.contract("2026-10"), gradient.contract("2026-08")]
RESPONSES = {
    f"{contract.provider} {contract.revision} {operation.id} {response.status}": response.model
    for contract in CONTRACTS
    for operation in contract.operations.values()
    for response in operation.responses
    if response.model is not None
}
SEEDS = {
    "seeds/eval_run_list": mka1.contract("2026-07").operations["listEvalRuns"],
    "seeds/eval_schedule": mka1.contract("2026-07").operations["getEvalSchedule"],
    "seeds/feedback_export": mka1.contract("2026-07").operations["getExportStatus"],
    "seeds/file_batch": mka1.contract("2026-07").operations["getVectorStoreFileBatch"],
    "seeds/indexing_job": gradient.contract("2026-08").operations["genai_get_indexing_job"],
    "2026-10/eval_run_list": mka1.contract("2026-10").operations["listEvalRuns"],
    "2026-10/feedback_export": mka1.contract("2026-10").operations["getExportStatus"],
}
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


class Color(StrEnum):
    RED = "red"
    DARK_RED = "dark red"


class Fruit(StrEnum):
    APPLE = "apple"
    RED = "red"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Part(Model):
    name: str
    size: int | Unset = UNSET
    additional_properties: Mapping[str, Any] = NO_EXTRAS


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Whole(Model):
    id: str
    part: Part
    parts: tuple[Part, ...]
    names: tuple[str, ...]
    by_name: Mapping[str, Part] = attrs.field(metadata={"json": "byName"})
    color: Color | str
    started_at: int | None = attrs.field(metadata={"json": "startedAt"})
    spare: Part | None
    note: str | Unset = UNSET
    spare_parts: tuple[Part, ...] | Unset | None = attrs.field(default=UNSET, metadata={"json": "spare/parts"})
    additional_properties: Mapping[str, Any] = NO_EXTRAS


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Ring(Model):
    """A class that requires itself."""

    next: Ring
    label: str | Unset = UNSET
    additional_properties: Mapping[str, Any] = NO_EXTRAS


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Cat(Model):
    kind: Literal["cat"]
    lives: int | Unset = UNSET
    additional_properties: Mapping[str, Any] = NO_EXTRAS


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Dog(Model):
    kind: Literal["dog"]
    tricks: tuple[str, ...] | Unset = UNSET
    additional_properties: Mapping[str, Any] = NO_EXTRAS


WHOLE: dict[str, Any] = {
    "id": "w",
    "part": {"name": "p"},
    "parts": [{"name": "a", "size": 1}, {"name": "b"}],
    "names": ["x"],
    "byName": {"k/~": {"name": "c"}},
    "color": "red",
    "startedAt": None,
    "spare": None,
}


def as_(type_: Any) -> Any:
    """Any type expression, for a parameter that is declared as a class."""
    return type_


def pointers(value: Any, type_: Any) -> dict[str, str]:
    """What `structure` says of a wrong value: the broken keyword by the place of it."""
    with pytest.raises(StructureError) as caught:
        structure(value, as_(type_))
    return {violation.target: violation.keyword for violation in caught.value.violations}


# --- No coercion


LEAVES: dict[Any, list[Any]] = {
    str: ["", "5", "ü"],
    int: [0, -5, 2**63, 1.0, -3.0],
    float: [0, 1, 1.5, -2.0, 1e308],
    bool: [True, False],
    type(None): [None],
    Literal["a", 1, True]: ["a", 1, True, 1.0],
    Color | str: ["red", "blue", ""],
    tuple[str, ...]: [[], ["a"]],
    Mapping[str, int]: [{}, {"a": 1}],
    Any: [None, 1, [{}]],
}
ALL = [None, True, False, 0, 1, 5, 1.0, 1.5, "", "5", "a", "b", "true", [], ["a"], [1], {}, {"a": 1}, {"a": "1"}]


def fits(value: Any, type_: Any) -> bool:
    """Whether a value fits, said once more in other words."""
    number = type(value) in {int, float}
    return {
        "str": isinstance(value, str),
        "int": number and value == int(value),
        "float": number,
        "bool": isinstance(value, bool),
        "NoneType": value is None,
        "Literal": value is True or value == "a" or (number and value == 1),
        "UnionType": isinstance(value, str),
        "tuple": is_list(value) and all(isinstance(item, str) for item in value),
        "Mapping": is_object(value) and all(type(item) is int for item in value.values()),
        "Any": True,
    }[getattr(type_, "__name__", None) or type(type_).__name__]


@pytest.mark.parametrize("type_", LEAVES, ids=str)
def test_a_value_is_taken_as_it_is(type_: Any) -> None:
    """What fits comes back equal, of the same type."""
    for value in LEAVES[type_]:
        back = unstructure(structure(value, type_))
        assert (back, type(back)) == (value, type(value))


@pytest.mark.parametrize("type_", LEAVES, ids=str)
def test_nothing_is_coerced(type_: Any) -> None:
    """What does not fit is refused, at its place: no number from a string, no string from a number, no truth."""
    for value in ALL:
        if fits(value, type_):
            assert unstructure(structure(value, type_)) == value
        else:
            assert pointers(value, type_)


def test_constants_are_told_from_enums_and_truths_from_numbers() -> None:
    """One constant is `const`, more are `enum`; 1 is not true."""
    assert pointers("b", Literal["a"]) == pointers(True, Literal[1]) == pointers(1, Literal[True]) == {"": "const"}
    assert pointers("c", Literal["a", "b"]) == pointers("d", Literal["a", "b", "c"]) == {"": "enum"}


@pytest.mark.parametrize(
    ("value", "ends"),
    [({"name": 1}, "found an integer"), ({"name": 1, "size": "x"}, r"\(and 1 more\)")],
)
def test_an_error_says_how_many_more_there_are(value: dict[str, Any], ends: str) -> None:
    """The first is told in its words."""
    with pytest.raises(StructureError, match=f"{ends}$"):
        structure(value, Part)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_number_is_not_finite(value: float) -> None:
    """NaN and Infinity are no JSON numbers, nor integers."""
    assert pointers(value, float) == {"": "type"}
    assert pointers(value, int) == {"": "type"}


def test_an_integer_that_was_lost_on_the_way_is_refused() -> None:
    """Orjson gives integers of more than 64 bits as floats; which one it was is not known."""
    assert pointers(loads(b"18446744073709551616"), int) == {"": "type"}
    assert structure(loads(b"18446744073709551615"), int) == 2**64 - 1


# --- Models


def test_a_model_round_trips_with_undocumented_properties() -> None:
    """JSON names are read and written, absent stays absent, null null, and nothing is lost at any depth."""
    value = {**WHOLE, "spare/parts": None, "new": {"startedAt": [1, None]}, "part": {"name": "p", "Size": 2}}
    found = structure(value, Whole)
    assert (found.started_at, found.note, found.spare_parts) == (None, UNSET, None)
    assert (found.additional_properties, found.part.additional_properties) == (
        {"new": {"startedAt": [1, None]}},
        {"Size": 2},
    )
    assert found.by_name["k/~"] == Part(name="c")
    assert found.color is Color.RED
    assert unstructure(found) == value
    assert structure_leniently(value, Whole) == found


def test_all_violations_are_told_with_wire_names() -> None:
    """Each with its JSON pointer, escaped, in the names of the wire; what is missing with its parent."""
    value = {
        **WHOLE,
        "id": 5,
        "part": [],
        "parts": [{"name": "a", "size": "1"}, {}, 7],
        "byName": {"k/~": {"name": None}},
        "color": 1,
        "spare/parts": [{"name": 1}],
        "spare": {"name": 2},
    }
    del value["startedAt"]
    assert pointers(value, Whole) == {
        "/id": "type",
        "/part": "type",
        "/parts/0/size": "type",
        "/parts/1/name": "required",
        "/parts/2": "type",
        "/byName/k~1~0/name": "type",
        "/color": "type",
        "/spare~1parts/0/name": "type",
        "/spare/name": "type",
        "/startedAt": "required",
    }


def test_a_violation_says_what_was_expected_and_never_the_value() -> None:
    """Payloads carry secrets."""
    with pytest.raises(StructureError) as caught:
        structure({**WHOLE, "id": ["s3cret"], "color": {"s3cret": 1}, "parts": [{"s3cret": 1}]}, Whole)
    assert "s3cret" not in str(caught.value) + repr(caught.value.violations)
    assert str(caught.value) == (
        "the value does not fit Whole: response.body /id: expected a string, found an array (and 2 more)"
    )
    missing = caught.value.violations[1]
    assert (missing.pointer, missing.missing, missing.message) == ("/parts/0", "name", "the property 'name' is missing")
    assert {violation.place for violation in caught.value.violations} == {"response.body"}


def test_structure_errors_pickle() -> None:
    """With all their violations."""
    with pytest.raises(StructureError) as caught:
        structure({}, Part)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.violations) == (StructureError, str(caught.value), caught.value.violations)
    assert isinstance(again, ContractViolation)


def test_models_pickle_and_copy() -> None:
    """UNSET and the absence of extras stay what they are."""
    found = structure({**WHOLE, "new": 1}, Whole)
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found), copy.copy(found)):
        assert again == found
        assert again.note is UNSET
        assert again.part.additional_properties is NO_EXTRAS


# --- Unions


def test_a_string_is_the_member_of_the_first_enum_that_lists_it() -> None:
    """Of several enums too; any other string is itself."""
    both = as_(Color | Fruit | str)
    assert structure("red", both) is Color.RED
    assert structure("apple", both) is Fruit.APPLE
    assert structure("pear", both) == "pear"
    assert structure("pear", Color) == "pear"


def test_unions_dispatch_on_the_json_type() -> None:
    """One alternative for each type of JSON value; a type that none has is refused, with what was expected."""
    union = as_(int | str | tuple[int, ...] | Mapping[str, bool] | Part | None | Unset)
    for value in (1, 1.0, "a", [1], {"x": True}, {"name": "n"}, None):
        assert unstructure(structure(value, union)) == value
    assert structure({"name": "n"}, union) == Part(name="n")
    assert pointers(True, union) == {"": "type"}
    assert pointers([1, "a"], union) == {"/1": "type"}
    assert pointers({"x": 1}, union) == {"": "anyOf"}
    with pytest.raises(StructureError, match="expected null or an integer or"):
        structure(True, union)


def test_a_tag_decides_and_its_class_is_told_about() -> None:
    """A constant that tells classes apart picks the class, whose violations are then told."""
    pet = as_(Cat | Dog)
    assert structure({"kind": "dog", "lives": 9}, pet) == Dog(kind="dog", additional_properties={"lives": 9})
    assert pointers({"kind": "dog", "tricks": [1]}, pet) == {"/tricks/0": "type"}
    assert pointers({"kind": "cow"}, pet) == {"": "anyOf"}
    assert pointers({"kind": ["dog"]}, pet) == {"": "anyOf"}
    assert pointers({}, pet) == {"": "anyOf"}


def test_booleans_are_no_numbers_in_unions() -> None:
    """`true` is not 1, nor 1 `true`."""
    assert structure(True, as_(bool | int)) is True
    assert structure(1, as_(Literal[True, "x"] | int)) == 1
    assert pointers(True, as_(int | str)) == {"": "type"}
    assert pointers(1, as_(bool | str)) == {"": "type"}


# --- Leniently


def test_lenient_reading_keeps_what_can_be_read() -> None:
    """A field that is missing or unreadable says as little as its type allows; the rest is there."""
    found = structure_leniently(
        {
            "id": 5,
            "part": "?",
            "parts": [{"name": "a", "size": "1", "more": 2}, 7, {}],
            "names": ["x", 1, "y"],
            "byName": {"a": 1, "b": {"name": "c"}},
            "color": [],
            "spare/parts": "?",
            "note": 1,
            "new": True,
        },
        Whole,
    )
    blank: Any = attrs.evolve(Part(name=""), name=as_(UNSET))
    assert found.id is as_(UNSET)
    assert found.part == blank
    assert found.parts == (Part(name="a", additional_properties={"more": 2}), blank, blank)
    assert found.names == ("x", "y")
    assert found.by_name == {"a": blank, "b": Part(name="c")}
    assert found.color is as_(UNSET)
    assert (found.started_at, found.spare) == (None, None)
    assert (found.note, found.spare_parts) == (UNSET, UNSET)
    assert found.additional_properties == {"new": True}


def test_what_was_read_leniently_is_written_without_the_rest() -> None:
    """A required leaf that could not be read is left out, not written."""
    assert unstructure(structure_leniently({"name": 1, "size": 2}, Part)) == {"size": 2}
    assert unstructure(structure_leniently([], Whole)) == {
        "part": {},
        "parts": [],
        "names": [],
        "byName": {},
        "startedAt": None,
        "spare": None,
    }


def test_a_blank_model_that_requires_itself_ends() -> None:
    """The cycle stops with UNSET, and can be written."""
    blank = structure_leniently({}, Ring)
    assert blank.next is as_(UNSET)
    found = structure_leniently({"next": {"next": 5, "label": "b"}, "label": "a"}, Ring)
    assert (found.label, found.next.label) == ("a", "b")
    assert unstructure(found) == {"next": {"label": "b"}, "label": "a"}


def test_lenient_unions() -> None:
    """The tagged class, else the one that knows most; an unreadable value is the first that is not a leaf."""
    pet = as_(Cat | Dog)
    assert type(structure_leniently({"kind": "dog", "tricks": 1}, pet)) is Dog
    assert type(structure_leniently({"kind": "cow", "tricks": ["sit"], "lives": "?"}, pet)) in {Cat, Dog}
    assert type(structure_leniently({"tricks": ["sit"]}, pet)) is Dog
    assert structure_leniently(5, pet) == structure_leniently({}, Cat)
    assert structure_leniently(5, as_(str | tuple[str, ...])) == ()
    assert structure_leniently([1], as_(str | None)) is None


@pytest.mark.parametrize("model", [Whole, Ring, Cat | Dog, *RESPONSES.values()], ids=str)
@given(value=json_values)
def test_lenient_reading_never_raises(model: Any, value: Any) -> None:
    """Whatever JSON comes, there is a model, and it can be written."""
    unstructure(structure_leniently(value, model))


@given(data=st.data())
@pytest.mark.parametrize("name", SEEDS)
def test_lenient_reading_of_a_damaged_payload_never_raises(name: str, data: st.DataObject) -> None:
    """Any value in a real payload may be gone or another; every attribute can still be walked."""
    payload = loads((DATA / f"{name}.json").read_bytes())
    places = list(walk(payload))
    for _ in range(data.draw(st.integers(1, 3))):
        parent, key = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()) and is_object(parent):
            parent.pop(key, None)
        else:
            parent[key] = data.draw(json_values)
    model = SEEDS[name].success.model
    found = structure_leniently(payload, model)
    assert type(found) is model
    try:
        strictly = structure(payload, model)
    except StructureError:
        return
    assert strictly == found
    assert unstructure(found) == payload


def walk(value: Any) -> Any:
    items: Any = enumerate(value) if is_list(value) else list(value.items()) if is_object(value) else ()
    for key, item in items:
        yield value, key
        yield from walk(item)


# --- Real payloads


@pytest.mark.parametrize("name", SEEDS)
def test_the_payloads_of_the_seeds_round_trip(name: str) -> None:
    """Bytes to model and back give the same JSON."""
    data = (DATA / f"{name}.json").read_bytes()
    found = structure(loads(data), SEEDS[name].success.model)
    assert loads(dumps(found)) == orjson.loads(data)


def test_deep_nesting_is_a_violation_not_a_crash() -> None:
    """A value nested beyond Python's own limit is refused strictly and blank leniently."""
    value: Any = {"label": "end"}
    for _ in range(5000):
        value = {"next": value}
    with pytest.raises(StructureError, match="nested too deeply"):
        structure(value, Ring)
    assert structure_leniently(value, Ring).label is UNSET


# --- Bytes


@pytest.mark.parametrize(
    "data", ["", "{", "NaN", "[1e400]", '{"a": Infinity}', b"\xff", "{'a': 1}", "1 2", '"\\ud800"']
)
def test_what_is_no_json_is_a_violation(data: bytes | str) -> None:
    """With the place in the text, and without the text."""
    with pytest.raises(ContractViolation, match=r"the body is not JSON: .* \(line 1, column \d+\)") as caught:
        loads(data)
    assert [(v.place, v.pointer, v.keyword) for v in caught.value.violations] == [("response.body", "", "parse")]


def test_loads_takes_bytes_and_text() -> None:
    """As they come."""
    assert loads(b'{"a":1}') == loads('{"a":1}') == loads(bytearray(b'{"a":1}')) == loads(memoryview(b'{"a":1}'))


@given(value=json_values)
def test_dumps_is_the_inverse_of_loads(value: Any) -> None:
    """For every value that JSON has and 64 bits hold."""
    assert loads(dumps(value)) == value


def test_dumps_writes_models() -> None:
    """At any depth."""
    found = structure(WHOLE, Whole)
    assert loads(dumps({"all": [found]})) == {"all": [WHOLE]}


@pytest.mark.parametrize(
    ("value", "argument"),
    [
        (float("nan"), ""),
        ({"a": [None, float("inf")]}, "/a/1"),
        ({"a/b": {"c": float("-inf")}}, "/a~1b/c"),
        (Part(name="a", additional_properties={"x": float("nan")}), "/x"),
        (object(), ""),
        ({1: 2}, ""),
        (2**64, ""),
        ({"a", "b"}, ""),
    ],
)
def test_dumps_refuses_what_json_cannot_hold(value: Any, argument: str) -> None:
    """No null for NaN, no guess for anything else."""
    with pytest.raises(InvalidArgument) as caught:
        dumps(value)
    assert caught.value.argument == argument
