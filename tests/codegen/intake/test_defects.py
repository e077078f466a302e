"""Everything that is wrong with a document is listed, each thing once, with its pointer."""

from __future__ import annotations

from typing import Any

import pytest

from bench.upstreams import large
from unijob_codegen.intake import defects, slicing

AT = "#/components/schemas/Node/properties/name"


def document(version: str = "3.1.0", **schema: Any) -> dict[str, Any]:
    content = slicing.cut(large(2), ("*",), shown="x").content
    content["openapi"] = version
    content["components"]["schemas"]["Node"]["properties"]["name"] = schema
    return content


@pytest.mark.parametrize(
    ("version", "schema", "defect"),
    [
        ("3.1.0", {"type": "string", "default": None}, "/default: null is not what the schema allows"),
        ("3.1.0", {"$ref": "#/components/schemas/Order0", "default": None}, "/default: null is not what"),
        ("3.1.0", {"enum": ["a"], "default": "b"}, "/default: 'b' is not what the schema allows"),
        ("3.1.0", {"anyOf": [{"type": "string"}, {"type": "integer"}], "default": 1.5}, "/default: 1.5 is not"),
        ("3.1.0", {"type": "integer", "exclusiveMinimum": True}, '/exclusiveMinimum: true is not of type "number"'),
        ("3.1.0", {"type": "text"}, '/type: "text" is not valid'),
        ("3.1.0", {"type": "array", "items": "string"}, '/items: "string" is not of types'),
        ("3.1.0", {"type": "string", "pattern": "("}, "/pattern: '(' is no regular expression"),
        ("3.1.0", {"required": "id"}, '/required: "id" is not of type "array"'),
        ("3.1.0", {"$ref": "#/nowhere"}, ": refers to '#/nowhere', which is not there"),
        ("3.0.3", {"type": "string", "default": None}, "/default: null is not what the schema allows"),
        ("3.0.3", {"type": "integer", "exclusiveMinimum": 1}, '/exclusiveMinimum: 1 is not of type "boolean"'),
        ("3.0.3", {"type": ["string", "null"]}, '/type: ["string","null"] is not of type "string"'),
        ("3.0.3", {"const": 1}, ": Additional properties are not allowed ('const' was unexpected)"),
    ],
)
def test_a_defect_of_a_schema_has_its_pointer(version: str, schema: dict[str, Any], defect: str) -> None:
    """What is wrong deep inside a schema is told there, in both dialects."""
    found = defects.find(document(version, **schema))
    assert any(one.startswith(AT + defect) for one in found), found


@pytest.mark.parametrize(
    ("version", "schema"),
    [
        ("3.1.0", {"type": ["string", "null"], "default": None}),
        ("3.1.0", {"type": "integer", "exclusiveMinimum": 1, "default": 2.0}),
        ("3.1.0", {"$ref": "#/components/schemas/Order0", "deprecated": True}),
        ("3.1.0", {"type": "object", "additionalProperties": False, "items": True}),
        ("3.0.3", {"type": "string", "nullable": True, "default": None}),
        ("3.0.3", {"type": "integer", "exclusiveMinimum": True, "minimum": 0}),
    ],
)
def test_what_is_right_is_no_defect(version: str, schema: dict[str, Any]) -> None:
    """Each dialect's own way is accepted."""
    content = document(version, **schema)
    if version == "3.0.3":
        content["components"]["schemas"]["Node"]["properties"]["name"] = schema
    assert defects.find(content) == []


def test_the_rest_of_the_document_is_checked() -> None:
    """Parameters, paths and responses have their rules, too."""
    content = document(type="string")
    content["components"]["parameters"]["Limit"]["in"] = "body"
    operation = content["paths"]["/v1/things_0/{id}"]["get"]
    operation["parameters"] = operation["parameters"][1:]
    del operation["responses"]["200"]["description"]
    found = "\n".join(defects.find(content))
    assert "#/components/parameters/Limit/in: " in found
    assert "#/paths/~1v1~1things_0~1{id}/get: the path has no parameter 'id'" in found
    assert '#/paths/~1v1~1things_0~1{id}/get/responses/200: "description" is a required property' in found


def test_a_defect_of_a_shared_schema_is_told_once() -> None:
    """However often a schema is referred to, it is where it stands that counts."""
    content = slicing.cut(large(40), ("*",), shown="x").content
    content["components"]["schemas"]["Problem"]["properties"]["message"]["type"] = "text"
    assert len(defects.find(content)) == 1


def test_oddities_are_notes() -> None:
    """An unknown format, and `nullable` in OpenAPI 3.1, stop nothing."""
    content = document(type="string", format="emoji", nullable=True)
    assert defects.find(content) == []
    assert [note.partition(":")[0] for note in defects.notes(content)] == [f"{AT}/format", f"{AT}/nullable"]
