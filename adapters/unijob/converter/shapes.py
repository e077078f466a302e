"""What a type expression of a generated module is, and what a generated class holds."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs

from unijob.jsontypes import class_of, is_tuple
from unijob_models.runtime import NO_EXTRAS, Unset

JSON_NAMES: Final[Mapping[type, str]] = {
    NoneType: "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}
"""How messages name what Python has for the types of JSON."""


def is_union(type_: Any) -> bool:
    """Whether it is `X | Y`."""
    return get_origin(type_) in {Union, UnionType}


def members(type_: Any) -> tuple[Any, ...]:
    """The members of a union, or the type alone."""
    return get_args(type_) if is_union(type_) else (type_,)


def is_class(type_: Any) -> bool:
    """Whether it is a generated class."""
    return isinstance(type_, type) and get_origin(type_) is None and attrs.has(type_)


def is_array(type_: Any) -> bool:
    """Whether it is `tuple[X, ...]`, as which JSON's arrays are read."""
    return get_origin(type_) is tuple


def is_map(type_: Any) -> bool:
    """Whether it is `Mapping[str, X]`."""
    return get_origin(type_) is Mapping


def is_literal(type_: Any) -> bool:
    """Whether it is a constant."""
    return get_origin(type_) is Literal


def is_enum(type_: Any) -> bool:
    """Whether it is a generated enum."""
    return isinstance(type_, type) and issubclass(type_, Enum) and type_ is not Unset


def has_literal(type_: Any, of: type) -> bool:
    """Whether it is a constant of a Python type."""
    return is_literal(type_) and any(type(value) is of for value in get_args(type_))


@cache
def fields_of(model: Any) -> tuple[tuple[str, str, Any], ...]:
    """The properties of a generated class as JSON name, attribute and type."""
    # Not by the class's own namespace, in which a field `id` hides the builtin.
    attrs.resolve_types(model, globalns=vars(sys.modules[model.__module__]), localns={})
    return tuple(
        (field.metadata.get("json", field.name), field.name, field.type)
        for field in attrs.fields(model)
        if field.default is not NO_EXTRAS
    )


@cache
def extras_of(model: Any) -> str:
    """The attribute in which a generated class keeps the properties that its schema does not list."""
    name: str = next(field.name for field in attrs.fields(model) if field.default is NO_EXTRAS)
    return name


def count_extras(value: Any) -> int:
    """How many properties, at any depth, a model holds without knowing them."""
    model = class_of(value)
    if attrs.has(model):
        known = sum(count_extras(getattr(value, name)) for _, name, _ in fields_of(model))
        return known + len(getattr(value, extras_of(model)))
    return sum(count_extras(one) for one in value) if is_tuple(value) else 0


def name_of(type_: Any) -> str:
    """Its name for messages."""
    return str(type_) if get_origin(type_) is not None or not isinstance(type_, type) else type_.__qualname__


def escape(segment: str) -> str:
    """Write one segment of a JSON pointer (RFC 6901)."""
    return segment.replace("~", "~0").replace("/", "~1")
