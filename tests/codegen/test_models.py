"""From a spec to classes in use."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import Any, Literal, get_type_hints

import attrs
import pytest

from unijob.converter import StructureError, structure, structure_leniently, unstructure
from unijob.converter.shapes import fields_of
from unijob_models.runtime import NO_EXTRAS, UNSET, Unset

Models = Callable[..., Any]

STRING = {"type": "string"}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def array_of(item: Any) -> Any:
    return GenericAlias(tuple, (item, ...))


def hints(model: Any) -> dict[str, Any]:
    return {name: type_ for _, name, type_ in fields_of(model)}


def round_trip(value: Any, model: Any) -> Any:
    found = structure(value, model)
    assert unstructure(found) == value
    assert structure_leniently(value, model) == found
    return found


def test_a_class_is_frozen_slotted_and_keyword_only(models: Models) -> None:
    """A generated class is passive: no assignment, no positional arguments, no `__dict__`."""
    thing = models({"Thing": {**of(id=STRING), "required": ["id"]}}).Thing
    one = thing(id="a")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.id = "b"
    with pytest.raises(TypeError):
        thing("a")
    assert not hasattr(one, "__dict__")


def test_absence_null_and_value_are_three_things(models: Models) -> None:
    """Optional is not nullable, and a default of the spec is never a value."""
    m = models(
        {
            "Thing": {
                **of(
                    a={"type": "string", "default": "x"},
                    b={"type": ["string", "null"], "default": None},
                    c={"type": ["integer", "null"]},
                    d=STRING,
                ),
                "required": ["c", "d"],
            }
        }
    )
    assert hints(m.Thing) == {"a": str | Unset, "b": str | None | Unset, "c": int | None, "d": str}
    found = round_trip({"c": None, "d": ""}, m.Thing)
    assert (found.a, found.b, found.c) == (UNSET, UNSET, None)
    assert round_trip({"b": None, "c": 1, "d": ""}, m.Thing).b is None


def test_openapi_30_nullable_reads_like_a_list_of_types(models: Models) -> None:
    """`nullable` of 3.0 gives the same fields as null in 3.1, beside a type, an enum, `allOf` and `$ref`."""
    m = models(
        {
            "Other": of(x=STRING),
            "Thing": of(
                a={"type": "string", "nullable": True},
                b={"type": "string", "nullable": True, "enum": ["p", "q", None]},
                c={"nullable": True, "allOf": [ref("Other")]},
                d={"type": "object", "nullable": True, "properties": {"y": STRING}},
                e={"type": "array", "items": {"type": "integer", "nullable": True}},
            ),
        },
        version="3.0.3",
    )
    assert hints(m.Thing) == {
        "a": str | None | Unset,
        "b": m.ThingB | str | None | Unset,
        "c": m.Other | None | Unset,
        "d": m.ThingD | None | Unset,
        "e": tuple[int | None, ...] | Unset,
    }
    round_trip({"a": None, "b": None, "c": None, "d": None, "e": [1, None]}, m.Thing)


def test_openapi_31_does_not_know_nullable(models: Models) -> None:
    """In 3.1 `nullable` is a word without a meaning."""
    m = models({"Thing": of(a={"type": "string", "nullable": True})})
    assert hints(m.Thing) == {"a": str | Unset}


def test_an_enum_is_open(models: Models) -> None:
    """A listed value is the enum's member, another one stays a string, and both come back as they were."""
    m = models({"Status": {"type": "string", "enum": ["in_progress", "done"]}, "Thing": of(status=ref("Status"))})
    assert m.Status.__bases__ == (enum.StrEnum,)
    assert list(m.Status.__members__) == ["IN_PROGRESS", "DONE"]
    assert hints(m.Thing) == {"status": m.Status | str | Unset}
    assert round_trip({"status": "done"}, m.Thing).status is m.Status.DONE
    assert round_trip({"status": "lost"}, m.Thing).status == "lost"
    assert type(unstructure(m.Thing(status=m.Status.DONE))["status"]) is str


def test_colliding_enum_members_have_names_of_their_own(models: Models) -> None:
    """Members whose names would be equal are told apart, whatever the order of the values."""
    values = ["a-b", "a_b", "A_B", "", "2fa", "+1", "-1", "class", "é"]
    wanted = {
        "A_B": "A_B",
        "A_B_2": "a-b",
        "A_B_3": "a_b",
        "EMPTY": "",
        "VALUE_2FA": "2fa",
        "VALUE_1": "+1",
        "VALUE_1_2": "-1",
        "CLASS": "class",
        "É": "é",
    }
    m = models(
        {
            "One": {"type": "string", "enum": values},
            "Two": {"type": "string", "enum": values[::-1]},
        }
    )
    for enum_ in (m.One, m.Two):
        assert {name: member.value for name, member in enum_.__members__.items()} == wanted


def test_an_enum_with_null_is_an_enum_or_none(models: Models) -> None:
    """`enum: [a, null]` gives a nullable enum without a member for null, inline and as a component."""
    m = models(
        {
            "Named": {"type": ["string", "null"], "enum": ["a", "b", None]},
            "Thing": of(inline={"enum": ["c", "d", None]}, named=ref("Named")),
        }
    )
    assert hints(m.Thing) == {"inline": m.ThingInline | str | None | Unset, "named": m.Named | str | None | Unset}
    assert [member.value for member in m.Named] == ["a", "b"]
    round_trip({"inline": None, "named": None}, m.Thing)
    round_trip({"inline": "c", "named": "b"}, m.Thing)


def test_a_constant_is_a_literal(models: Models) -> None:
    """`const`, and an inline enum of one value, are closed; a component with one value is an open enum."""
    m = models(
        {
            "Single": {"type": "string", "enum": ["x"]},
            "Thing": of(
                a={"const": "t"},
                b={"type": "string", "enum": ["u"]},
                c={"const": True},
                d={"const": 3},
                e=ref("Single"),
            ),
        }
    )
    assert hints(m.Thing) == {
        "a": Literal["t"] | Unset,
        "b": Literal["u"] | Unset,
        "c": Literal[True] | Unset,
        "d": Literal[3] | Unset,
        "e": m.Single | str | Unset,
    }
    round_trip({"a": "t", "b": "u", "c": True, "d": 3.0, "e": "y"}, m.Thing)
    with pytest.raises(StructureError):
        structure({"a": "u"}, m.Thing)
    with pytest.raises(StructureError):
        structure({"c": 1}, m.Thing)


def test_constants_beside_null_and_each_other(models: Models) -> None:
    """A nullable constant is a constant or None; `oneOf` of strings is an open enum of them."""
    m = models(
        {
            "Thing": of(
                a={"anyOf": [{"const": "t"}, {"type": "null"}]},
                b={"oneOf": [{"const": "p"}, {"const": "q"}, {"type": "null"}]},
                c={"type": "array", "items": {"anyOf": [{"const": True}, {"type": "null"}]}},
                d={"anyOf": [{"const": "auto"}, {"type": "string"}]},
            )
        }
    )
    assert hints(m.Thing) == {
        "a": Literal["t"] | None | Unset,
        "b": m.ThingB | str | None | Unset,
        "c": array_of(Literal[True] | None) | Unset,
        "d": Literal["auto"] | str | Unset,  # noqa: PYI051 - as the spec says it
    }
    round_trip({"a": None, "b": "q", "c": [True, None], "d": "x"}, m.Thing)
    round_trip({"a": "t", "b": "else"}, m.Thing)


def test_containers_are_immutable_and_typed(models: Models) -> None:
    """Arrays are tuples, maps are mappings, a free object holds anything."""
    m = models(
        {
            "Thing": of(
                list={"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                map={"type": "object", "additionalProperties": ref("Thing")},
                free={"type": "object"},
                closed={"type": "object", "additionalProperties": False},
                any={},
                rest={"type": "array"},
                pair={"type": "array", "prefixItems": [STRING, {"type": "integer"}], "items": False},
            )
        }
    )
    assert hints(m.Thing) == {
        "list": tuple[tuple[float, ...], ...] | Unset,
        "map": GenericAlias(Mapping, (str, m.Thing)) | Unset,
        "free": Mapping[str, Any] | Unset,
        "closed": Mapping[str, Any] | Unset,
        "any": Any | Unset,
        "rest": tuple[Any, ...] | Unset,
        "pair": tuple[str | int, ...] | Unset,
    }
    value: dict[str, Any] = {
        "list": [[1, 2.5], []],
        "map": {"k": {"free": {"a": [1]}}},
        "any": None,
        "rest": [{}],
        "pair": ["a", 1],
    }
    assert round_trip(value, m.Thing).list == ((1, 2.5), ())


def test_properties_that_no_schema_lists_are_kept(models: Models) -> None:
    """They stand in `additional_properties`, also beside typed additionalProperties, and are written back."""
    m = models({"Thing": {**of(a=STRING), "additionalProperties": {"type": "integer"}}})
    assert round_trip({"a": "x"}, m.Thing).additional_properties is NO_EXTRAS
    assert round_trip({"a": "x", "b": 1, "c": {"d": []}}, m.Thing).additional_properties == {"b": 1, "c": {"d": []}}


def test_a_property_may_be_called_additional_properties(models: Models) -> None:
    """Then the field for the others gives way."""
    m = models({"Thing": of(additional_properties=STRING)})
    found = round_trip({"additional_properties": "x", "more": 1}, m.Thing)
    assert (found.additional_properties, found.additional_properties_) == ("x", {"more": 1})


def test_names_are_snake_case_and_find_their_way_back(models: Models) -> None:
    """Any JSON name gives a Python name; keywords, builtins, digits, symbols and collisions included."""
    names = {
        "startTime": "start_time_3",
        "start_time": "start_time",
        "StartTime": "start_time_2",
        "durationMs": "duration_ms",
        "knowledgeBaseUUID": "knowledge_base_uuid",
        "HTTPStatus": "http_status",
        "class": "class_",
        "from": "from_",
        "self": "self_",
        "attrs": "attrs",
        "str": "str_",
        "int": "int_",
        "Any": "any",
        "field": "field",
        "frozen": "frozen",
        "id": "id",
        "2fa": "field_2fa",
        "_links": "links",
        "$schema": "schema",
        "@type": "type",
        "x-y.z": "x_y_z",
        "": "field_2",
        "__class__": "class_2",
        "o": "o",
        "res": "res",
        "instance": "instance",
        'quo"te\\': "quo_te",
        "naïve": "naïve",
    }
    m = models({"Thing": {**of(**dict.fromkeys(names, STRING)), "required": ["from", "startTime"]}})
    assert {json: name for json, name, _ in fields_of(m.Thing)} == names
    found = round_trip({name: name for name in names}, m.Thing)
    assert all(getattr(found, attribute) == json for json, attribute in names.items())


def test_the_same_name_in_camel_and_snake_case_gives_the_same_field(models: Models) -> None:
    """So one adapter reads both revisions of a vendor that changed its casing."""
    m = models({"Old": of(startTime=STRING), "New": of(start_time=STRING)})
    assert hints(m.Old) == hints(m.New)
    field = attrs.fields_dict(m.Old)["start_time"]
    assert (field.metadata["json"], dict(attrs.fields_dict(m.New)["start_time"].metadata)) == ("startTime", {})


def test_component_names_are_class_names(models: Models) -> None:
    """Exactly, where Python allows it: no recasing; else the nearest that is free."""
    names = ["apiThing", "Snake_Case", "a.b", "a-b", "Any", "Mapping", "None", "2D", "Unset", "list", "Model", "_Model"]
    m = models({name: of(x=STRING) for name in names})
    for name in ["apiThing", "Snake_Case", "a_b", "a_b_2", "Any_", "Mapping_", "None_", "Model2D", "Unset_", "list_"]:
        assert structure({"x": "y"}, getattr(m, name)).x == "y"


def test_a_field_does_not_hide_a_class(models: Models) -> None:
    """A field called like a lower-case component gives way, so that annotations mean the class."""
    m = models({"job": of(job=ref("job"), other=ref("job"))})
    assert hints(m.job) == {"job_": m.job | Unset, "other": m.job | Unset}
    round_trip({"job": {}, "other": {"job": {}}}, m.job)


def test_inline_shapes_do_not_take_component_names(models: Models) -> None:
    """A component keeps its name though an inline enum or object would like it."""
    m = models(
        {
            "Thing": of(status={"enum": ["a", "b"]}, part=of(x=STRING), parts={"type": "array", "items": of(y=STRING)}),
            "ThingStatus": of(z=STRING),
        }
    )
    assert hints(m.Thing) == {
        "status": m.ThingStatus_2 | str | Unset,
        "part": m.ThingPart | Unset,
        "parts": array_of(m.ThingPartsItem) | Unset,
    }
    assert list(hints(m.ThingStatus)) == ["z"]


def test_all_of_is_one_class(models: Models) -> None:
    """`allOf` merges properties and requirements; of two schemas for one property both count."""
    m = models(
        {
            "Base": {**of(id=STRING, kind=STRING), "required": ["id"]},
            "Thing": {"allOf": [ref("Base"), {**of(size={"type": "integer"}, kind={"enum": ["a", "b"]})}]},
            "Alias": {"allOf": [ref("Base"), {"description": "The same."}]},
        }
    )
    assert hints(m.Thing) == {"id": str, "kind": m.ThingKind | str | Unset, "size": int | Unset}
    assert m.Alias is m.Base


def test_unions_choose_by_constant_then_by_fewest_unknown_properties(models: Models) -> None:
    """A tag decides; without one, the class that knows most of the value."""
    m = models(
        {
            "A": {**of(type={"const": "a"}, x=STRING), "required": ["type"]},
            "B": {**of(type={"const": "b"}, y=STRING), "required": ["type"]},
            "C": of(x=STRING),
            "D": of(x=STRING, y=STRING),
            "Tagged": {"oneOf": [ref("A"), ref("B")]},
            "Thing": of(tagged=ref("Tagged"), open={"anyOf": [ref("C"), ref("D"), STRING, {"type": "null"}]}),
        }
    )
    found = round_trip({"tagged": {"type": "b", "x": 1}, "open": {"x": "1", "y": "2"}}, m.Thing)
    assert (type(found.tagged), type(found.open)) == (m.B, m.D)
    assert type(round_trip({"open": {"x": "1"}}, m.Thing).open) is m.C
    assert round_trip({"open": None}, m.Thing).open is None
    assert round_trip({"open": "s"}, m.Thing).open == "s"


def test_properties_beside_alternatives_are_in_each(models: Models) -> None:
    """`oneOf` beside `properties` gives a class for each alternative, with the common properties."""
    m = models({"Thing": {**of(id=STRING), "oneOf": [of(x=STRING), of(y=STRING)]}})
    assert {tuple(hints(one)) for one in (m.Thing1, m.Thing2)} == {("id", "x"), ("id", "y")}
    assert type(round_trip({"id": "1", "y": "2"}, m.Thing)) is m.Thing2


def test_alternatives_that_only_require_do_not_multiply_classes(models: Models) -> None:
    """`anyOf` of `required` lists is for the validators."""
    m = models({"Thing": {**of(a=STRING, b=STRING), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}})
    assert hints(m.Thing) == {"a": str | Unset, "b": str | Unset}


def test_recursion_through_classes_maps_arrays_and_unions(models: Models) -> None:
    """A schema may contain itself, in any order of definition, and through an alias."""
    m = models(
        {
            "Tree": of(
                children={"type": "array", "items": ref("Node")},
                by_name={"type": "object", "additionalProperties": ref("Tree")},
            ),
            "Node": {"anyOf": [ref("Tree"), ref("Leaf"), STRING]},
            "Leaf": of(parent={"anyOf": [ref("Leaf"), {"type": "null"}]}),
        }
    )
    round_trip({"children": ["a", {"children": [{"by_name": {"x": {}}}]}, {"parent": {"parent": None}}]}, m.Tree)
    round_trip({"children": []}, m.Node)


def test_an_alias_of_itself_holds_anything(models: Models) -> None:
    """What Python cannot write as an alias is not typed, and loses nothing."""
    m = models({"Json": {"anyOf": [STRING, {"type": "array", "items": ref("Json")}]}, "Thing": of(json=ref("Json"))})
    round_trip({"json": ["a", ["b", [{"c": 1}]]]}, m.Thing)


def test_aliases_stand_after_what_they_name(models: Models) -> None:
    """`Cmp | Name` works at import, whatever the order in the spec."""
    m = models(
        {
            "Alpha": {"anyOf": [ref("Zulu"), ref("Cmp")]},
            "Cmp": {"type": "array", "items": ref("Zulu")},
            "Zulu": of(a=ref("Alpha")),
            "Same": ref("Alpha"),
            "Name": STRING,
        }
    )
    assert m.Alpha == m.Zulu | array_of(m.Zulu)
    assert m.Name is str
    round_trip({"a": [{"a": {}}]}, m.Zulu)


def test_a_bare_object_is_a_mapping(models: Models) -> None:
    """A component that is only `type: object` holds any object."""
    m = models({"Bare": {"type": "object"}, "Anything": {}, "Thing": of(bare=ref("Bare"), any=ref("Anything"))})
    assert m.Bare == Mapping[str, Any]
    round_trip({"bare": {"a": 1}, "any": [1]}, m.Thing)


def test_references_into_schemas(models: Models) -> None:
    """A reference need not name a component."""
    m = models(
        {
            "Thing": of(part=of(x=STRING), status={"enum": ["a", "b"]}),
            "Other": of(
                part={"$ref": "#/components/schemas/Thing/properties/part"},
                status={"$ref": "#/components/schemas/Thing/properties/status"},
            ),
        }
    )
    round_trip({"part": {"x": "y"}, "status": "a"}, m.Other)
    assert list(hints(hints(m.Other)["part"].__args__[0])) == ["x"]


def test_descriptions_are_docstrings(models: Models) -> None:
    """Quotes, backslashes and long lines included."""
    text = 'A "thing"\\n of """quotes""" ' + "word " * 40 + '"'
    m = models({"Thing": {**of(a={"type": "string", "description": text}), "description": text}})
    assert " ".join(m.Thing.__doc__.split()) == " ".join(text.split())


def test_wire_types_stay(models: Models) -> None:
    """Formats do not change a type: times and 64-bit numbers are what the wire has."""
    formats = {"date-time": "string", "uint64": "string", "uuid": "string", "binary": "string", "byte": "string"}
    m = models(
        {
            "Thing": of(
                **{name: {"type": type_, "format": name} for name, type_ in formats.items()},
                n={"type": "integer", "format": "int64"},
                f={"type": "number", "format": "float"},
            )
        }
    )
    assert hints(m.Thing) == {
        **{name.replace("-", "_"): str | Unset for name in formats},
        "n": int | Unset,
        "f": float | Unset,
    }


def test_annotations_resolve_without_help(models: Models) -> None:
    """What `typing` sees of a generated class is what was meant."""
    m = models({"Thing": {**of(a=ref("Thing")), "required": ["a"]}})
    namespace: dict[str, Any] = dict(m.__dict__)
    assert get_type_hints(m.Thing, namespace, {})["a"] is m.Thing


def test_models_copy_and_compare(models: Models) -> None:
    """Equality is by class and fields; `attrs.evolve` gives another; they are not hashable, as JSON is not."""
    m = models({"Thing": of(a=STRING), "Other": of(a=STRING)})
    one = m.Thing(a="x")
    assert one == m.Thing(a="x")
    assert one != m.Other(a="x")
    assert attrs.evolve(one, a="y") == m.Thing(a="y")
    assert repr(m.Thing()) == "Thing()"
    assert repr(one) == "Thing(a='x')"
    with pytest.raises(TypeError):
        hash(one)
