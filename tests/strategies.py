"""Hypothesis strategies of the payloads that a contract allows, built from its packed document.

Payloads are small. Optional properties are there or not, integers may be written `1.0`, objects sometimes carry what no
contract documents, and date-times take every form that RFC 3339 has.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import unquote

import attrs
import orjson
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from unijob.jsontypes import is_list, is_object

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


Kind = Literal["type", "required", "range", "format", "extra", "enum"]
Path = tuple[str | int, ...]
OTHER_TYPES: Mapping[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 7,
    "number": 0.5,
    "string": "seven",
    "array": [],
    "object": {},
}
BAD_FORMATS: Mapping[str, Sequence[str]] = {
    "date-time": ["yesterday", "2026-02-30T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00"],
    "date": ["2026-1-1", "2026-02-30"],
    "uuid": ["1234", "0000000-00000-0000-0000-000000000000"],
    "uri": ["no uri"],
    "byte": ["=", "A"],
    **{name: ["", "1.5", "0x1", str(ends[1] + 1)] for name, ends in RANGES.items()},
}


@attrs.frozen(kw_only=True)
class Defect:
    """One change that makes a value break its schema.

    Attributes:
        kind: what is wrong.
        path: to the value that is wrong, missing or too much.
        value: what stands there instead; of a missing property nothing.
        format: where it is of a format: which.
    """

    kind: Kind
    path: Path
    value: Any = None
    format: str | None = None

    def within(self, key: str | int) -> Defect:
        """Give the same one step deeper."""
        return attrs.evolve(self, path=(key, *self.path))

    @property
    def pointer(self) -> str:
        """Where a contract tells it: of what is missing the parent."""
        steps = self.path[:-1] if self.kind == "required" else self.path
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)

    def apply(self, value: Any) -> Any:
        """Give a value with this defect; the value itself stays as it is."""
        return self._applied(value, self.path)

    def _applied(self, value: Any, path: Path) -> Any:
        if not path:
            return self.value
        copy = value.copy()
        if len(path) == 1 and self.kind == "required":
            del copy[path[0]]
        else:
            is_new = len(path) == 1 and self.kind == "extra"
            copy[path[0]] = self._applied(None if is_new else copy[path[0]], path[1:])
        return copy


class Defects:
    """The single defects that the values of one document's schemas can have.

    Where several schemas may describe a value, it is only changed where no other could then take it: below `anyOf`
    and `oneOf` where the branches have no type in common, or where a property tells them apart.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def of(self, schema: Schema | bool, value: Any) -> Iterator[Defect]:  # noqa: FBT001 (a schema may be a boolean)
        """Give the defects that a valid value can have."""
        if isinstance(schema, bool):
            return
        node = self._whole(schema)
        branches: Sequence[Schema] = node.get("anyOf") or node.get("oneOf") or ()
        if branches:
            yield from self._among([self._whole(branch) for branch in branches], node, value)
            return
        yield from _own(node, value)
        if is_object(value):
            yield from self._inside(node, value)
        if is_list(value):
            for n, item in enumerate(value):
                yield from (found.within(n) for found in self.of(node.get("items", True), item))

    def _whole(self, schema: Schema) -> Schema:
        node = resolve(self._document, schema)
        merged: dict[str, Any] = {key: value for key, value in node.items() if key != "allOf"}
        for part in map(self._whole, node.get("allOf", ())):
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            required = [*merged.get("required", ()), *part.get("required", ())]
            merged = {**merged, **part, "properties": properties, "required": required}
        return merged

    def _among(self, branches: Sequence[Schema], node: Schema, value: Any) -> Iterator[Defect]:
        types = [types_of(branch) for branch in branches]
        null = frozenset({"null"} if node.get("nullable") is True else ())
        allowed = null.union(*types)
        yield from (Defect(kind="type", path=(), value=other) for other in _others(allowed))
        fitting = [branch for branch, names in zip(branches, types, strict=True) if _is_any(value, names)]
        mine = [branch for branch in fitting if not self._excluded(branch, value)]
        if len(mine) != 1:
            return
        tags = {name for branch in fitting for name in self._tags(branch, value)}
        for found in self.of(mine[0], value):
            if found.path and found.path[0] not in tags:
                yield found

    def _excluded(self, branch: Schema, value: Any) -> bool:
        return bool(self._tags(branch, value))

    def _tags(self, branch: Schema, value: Any) -> list[str]:
        """Give the properties whose values are not of a branch."""
        if not isinstance(value, dict):
            return []
        found = {name: self._whole(schema) for name, schema in branch.get("properties", {}).items() if name in value}
        return [
            name
            for name, schema in found.items()
            if ("const" in schema and schema["const"] != value[name])
            or ("enum" in schema and value[name] not in schema["enum"])
        ]

    def _inside(self, node: Schema, value: Mapping[str, Any]) -> Iterator[Defect]:
        properties = node.get("properties", {})
        more = node.get("additionalProperties", True)
        for name in node.get("required", ()):
            yield Defect(kind="required", path=(name,))
        if more is False:
            yield Defect(kind="extra", path=("not documented",), value=1)
        for name, inner in value.items():
            yield from (found.within(name) for found in self.of(properties.get(name, more), inner))


def types_of(schema: Schema) -> frozenset[str]:
    """Give the types that a schema allows."""
    types = schema.get("type", ALL_TYPES)
    names = frozenset([types] if isinstance(types, str) else types)
    names |= {"integer"} if "number" in names else frozenset()
    return names | {"null"} if schema.get("nullable") is True else names


def _others(types: frozenset[str]) -> list[Any]:
    return [value for name, value in OTHER_TYPES.items() if name not in types]


def _is_any(value: Any, types: frozenset[str]) -> bool:
    if isinstance(value, bool) or value is None:
        return ("null" if value is None else "boolean") in types
    if isinstance(value, int | float):
        return "number" in types or ("integer" in types and float(value).is_integer())
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in types


def _own(node: Schema, value: Any) -> Iterator[Defect]:
    """Give what can be wrong with a value itself."""
    if "const" in node or "enum" in node:
        yield Defect(kind="enum", path=(), value="no such value")
        return
    if "type" in node:
        yield from (Defect(kind="type", path=(), value=other) for other in _others(types_of(node)))
    name = node.get("format")
    if isinstance(value, str):
        yield from (Defect(kind="format", path=(), value=bad, format=name) for bad in BAD_FORMATS.get(name or "", ()))
        yield from _lengths(node, value, "Length", "x")
    elif isinstance(value, list):
        yield from _lengths(node, value, "Items", [None])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = RANGES.get(name or "", (None, None))
        for bound, step in ((low, -1), (high, 1)):
            if bound is not None:
                yield Defect(kind="range", path=(), value=bound + step, format=name)
        for keyword, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
            bound = node.get(keyword)
            if bound is not None and not isinstance(bound, bool):
                yield Defect(kind="range", path=(), value=bound + step)


def _lengths(node: Schema, value: Any, what: str, unit: Any) -> Iterator[Defect]:
    low, high = node.get("min" + what, 0), node.get("max" + what)
    if low and len(value) >= low:
        yield Defect(kind="range", path=(), value=value[: low - 1])
    if high is not None:
        yield Defect(kind="range", path=(), value=value + unit * (high + 1 - len(value)))


@attrs.frozen(kw_only=True)
class Sent:
    """A request, in the form that a contract checks."""

    operation: str
    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    value: Any = None
    content_type: str | None = None

    def arguments(self) -> dict[str, Any]:
        """Give the arguments of `check_request` beside the operation."""
        body = None if self.content_type is None else orjson.dumps(self.value)
        kept = attrs.asdict(self, recurse=False, filter=lambda field, _: field.name not in {"operation", "value"})
        return {**kept, "body": body}


class Requests:
    """The requests that the operations of one document allow.

    Bodies are JSON; parameters are primitives or lists of them. Texts are such that a header and a path can carry.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._payloads = Payloads(document)
        self.operations: dict[str, tuple[Schema, Schema]] = {
            operation["operationId"]: (item, operation)
            for item in document["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict) and "operationId" in operation
        }

    def of(self, operation: str) -> SearchStrategy[Sent]:
        """Give the requests of an operation."""
        by_place: dict[str, dict[str, SearchStrategy[list[str]]]] = {"path": {}, "query": {}, "header": {}}
        optional: dict[str, dict[str, SearchStrategy[list[str]]]] = {"path": {}, "query": {}, "header": {}}
        for parameter in self.parameters(operation):
            sort = by_place if parameter.get("required") is True else optional
            sort[parameter["in"]][parameter["name"]] = self._texts(parameter["schema"])
        pairs = {place: st.fixed_dictionaries(by_place[place], optional=optional[place]) for place in by_place}
        schema = self.body(operation)
        body: SearchStrategy[dict[str, Any]] = st.just({})
        if schema is not None:
            values = self._payloads.of(schema)
            body = values.map(lambda value: {"value": value, "content_type": "application/json"})
        return st.tuples(pairs["path"], pairs["query"], pairs["header"], body).map(
            lambda drawn: Sent(
                operation=operation,
                path={name: ",".join(texts) for name, texts in drawn[0].items()},
                query=[(name, text) for name, texts in drawn[1].items() for text in texts],
                headers={"Authorization": "Bearer t0ken", **{name: ",".join(one) for name, one in drawn[2].items()}},
                **drawn[3],
            )
        )

    def parameters(self, operation: str) -> list[Schema]:
        """Give the parameters of an operation, those of its path among them."""
        item, node = self.operations[operation]
        written = [*item.get("parameters", ()), *node.get("parameters", ())]
        return [resolve(self._document, parameter) for parameter in written]

    def body(self, operation: str) -> Schema | None:
        """Give the schema of an operation's JSON body."""
        if "requestBody" not in self.operations[operation][1]:
            return None
        node = resolve(self._document, self.operations[operation][1]["requestBody"])
        schema: Schema = node["content"]["application/json"]["schema"]
        return schema

    def damaged_parameters(self, sent: Sent) -> Iterator[tuple[str, str, Sent]]:
        """Give requests with one bad parameter, each with its location and name."""
        for parameter in self.parameters(sent.operation):
            place, name = parameter["in"], parameter["name"]
            if parameter.get("required") is True or (place == "path" and name in sent.path):
                yield place, name, self._with(sent, place, name, None)
            schema = resolve(self._document, parameter["schema"])
            for text in _bad_texts(schema):
                yield place, name, self._with(sent, place, name, text)

    @staticmethod
    def _with(sent: Sent, place: str, name: str, text: str | None) -> Sent:
        added = {} if text is None else {name: text}
        if place == "query":
            kept = [pair for pair in sent.query if pair[0] != name]
            return attrs.evolve(sent, query=[*kept, *added.items()])
        if place == "path":
            return attrs.evolve(sent, path={**{key: one for key, one in sent.path.items() if key != name}, **added})
        return attrs.evolve(sent, headers={**{key: one for key, one in sent.headers.items() if key != name}, **added})

    def _texts(self, schema: Schema) -> SearchStrategy[list[str]]:
        node = resolve(self._document, schema)
        if node.get("type") == "array":
            return st.lists(self._text(node["items"]), min_size=1, max_size=FEW)
        return self._text(node).map(lambda text: [text])

    def _text(self, schema: Schema) -> SearchStrategy[str]:
        node = resolve(self._document, schema)
        if node.get("type") == "string" and not {"enum", "format", "pattern"} & node.keys():
            return st.text(string.ascii_letters + string.digits + "-_.~ ", min_size=1, max_size=8)
        return self._payloads.of(node).map(_written)


def _written(value: Any) -> str:
    """Write a primitive as a parameter carries it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _bad_texts(schema: Schema) -> Iterator[str]:
    if "enum" in schema:
        yield "no such value"
    elif schema.get("type") == "integer":
        yield from ("seven", "1.5", "true")
    elif schema.get("type") in {"boolean", "number"}:
        yield "seven"
    for keyword, step in (("minimum", -1), ("maximum", 1)):
        if keyword in schema:
            yield str(schema[keyword] + step)
    yield from BAD_FORMATS.get(schema.get("format", "") if schema.get("type") == "string" else "", ())
