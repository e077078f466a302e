"""The requests that a contract allows, and requests with one bad parameter."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import orjson
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from unijob.jsontypes import is_object
from unijob.ref import is_segment
from unijob.testing.strategies.defect import BAD_FORMATS
from unijob.testing.strategies.documents import Schema, resolve
from unijob.testing.strategies.payloads import Payloads
from unijob.testing.strategies.samples import Samples
from unijob.testing.strategies.values import FEW


@attrs.frozen(kw_only=True)
class Sent:
    """A request, in the form that a contract checks."""

    operation: str
    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    value: Any = None
    content_type: str | None = None

    def with_value(self, value: Any) -> Sent:
        """Give the same request with another body."""
        return attrs.evolve(self, value=value)

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

    def sample(self, operation: str) -> dict[str, Any]:
        """Give the arguments of an ordinary request: what is required, as a caller writes it."""
        samples = Samples(self._document)
        found = {
            parameter["name"]: samples.of(parameter["schema"], parameter["name"])
            for parameter in self.parameters(operation)
            if parameter.get("required") is True
        }
        schema = self.body(operation)
        value = None if schema is None else samples.of(schema)
        return {**found, **value} if is_object(value) else found

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
            return st.text(string.ascii_letters + string.digits + "-_.~ ", min_size=1, max_size=8).filter(is_segment)
        return self._payloads.of(node).map(written)


def written(value: Any) -> str:
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
