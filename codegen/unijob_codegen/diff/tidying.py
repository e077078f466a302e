"""Reads a document that may be wrong in places: what is not of its form says nothing.

Pointers stay what they are: what is dropped from an array leaves an empty object in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from unijob_codegen.diff.narrowing import is_number
from unijob_codegen.documents import METHODS
from unijob_codegen.pointers import is_list, is_object

Tidy = Callable[[Any], Any]

_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_TEXTS = ("$ref", "format", "pattern", "x-unijob-time", "contentEncoding", "contentMediaType")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "multipleOf")
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def tidied(content: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a document without what is not of its form."""
    return {
        **content,
        "paths": _each(_path_item)(content.get("paths")),
        "components": _fields(content.get("components"), _COMPONENTS),
    }


def _fields(value: Any, forms: Mapping[str, Tidy]) -> dict[str, Any]:
    """An object, each known field of which is tidied, or is gone where there is nothing left of it."""
    if not is_object(value):
        return {}
    found = {str(name): forms[name](item) if name in forms else item for name, item in value.items()}
    return {name: item for name, item in found.items() if not (name in forms and item is None)}


def _each(tidy: Tidy) -> Tidy:
    """An object of such things."""
    return lambda value: {str(name): tidy(item) for name, item in value.items()} if is_object(value) else {}


def _all(tidy: Tidy) -> Tidy:
    """An array of such things."""
    return lambda value: [tidy(item) for item in value] if is_list(value) else []


def _if(fits: Callable[[Any], bool]) -> Tidy:
    """Such a value, or none."""
    return lambda value: value if fits(value) else None


def _schema(value: Any) -> Any:
    return value if isinstance(value, bool) else _fields(value, _SCHEMA)


def _thing(value: Any, forms: Mapping[str, Tidy]) -> dict[str, Any]:
    """A thing other than a schema, or a reference to one."""
    is_reference = is_object(value) and isinstance(value.get("$ref"), str)
    return {"$ref": value["$ref"]} if is_reference else _fields(value, forms)


def _type(value: Any) -> Any:
    if is_list(value):
        return [each for each in value if each in _TYPES] or None
    return value if value in _TYPES else None


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if is_list(value) else []


def _prefix(value: Any) -> Any:
    return _all(_schema)(value) or None


def _path_item(value: Any) -> dict[str, Any]:
    item = _thing(value, {"parameters": _all(_parameter)})
    return {name: _fields(each, _OPERATION) if name in METHODS else each for name, each in item.items()}


def _media(value: Any) -> dict[str, Any]:
    return _fields(value, {"schema": _schema})


def _parameter(value: Any) -> dict[str, Any]:
    return _thing(value, {"schema": _schema, "content": _each(_media)})


def _body(value: Any) -> dict[str, Any]:
    return _thing(value, {"content": _each(_media)})


def _response(value: Any) -> dict[str, Any]:
    return _thing(value, {"content": _each(_media), "headers": _each(_parameter)})


_SCHEMA: dict[str, Tidy] = {
    "type": _type,
    "properties": lambda value: _each(_schema)(value) if is_object(value) else None,
    "required": _texts,
    "enum": _if(is_list),
    "additionalProperties": _schema,
    "items": _schema,
    "prefixItems": _prefix,
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _all(_schema)),
    **dict.fromkeys(_TEXTS, _if(lambda value: isinstance(value, str))),
    **dict.fromkeys(_COUNTS, _if(lambda value: is_number(value) and value >= 0)),
    **dict.fromkeys(_LIMITS, _if(lambda value: is_number(value) or isinstance(value, bool))),
}
_OPERATION: dict[str, Tidy] = {"parameters": _all(_parameter), "requestBody": _body, "responses": _each(_response)}
_COMPONENTS: dict[str, Tidy] = {
    "schemas": _each(_schema),
    "parameters": _each(_parameter),
    "headers": _each(_parameter),
    "responses": _each(_response),
    "requestBodies": _each(_body),
}
