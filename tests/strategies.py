"""Hypothesis strategies of the payloads that a contract allows, built from its packed document.

Payloads are small. Optional properties are there or not, integers may be written `1.0`, objects sometimes carry what no
contract documents, and date-times take every form that RFC 3339 has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
Schema = Mapping[str, Any]

FEW = 2
DEEPEST = 3
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
EXACT = 2**53 - 1
RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1)}
ALL_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")

texts = st.text(max_size=8)
floats = st.floats(allow_nan=False, allow_infinity=False)
json_leaves: SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-EXACT, EXACT) | floats | texts
json_values = json_leaves | st.recursive(
    json_leaves,
    lambda inner: st.lists(inner, max_size=FEW) | st.dictionaries(texts, inner, max_size=FEW),
    max_leaves=3,
)
_clock_times = st.builds("{:%H:%M:%S}".format, st.times())
_offsets = st.sampled_from("Zz") | st.builds(
    "{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 23), st.integers(0, 59)
)
_ordinary = st.builds(
    "{}{}{}{}{}".format,
    st.dates(),
    st.sampled_from("Tt"),
    _clock_times,
    st.just("") | st.text("0123456789", min_size=1, max_size=12).map(".{}".format),
    _offsets,
)
_leaps = st.builds("{}T23:59:60{}Z".format, st.dates(), st.sampled_from(["", ".5"]))
date_times = _ordinary | _leaps | st.just("0001-01-01T00:00:00Z")

FORMATS: dict[str, SearchStrategy[str]] = {
    "date-time": date_times,
    "date": st.dates().map(str),
    "uuid": st.uuids().map(str),
    "uri": st.just("https://example.com/a?b=c"),
    "byte": st.sampled_from(["", "QQ==", "QUJD"]),
    **{name: st.integers(*ends).map(str) for name, ends in RANGES.items()},
}


def rarely(odd: SearchStrategy[T], usual: SearchStrategy[T]) -> SearchStrategy[T]:
    """Draw from `odd` once in a while; `one_of` has no weights."""
    return st.integers(0, 4).flatmap(lambda n: odd if n == 0 else usual)


@attrs.frozen(kw_only=True)
class Answer:
    """A documented JSON response."""

    operation: str
    status: str
    schema: Schema


def answers(document: Mapping[str, Any]) -> Iterator[Answer]:
    """Give every response of a document that has a JSON schema."""
    items: Iterable[Mapping[str, Any]] = document["paths"].values()
    for item in items:
        for operation in (value for method, value in item.items() if method in METHODS):
            for status, written in operation["responses"].items():
                content: Mapping[str, Any] = resolve(document, written).get("content", {})
                schema = content.get("application/json", {}).get("schema")
                if schema is not None:
                    yield Answer(operation=operation["operationId"], status=status, schema=schema)


def resolve(document: Mapping[str, Any], node: Schema) -> Schema:
    """Follow references until there is none."""
    while "$ref" in node:
        target: Any = document
        for step in unquote(node["$ref"]).removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


class Payloads:
    """The values that the schemas of one document allow.

    Args:
        document: an OpenAPI 3.0 or 3.1 document with its references intact.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._known: dict[tuple[int, int], tuple[Schema, SearchStrategy[Any]]] = {}

    def of(self, schema: Schema | bool, depth: int = 0) -> SearchStrategy[Any]:  # noqa: FBT001 (a schema may be a boolean)
        """Give the strategy of one schema, built when first drawn from, so that schemas may recur.

        Args:
            schema: of this document.
            depth: the objects around it; too deep, there is only what is required.
        """
        if isinstance(schema, bool):
            return json_values if schema else st.nothing()
        node = resolve(self._document, schema)
        key = id(node), depth
        if key not in self._known:  # the node is kept, so that its id stays its own
            self._known[key] = node, st.deferred(lambda: self._nullable(node, depth))
        return self._known[key][1]

    def _nullable(self, schema: Schema, depth: int) -> SearchStrategy[Any]:
        values = self._values(schema, depth)
        return st.none() | values if schema.get("nullable") is True else values

    def _values(self, schema: Schema, depth: int) -> SearchStrategy[Any]:
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                beside = {key: value for key, value in schema.items() if key not in {keyword, "nullable"}}
                return st.one_of([self.of(self._merged(beside, branch), depth) for branch in schema[keyword]])
        if "allOf" in schema:
            beside = {key: value for key, value in schema.items() if key not in {"allOf", "nullable"}}
            return self.of(self._merged(beside, *schema["allOf"]), depth)
        types = schema.get("type", "object" if "properties" in schema else ALL_TYPES)
        names = [types] if isinstance(types, str) else types
        return st.one_of([self._typed(name, schema, depth) for name in names])

    def _merged(self, *schemas: Schema) -> Schema:
        """Give one schema for several that hold at once; of what contradicts, the last wins."""
        told = [schema for schema in schemas if schema]
        if len(told) == 1:
            return told[0]
        merged: dict[str, Any] = {}
        for schema in (resolve(self._document, one) for one in told):
            properties = {**merged.get("properties", {}), **schema.get("properties", {})}
            required = [*merged.get("required", ()), *schema.get("required", ())]
            merged |= schema
            merged |= {"properties": properties} if properties else {}
            merged |= {"required": required} if required else {}
        return merged

    def _typed(self, name: str, schema: Schema, depth: int) -> SearchStrategy[Any]:
        if name == "array":
            return self._arrays(schema, depth)
        return self._objects(schema, depth) if name == "object" else SCALARS[name](schema)

    def _arrays(self, schema: Schema, depth: int) -> SearchStrategy[list[Any]]:
        low = schema.get("minItems", 0)
        high = max(low, min(FEW if depth < DEEPEST else 0, schema.get("maxItems", FEW)))
        unique = repr if schema.get("uniqueItems") is True else None
        return st.lists(self.of(schema.get("items", True), depth), min_size=low, max_size=high, unique_by=unique)

    def _objects(self, schema: Schema, depth: int) -> SearchStrategy[dict[str, Any]]:
        properties, required = schema.get("properties", {}), schema.get("required", ())
        strategies = {key: self.of(value, depth + 1) for key, value in properties.items()}
        known = st.fixed_dictionaries(
            {key: values for key, values in strategies.items() if key in required},
            optional={key: values for key, values in strategies.items() if key not in required and depth < DEEPEST},
        )
        more = schema.get("additionalProperties", True)
        if more is False or depth >= DEEPEST:
            return known
        names = texts.filter(lambda key: key not in properties)
        extras = st.dictionaries(names, self.of(more, depth + 1), max_size=FEW)
        if properties:  # what no contract documents is rare
            extras = rarely(extras, st.just({}))
        return st.tuples(known, extras).map(lambda both: {**both[0], **both[1]})


def _integers(schema: Schema) -> SearchStrategy[int | float]:
    low, high = RANGES.get(schema.get("format", ""), RANGES["int64"])
    low, high = max(low, schema.get("minimum", low)), min(high, schema.get("maximum", high))
    low, high = (
        max(low, _past(schema, "exclusiveMinimum", low, 1)),
        min(high, _past(schema, "exclusiveMaximum", high, -1)),
    )
    likely = st.integers(max(low, min(0, high)), min(high, max(low, 200)))
    # JSON Schema counts 1.0 as an integer; past 2**53 a float no longer has all digits.
    pointed = st.integers(max(low, -EXACT), min(high, EXACT)).map(float)
    return st.one_of(likely, st.integers(low, high), rarely(pointed, likely))


def _past(schema: Schema, keyword: str, bound: int, step: int) -> int:
    """Give the first integer past an exclusive bound: true beside the bound in OpenAPI 3.0, the bound itself in 3.1."""
    written = schema.get(keyword, False)
    if written is False:
        return bound
    return (bound if written is True else int(written)) + step


def _numbers(schema: Schema) -> SearchStrategy[int | float]:
    low, high = schema.get("minimum"), schema.get("maximum")
    return st.floats(low, high, allow_nan=False, allow_infinity=False) | _integers(schema)


def _strings(schema: Schema) -> SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(re.compile(re.sub(r"\$$", r"\\Z", schema["pattern"])))  # `$` of Python takes a newline too
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    low = schema.get("minLength", 0)
    return st.text(min_size=low, max_size=max(low, min(8, schema.get("maxLength", 8))))


SCALARS: Mapping[str, Callable[[Schema], SearchStrategy[Any]]] = {
    "null": lambda _: st.none(),
    "boolean": lambda _: st.booleans(),
    "integer": _integers,
    "number": _numbers,
    "string": _strings,
}
KEYS: Mapping[type, Callable[[Any], Iterable[Any]]] = {dict: tuple, list: lambda items: range(len(items))}
GARBAGE: SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0.5, 2**64, 1e300, "", "x", "..", "\x00", [], [None], {}, {"": {}}]
)


@st.composite
def damaged(draw: st.DrawFn, values: SearchStrategy[Any]) -> Any:
    """Draw a JSON value in which a few places, at any depth, are gone or hold something else."""
    value = draw(values)
    for _ in range(draw(st.integers(1, 3))):
        value = _damage(draw, value)
    return value


def _damage(draw: st.DrawFn, value: Any) -> Any:
    keys = [*KEYS[type(value)](value)] if type(value) in KEYS else []
    how = draw(st.sampled_from(["deeper", "deeper", "gone", "other"])) if keys else "other"
    if how == "other":
        return draw(GARBAGE | json_values)
    copy, key = value.copy(), draw(st.sampled_from(keys))
    if how == "gone":
        del copy[key]
    else:
        copy[key] = _damage(draw, value[key])
    return copy
