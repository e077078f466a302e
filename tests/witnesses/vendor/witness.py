"""What a vendor's client is asked: which methods it has, what they take and give, and to read and to send."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, get_type_hints

import pydantic
from pydantic.json_schema import JsonSchemaMode

from tests.witnesses.vendor.shapes import class_of, is_list, is_object
from tests.witnesses.vendor.wire import Wire

Method = Callable[..., Any]
Key = tuple[str, JsonSchemaMode]


class Vendor(Protocol):
    """What differs between the clients."""

    own: frozenset[str]
    """Parameters of every method that are the client's own, not the operation's."""

    keeps_extras: bool
    """Whether all its models keep undeclared properties, whatever the vendor's API says of them."""

    def client(self, wire: Wire) -> Any:
        """Make the client, with a transport."""
        ...

    def resources(self, node: Any) -> Iterator[tuple[str, Any]]:
        """The parts of a client or of a part of it, by attribute."""
        ...

    def is_call(self, name: str, method: Method) -> bool:
        """Tell whether a public method is one call."""
        ...

    def annotation(self, hint: Any) -> Any:
        """What of an annotation can be said in JSON."""
        ...

    def dump(self, value: Any) -> Any:
        """What the client gives back when read, as JSON."""
        ...

    def problems(self, error: BaseException) -> list[dict[str, Any]] | None:
        """What the client's models had against a value, or None for an error of another sort."""
        ...

    def unknown(self, value: Any) -> list[list[str | int]]:
        """The places of values that the client keeps without knowing them."""
        ...


class Witness:
    """A vendor's client, asked by name."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._wire = Wire()
        self._methods = dict(self._walk(vendor.client(self._wire), ""))
        self._least: dict[str, dict[str, Any]] = {}

    def _walk(self, node: object, prefix: str) -> Iterator[tuple[str, Method]]:
        for name, part in self._vendor.resources(node):
            yield from self._walk(part, f"{prefix}{name}.")
        for name, method in inspect.getmembers_static(class_of(node), inspect.isfunction):
            if not name.startswith("_") and self._vendor.is_call(name, method):
                yield prefix + name, getattr(node, name)

    def methods(self, paths: list[str]) -> dict[str, Any]:
        """Call the methods that write one of some paths, with the least that they take.

        Args:
            paths: what begins a path, up to its first parameter.

        Returns:
            What each sent, or why it cannot be called.
        """
        return {name: self._try(name) for name, method in self._methods.items() if _writes(method, paths)}

    def _try(self, name: str) -> dict[str, Any]:
        try:
            schema = self._describe_parameters(name, only_required=True)
        except pydantic.errors.PydanticUserError as error:
            return {"unusable": str(error).partition("\n")[0]}
        self._least[name] = least(schema, schema.get("$defs", {}))
        return self.send(name, {})

    def describe(self, method: str) -> dict[str, Any]:
        """The JSON schemas of a method's arguments and of what it gives back."""
        hint = get_type_hints(self._methods[method], include_extras=True)["return"]
        returns = pydantic.TypeAdapter(self._vendor.annotation(hint)).json_schema(by_alias=True)
        takes = self._describe_parameters(method, only_required=False)
        return {"takes": takes, "gives": without_extras(returns) if self._vendor.keeps_extras else returns}

    def _describe_parameters(self, name: str, *, only_required: bool) -> dict[str, Any]:
        method = self._methods[name]
        hints = get_type_hints(method, include_extras=True)
        required = [one.name for one in self._parameters(method) if one.default is inspect.Parameter.empty]
        names = required if only_required else [one.name for one in self._parameters(method)]
        inputs: list[tuple[str, JsonSchemaMode, pydantic.TypeAdapter[Any]]] = [
            (one, "validation", pydantic.TypeAdapter(self._vendor.annotation(hints[one]))) for one in names
        ]
        found, shared = pydantic.TypeAdapter.json_schemas(inputs, by_alias=True)
        properties = {one: found[one, "validation"] for one in names}
        return {**shared, "type": "object", "properties": properties, "required": required}

    def _parameters(self, method: Method) -> list[inspect.Parameter]:
        return [one for one in inspect.signature(method).parameters.values() if one.name not in self._vendor.own]

    def read(self, method: str, status: int, payload: Any) -> dict[str, Any]:
        """Let the client read an answer: what it gives back, or what it has against it."""
        self._wire.expect((status, payload))
        try:
            value = self._methods[method](**self._least[method])
        except Exception as error:  # noqa: BLE001  which errors a client has is what is asked
            return self._failed(error)
        return {"value": self._vendor.dump(value), "unknown": self._vendor.unknown(value)}

    def _failed(self, error: BaseException) -> dict[str, Any]:
        problems = self._vendor.problems(error)
        if problems is not None:
            return {"refused": problems}
        return {"error": type(error).__name__, "text": str(error)}

    def send(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a method with arguments beside the least that it takes, and tell what it sent."""
        self._wire.expect(None)
        try:
            self._methods[method](**{**self._least[method], **arguments})
        except Exception as error:  # noqa: BLE001  at the latest the transport raises one
            seen = self._wire.seen()
            if seen is not None:
                return {"sent": seen}
            problems = self._vendor.problems(error)
            if problems is not None:
                return {"refused": problems}
            return {"refused": [{"type": type(error).__name__, "loc": [], "text": str(error)}]}
        return {"refused": [{"type": "nothing sent", "loc": [], "text": ""}]}


def _writes(method: Method, paths: list[str]) -> bool:
    """Tell whether a text in a method's code holds one of the paths: most of a client's methods need no look."""
    texts = [one for one in inspect.unwrap(method).__code__.co_consts if isinstance(one, str)]
    return any(path in text for text in texts for path in paths)


def least(schema: Mapping[str, Any], definitions: Mapping[str, Any], name: str = "x") -> Any:
    """The smallest value of a JSON schema; a text is its own name."""
    if "$ref" in schema:
        return least(definitions[schema["$ref"].rpartition("/")[2]], definitions, name)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema:
            return least(schema[keyword][0], definitions, name)
    properties = schema.get("properties", {})
    values: dict[str, Any] = {"string": name, "integer": 1, "number": 1, "boolean": True, "array": []}
    if schema.get("type") != "object":
        return values.get(schema.get("type", ""))
    return {one: least(properties[one], definitions, one) for one in schema.get("required", ())}


def without_extras(node: Any) -> Any:
    """A JSON schema whose objects with declared properties say nothing of others."""
    if is_list(node):
        return [without_extras(one) for one in node]
    if not is_object(node):
        return node
    return {
        key: without_extras(one)
        for key, one in node.items()
        if not (key == "additionalProperties" and is_object(node.get("properties")))
    }
