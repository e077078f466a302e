"""Strict hooks for what has no parts: a value is taken as it is, or refused."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, get_args

import orjson

from unijob.converter.failures import Mismatch, wrong_type

Hook = Callable[[Any, Any], Any]
"""Takes a JSON value and the type that it is to be."""

_LIMIT_OF_64_BITS: Final = 2.0**64


def is_finite(value: float) -> bool:
    """Whether JSON can hold a number."""
    return value - value == 0


def structure_str(value: Any, _: Any) -> Any:
    """Take a string."""
    if isinstance(value, str):
        return value
    raise wrong_type("a string", value)


def structure_int(value: Any, _: Any) -> Any:
    """Take an integer; 1.0 is one (JSON Schema 2020-12, Core, section 4.2.3) and stays 1.0."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        if abs(value) < _LIMIT_OF_64_BITS:
            return value
        # orjson gives an integer of more than 64 bits as a float: which one it was is lost.
        raise Mismatch("type", "expected an integer of at most 64 bits, found a larger one")
    raise wrong_type("an integer", value)


def structure_float(value: Any, _: Any) -> Any:
    """Take a number; an integer stays one."""
    if type(value) is int or (isinstance(value, float) and is_finite(value)):
        return value
    raise wrong_type("a number", value)


def structure_bool(value: Any, _: Any) -> Any:
    """Take a boolean."""
    if isinstance(value, bool):
        return value
    raise wrong_type("a boolean", value)


def structure_none(value: Any, _: Any) -> Any:
    """Take null."""
    if value is None:
        return None
    raise wrong_type("null", value)


def structure_any(value: Any, _: Any) -> Any:
    """Take anything."""
    return value


def enum_hook(type_: type[Enum]) -> Hook:
    """Take any string: as the enum's member where it lists it."""
    listed = {member.value: member for member in type_}

    def structure_enum(value: Any, _: Any) -> Any:
        if isinstance(value, str):
            return listed.get(value, value)
        raise wrong_type("a string", value)

    return structure_enum


def literal_hook(type_: Any) -> Hook:
    """Take the constants alone."""
    allowed: tuple[Any, ...] = get_args(type_)
    keyword = "const" if len(allowed) == 1 else "enum"
    message = f"expected {' or '.join(orjson.dumps(value).decode() for value in allowed)}"

    def structure_literal(value: Any, _: Any) -> Any:
        for one in allowed:
            if value == one and isinstance(value, bool) == isinstance(one, bool):
                return value
        raise Mismatch(keyword, message)

    return structure_literal
