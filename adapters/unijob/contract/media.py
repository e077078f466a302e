"""Media types, and JSON from bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

from unijob.contract.styles import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROUNDED = b"-922337203685477"  # orjson reads an integer below -2**63 as the float that equals -2**63

_WITHOUT_PARAMETERS = 2
"""The rank from which on the parameters of what is documented do not count."""


def essence(content_type: str) -> str:
    """Give a media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Tell whether a media type is JSON: `application/json` or any `+json`."""
    if content_type == "application/json":
        return True
    name = essence(content_type)
    return name == "application/json" or name.endswith("+json")


def match_media_type(documented: Iterable[str], content_type: str) -> str | None:
    """Find the documented media type that a message has, the most specific first."""
    name = essence(content_type)
    whole = content_type.replace(" ", "").lower()
    ranks = (whole, name, name, name.partition("/")[0] + "/*", "*/*")
    found: dict[int, str] = {}
    for candidate in documented:
        for rank, wanted in enumerate(ranks):
            text = candidate.replace(" ", "").lower() if rank < _WITHOUT_PARAMETERS else essence(candidate)
            if text == wanted:
                found.setdefault(rank, candidate)
    return found[min(found)] if found else None


def parse_json(body: bytes, *, unique_keys: bool = False) -> Any:
    """Parse JSON text.

    Args:
        body: UTF-8.
        unique_keys: whether an object that has a name twice is refused; it costs several times the rest.

    Raises:
        MalformedError: it is no JSON; NaN and Infinity are not.
    """
    try:
        if unique_keys:
            return json.loads(body, object_pairs_hook=_unique, parse_constant=_refuse)
        value = orjson.loads(body)
        return json.loads(body) if _ROUNDED in body else value
    except (ValueError, RecursionError) as error:
        message = str(error) if isinstance(error, MalformedError) else "is no JSON"
        raise MalformedError(message) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        message = "has an object with a name twice"
        raise MalformedError(message)
    return result


def _refuse(_: str) -> Any:
    raise MalformedError
