"""Values against schemas: violations, drift, pointers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.contract.documents import document, json_body, one_schema
from unijob.contract import Contract
from unijob.contract.document import Document
from unijob.contract.shapes import Shapes
from unijob.contract.validators import Validators
from unijob.errors import Violation

JOB: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "string"},
        "status": {"type": "string", "enum": ["running", "done"]},
        "count": {"type": "integer", "format": "int32"},
        "owner": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "null"}]},
        "labels": {"type": "object"},
        "extra": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
    },
}
SCHEMAS: dict[str, Any] = {
    "Job": JOB,
    "Owner": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 3}}},
    "Named": {"allOf": [{"$ref": "#/components/schemas/Owner"}, {"properties": {"age": {"type": "integer"}}}]},
    "Strict": {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    "Tagged": {
        "oneOf": [
            {"type": "object", "required": ["t"], "properties": {"t": {"const": "n"}, "v": {"type": "integer"}}},
            {"type": "object", "required": ["t"], "properties": {"t": {"enum": ["s"]}, "v": {"type": "string"}}},
        ]
    },
    "Either": {"anyOf": [{"type": "string", "enum": ["a"]}, {"$ref": "#/components/schemas/Owner"}]},
    "Overlap": {
        "oneOf": [
            {"type": "object", "properties": {"k": {"enum": ["a"]}}},
            {"type": "object", "properties": {"k": {"enum": ["b"]}, "n": {"type": "integer"}}},
        ]
    },
    "Constrained": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "Tree": {
        "type": "object",
        "properties": {"kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    },
    "Map": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Owner"}},
    "Patterned": {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}},
    "Names": {"type": "object", "propertyNames": {"maxLength": 2}},
    "Tuple": {"type": "array", "prefixItems": [{"type": "integer"}], "items": False},
    "Digits": {"type": "object", "properties": {"5": {"type": "integer"}}},
    "OneNumber": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "Free": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "object"}]},
    "Wanted": {"properties": {"a": {}}, "required": ["b"]},
    "WantedToo": {"allOf": [{"properties": {"a": {}}}], "required": ["b"]},
    "Nearest": {
        "oneOf": [
            {"properties": {"o": {"type": "object", "properties": {"x": {}}}, "n": {"type": "integer"}}},
            {"properties": {"o": {"type": "object", "properties": {"new": {}}}, "m": {"type": "integer"}}},
        ]
    },
    "FewestViolations": {
        "anyOf": [
            {"properties": {"o": {"type": "object", "properties": {"n": {"type": "integer"}, "x": {}, "y": {}}}}},
            {"properties": {"o": {"type": "object", "properties": {"n": {}}}}},
        ]
    },
    "Deepest": {
        "anyOf": [
            {"properties": {"a": {"type": "integer"}, "o": {}}},
            {"properties": {"o": {"properties": {"n": {"type": "integer"}}}, "a": {}}},
        ]
    },
    "Unique": {"anyOf": [{"type": "string"}, {"type": "array", "uniqueItems": True}]},
    "NeverOr": {"anyOf": [False, {"type": "object", "required": ["a"]}]},
    "Tags": {"properties": {"tagged": {"$ref": "#/components/schemas/Tagged"}}},
    "Both": {"allOf": [{"type": "string", "enum": ["a"]}, {"maxLength": 1}]},
    "TaggedToo": {
        "properties": {"always": {}},
        "oneOf": [
            {"type": "object", "required": ["t"], "properties": {"t": {"const": "n"}}},
            {"type": "object", "required": ["t"], "properties": {"t": {"const": "s"}, "v": {}}},
        ],
    },
    "Composed": {
        "allOf": [{"properties": {"in_all": {"$ref": "#/components/schemas/Owner"}}}],
        "if": {"required": ["then"]},
        "then": {"properties": {"then": {"$ref": "#/components/schemas/Owner"}}},
        "else": {"properties": {"else": {"$ref": "#/components/schemas/Owner"}}},
        "dependentSchemas": {
            "on": {"properties": {"on": {}, "depends": {"$ref": "#/components/schemas/Owner"}}},
        },
    },
    "Ever": True,
    "Never": False,
}


def brief(found: tuple[Violation, ...]) -> list[str]:
    """Each finding as `keyword target`, with `~` before drift."""
    return [("~" if violation.drift else "") + f"{violation.keyword} {violation.target}" for violation in found]


def check(name: str, value: Any, **options: Any) -> list[str]:
    contract = one_schema({"$ref": f"#/components/schemas/{name}"}, schemas=SCHEMAS, **options)
    return brief(contract.check_response("op", 200, value))


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Job", {"id": "1", "status": "done", "owner": None, "count": 2.0}, []),
        ("Job", {"status": "done"}, ["required /id"]),
        ("Job", {"id": 1, "status": "done"}, ["type /id"]),
        ("Job", {"id": "1", "status": "asleep"}, ["~enum /status"]),
        ("Job", {"id": "1", "status": 5}, ["type /status"]),
        (
            "Job",
            {"id": "1", "status": "done", "new": 1, "a/b~c": 1},
            ["~additionalProperties /new", "~additionalProperties /a~1b~0c"],
        ),
        ("Job", {"id": "1", "status": "done", "count": 2**31}, ["format /count"]),
        ("Job", {"id": "1", "status": "done", "owner": {"name": "Anna"}}, ["maxLength /owner/name"]),
        ("Job", {"id": "1", "status": "done", "owner": {"name": "Ann", "x": 1}}, ["~additionalProperties /owner/x"]),
        ("Job", {"id": "1", "status": "done", "owner": 3}, ["anyOf /owner"]),
        ("Job", {"id": "1", "status": "done", "labels": {"any": 1}, "extra": {"a": 1, "b": 2}}, []),
        ("Job", [], ["type "]),
        ("Named", {"name": "Ann", "age": 3}, []),
        ("Named", {"name": "Ann", "age": "3", "new": 1}, ["type /age", "~additionalProperties /new"]),
        ("Named", {"age": 3}, ["required /name"]),
        ("Strict", {"b": 1}, ["additionalProperties /b"]),
        ("Tagged", {"t": "n", "v": "x"}, ["type /v"]),
        ("Tagged", {"t": "s", "v": 1, "w": 1}, ["type /v", "~additionalProperties /w"]),
        ("Tagged", {"t": "new", "v": 1}, ["const /t"]),
        ("Tagged", {"t": "s", "w": 1}, ["~additionalProperties /w"]),
        ("Nearest", {"o": {"new": 1}, "n": "1", "m": "1"}, ["type /m"]),
        (
            "FewestViolations",
            {"o": {"n": "1", "x": 1, "y": 1}},
            ["~additionalProperties /o/x", "~additionalProperties /o/y"],
        ),
        ("Deepest", {"a": "1", "o": {"n": "1"}}, ["type /o/n"]),
        ("Unique", [1, 1], ["uniqueItems "]),
        ("NeverOr", {}, ["required /a"]),
        ("Tags", {"tagged": {"t": "new", "v": 1}}, ["const /tagged/t"]),
        ("Both", "bb", ["maxLength "]),
        ("TaggedToo", {"t": "s", "v": 1, "always": 1, "w": 1}, ["~additionalProperties /w"]),
        ("Either", "b", ["~enum "]),
        ("Either", {"name": "Ann", "new": 1}, ["~additionalProperties /new"]),
        ("Overlap", {"k": "a"}, []),
        ("Overlap", {"k": "b", "n": 1}, []),
        ("Overlap", {"k": "b", "n": "1"}, ["type /n"]),
        ("Overlap", {"n": 1}, ["oneOf "]),
        ("Constrained", {"a": 1, "c": 1}, ["~additionalProperties /c"]),
        ("Constrained", {}, ["required /a"]),
        ("Tree", {"kids": [{"kids": [{"leaf": 1}]}]}, ["~additionalProperties /kids/0/kids/0/leaf"]),
        ("Map", {"any": {"name": "Ann", "new": 1}}, ["~additionalProperties /any/new"]),
        ("Patterned", {"x-a": "1", "y": 1}, ["~additionalProperties /y", "type /x-a"]),
        ("Names", {"abc": 1}, ["propertyNames /abc"]),
        ("Tuple", [1, 2], ["false /1"]),
        ("Digits", {"5": "x"}, ["type /5"]),
        ("OneNumber", 1, ["oneOf "]),
        ("OneNumber", 1.5, []),
        ("Free", {"name": "Ann", "new": 1}, []),
        ("Wanted", {"b": 1, "c": 1}, ["~additionalProperties /c"]),
        ("WantedToo", {"b": 1, "c": 1}, ["~additionalProperties /c"]),
        ("Composed", {"in_all": {"name": "Ann", "new": 1}}, ["~additionalProperties /in_all/new"]),
        ("Composed", {"then": {"name": "Ann", "new": 1}}, ["~additionalProperties /then/new"]),
        ("Composed", {"else": {"name": "Ann", "new": 1}}, ["~additionalProperties /else/new"]),
        ("Composed", {"on": 1, "depends": {"name": "Ann", "new": 1}}, ["~additionalProperties /depends/new"]),
        ("Ever", {"a": [1]}, []),
        ("Never", 1, ["false "]),
    ],
)
def test_findings_of_a_response(name: str, value: Any, found: list[str]) -> None:
    """Each thing that is wrong or new is found once, at its own pointer, in the branch that the value is nearest to."""
    assert sorted(check(name, value)) == sorted(found)


def test_unknown_enum_values_are_violations_where_asked_for_and_in_requests() -> None:
    """`closed_enums` closes the enums of responses; those of requests are always closed."""
    assert check("Job", {"id": "1", "status": "asleep"}, closed_enums=True) == ["enum /status"]
    contract = one_schema({"$ref": "#/components/schemas/Job"}, schemas=SCHEMAS)
    body = b'{"id": "1", "status": "asleep", "new": 1}'
    found = contract.check_request("op", body=body, content_type="application/json")
    assert sorted(brief(found)) == ["enum /status", "~additionalProperties /new"]


def test_enums_that_are_not_of_strings_stay_closed() -> None:
    """A number that no enum lists is a violation in a response too."""
    assert brief(one_schema({"enum": [1, 2]}).check_response("op", 200, 3)) == ["enum "]
    assert brief(one_schema({"enum": ["a", 2]}).check_response("op", 200, "b")) == ["enum "]
    assert brief(one_schema({"enum": ["a", None]}).check_response("op", 200, "b")) == ["~enum "]


def test_violation_tells_where_the_rule_stands() -> None:
    """The schema pointer leads through references to the rule itself."""
    contract = one_schema({"$ref": "#/components/schemas/Job"}, schemas=SCHEMAS)
    value = {"id": "1", "status": "zzz", "owner": {"name": "Anna"}, "count": 2**40, "new": 1}
    places = {v.target: v.schema_pointer for v in contract.check_response("op", 200, value)}
    assert places == {
        "/status": "/components/schemas/Job/properties/status/enum",
        "/owner/name": "/components/schemas/Owner/properties/name/maxLength",
        "/count": "/components/schemas/Job/properties/count/format",
        "/new": "/components/schemas/Job",
    }
    strict = one_schema({"$ref": "#/components/schemas/Strict"}, schemas=SCHEMAS)
    (violation,) = strict.check_response("op", 200, {"new": 1})
    assert violation.schema_pointer == "/components/schemas/Strict/additionalProperties"


def test_missing_property_has_the_pointer_of_its_parent() -> None:
    """`pointer` is the parent, `missing` the name."""
    contract = one_schema({"properties": {"a": {"required": ["b/c"]}}})
    (violation,) = contract.check_response("op", 200, {"a": {}})
    assert (violation.pointer, violation.missing, violation.target) == ("/a", "b/c", "/a/b~1c")


LEGACY: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({"type": "string", "nullable": True}, [None, "a"], [1]),
    ({"type": "string", "nullable": True, "enum": ["a"]}, [None, "a"], [1]),
    ({"type": "string", "nullable": False}, ["a"], [None]),
    ({"$ref": "#/components/schemas/S", "nullable": True, "maxLength": 1}, ["long"], [None]),
    ({"allOf": [{"$ref": "#/components/schemas/S"}], "nullable": True}, [None, "a"], [1]),
    (
        {"type": "object", "nullable": True, "oneOf": [{"type": "object", "required": ["a"]}]},
        [None, {"a": 1}],
        [{}],
    ),
    ({"nullable": True}, [None, 1], []),
    ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, [2], [1]),
    ({"type": "integer", "maximum": 1, "exclusiveMaximum": True}, [0], [1]),
    ({"type": "integer", "minimum": 1, "exclusiveMinimum": False}, [1], [0]),
    ({"type": "string", "example": 5}, ["a"], [5]),
]


@pytest.mark.parametrize(("schema", "valid", "wrong"), LEGACY)
def test_openapi_30_is_translated(schema: dict[str, Any], valid: list[Any], wrong: list[Any]) -> None:
    """`nullable`, boolean bounds and lone `$ref` mean what 3.0 says."""
    contract = one_schema(schema, version="3.0.3", schemas={"S": {"type": "string"}})
    assert [contract.check_response("op", 200, value) for value in valid] == [()] * len(valid)
    assert all(contract.check_response("op", 200, value) for value in wrong)


def test_siblings_of_a_reference_count_in_31() -> None:
    """A 3.1 `$ref` and what stands beside it both hold, and close as one."""
    schemas: dict[str, Any] = {"S": {"type": "object", "properties": {"a": {"type": "integer"}}}}
    schema = {"$ref": "#/components/schemas/S", "properties": {"b": {"type": "integer"}}}
    contract = one_schema(schema, schemas=schemas)
    found = contract.check_response("op", 200, {"a": "x", "b": "y", "c": 1})
    assert sorted(brief(found)) == ["type /a", "type /b", "~additionalProperties /c"]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_read_only_and_write_only_go_by_direction(version: str) -> None:
    """A property that a direction does not have is refused there, and not missed there."""
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "secret": {"$ref": "#/components/schemas/Secret"},
        },
    }
    schemas = {"Secret": {"type": "string", "writeOnly": True}}
    contract = one_schema(schema, version=version, schemas=schemas)

    def request(body: bytes) -> list[str]:
        return brief(contract.check_request("op", body=body, content_type="application/json"))

    assert request(b'{"secret": "s"}') == []
    assert request(b'{"secret": "s", "id": "1"}') == ["readOnly /id"]
    assert brief(contract.check_response("op", 200, {"id": "1"})) == []
    (violation,) = contract.check_response("op", 200, {"id": "1", "secret": "s"})
    assert (violation.keyword, violation.schema_pointer.rpartition("/")[2]) == ("writeOnly", "writeOnly")


def test_required_beside_a_base_that_is_read_only_is_not_asked_for() -> None:
    """`required` in one branch of `allOf` knows what another declares read-only."""
    base = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, "a": {}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id", "a"]}]}
    contract = one_schema(schema, schemas={"Base": base})
    found = contract.check_request("op", body=b"{}", content_type="application/json")
    assert brief(found) == ["required /a"]


def test_schemas_that_hang_together_share_one_validator() -> None:
    """A document of which each schema reaches most of the rest is compiled once, with the same findings."""
    count = 400
    schemas: dict[str, Any] = {
        f"S{n}": {
            "type": "object",
            "properties": {
                "next": {"$ref": f"#/components/schemas/S{(n + 1) % count}"},
                "status": {"type": "string", "enum": ["a"]},
            },
        }
        for n in range(count)
    }
    paths = {
        f"/{n}": {
            "get": {"operationId": f"op{n}", "responses": {"200": json_body({"$ref": f"#/components/schemas/S{n}"})}}
        }
        for n in range(20)
    }
    contract = Contract(document(paths, schemas=schemas))
    contract.compile()
    results = [contract.check_response(f"op{n}", 200, {"next": {"status": "b", "new": 1}}) for n in range(20)]
    assert {tuple(sorted(brief(found))) for found in results} == {
        ("~additionalProperties /next/new", "~enum /next/status")
    }
    assert results[5][0].schema_pointer.startswith("/components/schemas/S6")


def test_validators_are_few_where_schemas_hang_together() -> None:
    """After the first few, one validator holds all schemas that drag most of the document along."""
    count = 400
    schemas: dict[str, Any] = {
        f"S{n}": {"properties": {"next": {"$ref": f"#/components/schemas/S{(n + 1) % count}"}}} for n in range(count)
    }
    source = Document(document(schemas=schemas))
    places = [f"/components/schemas/S{n}" for n in range(20)]
    validators = Validators(source, Shapes(source), "writeOnly", open_enums=True, roots=lambda: places)
    assert [validators.check(place, {"next": 1}) for place in places] == [[]] * 20
    assert [finding.path for finding in validators.check(places[0], {"next": {"new": 1}})] == [("next", "new")]
    assert validators.count == 1
