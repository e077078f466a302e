"""Where the compiled engine and the reference engine differ on purpose, each with its reason."""

from __future__ import annotations

from typing import Literal

import attrs

Engine = Literal["compiled", "reference"]


@attrs.frozen
class Difference:
    """One thing that only one engine finds wrong.

    Attributes:
        name: of the difference.
        finds: the engine that finds something wrong.
        reason: why the engines differ, and why that stays.
        formats: where it is of formats: which.
    """

    name: str
    finds: Engine
    reason: str
    formats: frozenset[str] = frozenset()


DIFFERENCES: tuple[Difference, ...] = (
    Difference("NaN", "compiled", "json takes NaN and Infinity; RFC 8259 does not have them"),
    Difference("huge number", "compiled", "json reads 1e400 as infinity; no double holds it"),
    Difference("lone surrogate", "compiled", "json takes half of a surrogate pair; it is no Unicode text"),
    Difference("encoding", "compiled", "json guesses UTF-16 and UTF-32; RFC 8259 knows UTF-8 alone"),
    Difference("byte order mark", "compiled", "json skips a byte order mark; RFC 8259 forbids to send one"),
    Difference("repeated name", "compiled", "json keeps the last of two members; with `unique_keys` they are refused"),
    Difference(
        "unknown formats",
        "compiled",
        "openapi-core checks these formats not at all, or on numbers only",
        frozenset(
            {"duration", "hostname", "int32", "int64", "json-pointer", "uint32", "uint64", "uri", "uri-reference"}
        ),
    ),
    Difference("leap second", "reference", "its date-time is what Python's datetime holds; RFC 3339 has the second 60"),
    Difference(
        "pointed integer", "reference", "in OpenAPI 3.0 it takes 1.0 for no integer; to JSON Schema 2020-12 it is"
    ),
    Difference("read-only", "compiled", "openapi-core heeds readOnly and writeOnly in OpenAPI 3.0 only"),
    Difference("boolean schema", "reference", "it cannot read the schemas `true` and `false` of OpenAPI 3.1"),
    Difference("empty value", "reference", "it refuses `?a=`; to JSON Schema the empty text is a text"),
    Difference("integer text", "compiled", "int() takes 1_000, +1 and blanks; JSON, which a server reads, does not"),
    Difference("number text", "compiled", "float() takes nan, inf and 1_0; JSON does not have them"),
    Difference(
        "boolean text", "compiled", "it takes yes, on, t and 1 for true; the specification knows true and false"
    ),
    Difference("repeated parameter", "compiled", "of a parameter that is sent twice and is no list it reads the first"),
    Difference("exploded object", "reference", "it looks for `a=…` where an exploded object stands as its properties"),
    Difference("space-delimited", "reference", "it looks for %20 in a query that is decoded already"),
    Difference("credential", "compiled", "it takes any text after the scheme; RFC 6750 and RFC 7617 say which"),
    Difference("empty segment", "compiled", "it takes an empty path parameter, and so a slash at the end"),
    Difference("header of HTTP", "reference", "parameters Accept, Content-Type, Authorization are to be ignored"),
    Difference("extra of a form", "compiled", "of a form it reads the documented fields only"),
    Difference("opaque body", "reference", "a body that is neither JSON, form nor text is passed unread by the other"),
    Difference("text", "compiled", "it reads bytes that are not UTF-8 as something; the other refuses them"),
)
"""What concerns verdicts. Beside it the reference engine tells no undocumented field, parameter or body as drift, gives
no pointer into the contract, and points at the place of an `anyOf` or `oneOf`, not at the branch that comes nearest."""
