"""Writes parameters as OpenAPI's styles say: path segments, query strings, header values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import quote

from unijob.errors import InvalidArgument

if TYPE_CHECKING:
    from unijob_models.runtime import Parameter

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_PREFIXES = {"label": ".", "matrix": ";"}

Pair = tuple[str, str]


def escape(text: str) -> str:
    """Percent-encode all but the unreserved characters of RFC 3986."""
    return quote(text, safe="")


def path_text(parameter: Parameter, value: Any) -> str:
    """Write a path parameter, percent-encoded.

    Raises:
        InvalidArgument: it is empty, `.` or `..`, which servers and proxies on the way would resolve.
    """
    text = _path_text(parameter, value)
    if text in {"", ".", ".."}:
        raise InvalidArgument(f"{parameter.argument} must not be empty, '.' or '..'", argument=parameter.argument)
    return text


def _path_text(parameter: Parameter, value: Any) -> str:
    prefix = _PREFIXES.get(parameter.style, "")
    own = f"{escape(parameter.name)}=" if parameter.style == "matrix" else ""
    if _is_object(value):
        pairs = [(escape(str(name)), escape(_scalar(parameter, item))) for name, item in value.items()]
        if parameter.explode:
            return prefix + (prefix or ",").join(f"{name}={text}" for name, text in pairs)
        return prefix + own + ",".join(text for pair in pairs for text in pair)
    if not _is_array(value):
        return prefix + own + escape(_scalar(parameter, value))
    items = [escape(_scalar(parameter, item)) for item in value]
    if parameter.explode:
        return prefix + (prefix or ",").join(own + item for item in items)
    return prefix + own + ",".join(items)


def query_pairs(parameter: Parameter, value: Any) -> list[Pair]:
    """Write a query parameter as pairs of name and value, both decoded."""
    name = parameter.name
    if _is_object(value):
        texts = [(str(key), _scalar(parameter, item)) for key, item in value.items()]
        if parameter.style == "deepObject":
            return [(f"{name}[{key}]", text) for key, text in texts]
        if parameter.explode:
            return texts
        return [(name, ",".join(f"{key},{text}" for key, text in texts))] if texts else []
    if _is_array(value):
        items = [_scalar(parameter, item) for item in value]
        if parameter.explode:
            return [(name, item) for item in items]
        return [(name, _DELIMITERS.get(parameter.style, ",").join(items))] if items else []
    return [(name, _scalar(parameter, value))]


def query_string(pairs: list[Pair]) -> str:
    """Write a query string; commas stay as they are, since styles separate by them."""
    return "&".join(f"{escape(name)}={quote(text, safe=',')}" for name, text in pairs)


def header_text(parameter: Parameter, value: Any) -> str:
    """Write a header parameter.

    Raises:
        InvalidArgument: it has characters that a header cannot hold, a line break among them.
    """
    if _is_object(value):
        mark = "=" if parameter.explode else ","
        text = ",".join(f"{name}{mark}{_scalar(parameter, item)}" for name, item in value.items())
    elif _is_array(value):
        text = ",".join(_scalar(parameter, item) for item in value)
    else:
        text = _scalar(parameter, value)
    if not text.isascii() or not text.isprintable():
        raise InvalidArgument(
            f"{parameter.argument} may hold printable ASCII characters only", argument=parameter.argument
        )
    return text


def _is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_array(value: Any) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, (list, tuple, set, frozenset))


def _scalar(parameter: Parameter, value: Any) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and _SURROGATE.search(value):
        raise InvalidArgument(f"{parameter.argument} is no valid Unicode", argument=parameter.argument)
    if isinstance(value, (str, int, float)):
        return str(value)
    raise InvalidArgument(f"{parameter.argument} must be text, a number or a boolean", argument=parameter.argument)
