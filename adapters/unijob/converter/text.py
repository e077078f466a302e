"""Bytes: JSON text and JSON values."""

from __future__ import annotations

from typing import Any

import attrs
import orjson

from unijob.converter.leaves import is_finite
from unijob.converter.shapes import escape
from unijob.converter.writing import unstructure
from unijob.errors import ContractViolation, InvalidArgument, Violation
from unijob.jsontypes import class_of, is_list, is_mapping, is_tuple


def loads(data: bytes | bytearray | memoryview | str) -> Any:
    """Decode JSON.

    Raises:
        ContractViolation: it is no JSON (RFC 8259); NaN and Infinity are none either.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        violation = Violation(place="response.body", pointer="", keyword="parse", message=message)
        raise ContractViolation(f"the body is {message}", violations=[violation]) from None


def dumps(value: Any) -> bytes:
    """Encode JSON; generated models are taken too.

    Raises:
        InvalidArgument: something in it cannot be JSON: NaN, an integer beyond 64 bits, an object of another type.
    """
    try:
        data = orjson.dumps(value, default=_encodable)
    except TypeError as error:
        raise InvalidArgument(f"cannot be written as JSON: {error}", argument="") from None
    if b"null" in data:  # as which orjson writes NaN
        _refuse_not_finite(value, "")
    return data


def _encodable(value: Any) -> Any:
    if attrs.has(class_of(value)) or is_mapping(value):
        return unstructure(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _refuse_not_finite(value: Any, pointer: str) -> None:
    if isinstance(value, float) and not is_finite(value):
        raise InvalidArgument("NaN and Infinity cannot be written as JSON", argument=pointer)
    if is_mapping(value):
        for key, item in value.items():
            _refuse_not_finite(item, f"{pointer}/{escape(str(key))}")
    elif is_list(value) or is_tuple(value):
        for index, item in enumerate(value):
            _refuse_not_finite(item, f"{pointer}/{index}")
    elif attrs.has(class_of(value)):
        _refuse_not_finite(unstructure(value), pointer)
