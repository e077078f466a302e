"""The parameters of an operation and the headers of a response: what is documented, and how it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, cast

import attrs

from unijob.contract.media import is_json, parse_json
from unijob.contract.pointers import join_pointer
from unijob.contract.styles import (
    PRIMITIVES,
    MalformedError,
    bare,
    read_primitive,
    split_array,
    split_deep,
    split_object,
)
from unijob.jsontypes import as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from unijob.contract.document import Document
    from unijob.contract.shapes import Shapes

Location = Literal["path", "query", "header", "cookie"]
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_TEXT = frozenset({"string"})
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})


class Absent:
    """The mark of a parameter that was not sent."""


ABSENT: Final = Absent()


@attrs.frozen
class Parameter:
    """One documented parameter or response header."""

    name: str
    location: Location
    required: bool
    style: str
    explode: bool
    pointer: str
    schema: str | None
    """Where its schema stands."""
    is_json: bool
    """True where its `content` says that it is a JSON text."""
    allows_empty: bool
    types: frozenset[str]
    key: str
    """Its name as texts are found by: that of a header in lower case."""
    is_text: bool
    """True where what is sent is its value as it stands."""

    def is_object_of_pairs(self) -> bool:
        """Tell whether it stands in the query under the names of its properties."""
        return (
            self.location in {"query", "cookie"}
            and self.explode
            and self.style == "form"
            and "object" in self.types
            and not self.types - {"object", "null"}
        )


def read_parameters(document: Document, shapes: Shapes, pointers: Iterable[str]) -> tuple[Parameter, ...]:
    """Read parameter lists; of two with one name and location the later wins.

    Args:
        document: the document.
        shapes: its shapes.
        pointers: where the lists stand, a path's before its operation's.
    """
    found: dict[tuple[str, str], Parameter] = {}
    for pointer in pointers:
        place, listed = document.follow(pointer)
        for n in range(len(listed)):
            parameter = _read(document, shapes, join_pointer(place, n))
            if parameter is not None:
                found[parameter.location, parameter.name] = parameter
    return tuple(found.values())


def read_header(document: Document, shapes: Shapes, pointer: str, name: str) -> Parameter:
    """Read a response header."""
    place, node = document.follow(pointer)
    return _build(document, shapes, place, {**node, "name": name, "in": "header"})


def read_value(
    parameter: Parameter, shapes: Shapes, sent: Mapping[str, Sequence[str]], claimed: set[str]
) -> list[Any] | Absent:
    """Read what was sent for a parameter, as each of the values that it may mean, the likeliest first.

    Args:
        parameter: the parameter.
        shapes: the document's shapes.
        sent: the texts by name, all of the parameter's location.
        claimed: gathers the names that the parameter explains.

    Raises:
        MalformedError: it is not written in its style.
    """
    name, key = parameter.name, parameter.key
    if parameter.is_object_of_pairs():
        return _object_of_pairs(parameter, shapes, sent, claimed)
    if parameter.style == "deepObject":
        claimed.update(one for one in sent if one.startswith(name + "["))
        deep = split_deep(name, sent)
        if deep:
            return [_typed(deep, shapes, parameter.schema)]
    claimed.add(key)
    if key not in sent:
        return ABSENT
    return _values(parameter, shapes, sent[key])


def _values(parameter: Parameter, shapes: Shapes, texts: Sequence[str]) -> list[Any]:
    if parameter.is_json:
        return [_json(texts)]
    types = parameter.types
    found: list[Any] = []
    if parameter.location == "header" and types & {"array", "object"}:
        texts = [",".join(part.strip() for part in text.split(",")) for text in texts]
    if "array" in types:
        items = split_array(parameter.name, parameter.style, explode=parameter.explode, texts=texts)
        place = shapes.items(parameter.schema)
        found.append([_typed(item, shapes, place) for item in items])
    elif "object" in types and not types & PRIMITIVES - {"null"}:
        parts = split_object(parameter.name, parameter.style, explode=parameter.explode, texts=texts)
        found.append(_typed(parts, shapes, parameter.schema))
    if types & PRIMITIVES - {"null"} and len(texts) == 1:
        text = bare(parameter.name, parameter.style, texts[0])
        found.append(read_primitive(text, types))
        if "string" in types and found[-1] != text:
            found.append(text)
    if not found:
        raise MalformedError
    return found


def _object_of_pairs(
    parameter: Parameter, shapes: Shapes, sent: Mapping[str, Sequence[str]], claimed: set[str]
) -> list[Any] | Absent:
    properties = shapes.properties(cast("str", parameter.schema))
    extra = shapes.shape(cast("str", parameter.schema)).free or not properties
    names = [name for name in sent if name in properties or (extra and name not in claimed)]
    claimed.update(names)
    if not names:
        return ABSENT
    parts: dict[str, Any] = {}
    for name in names:
        is_list = name in properties and "array" in shapes.types(properties[name])
        if len(sent[name]) > 1 and not is_list and name in properties:
            raise MalformedError
        parts[name] = list(sent[name]) if is_list or len(sent[name]) > 1 else sent[name][0]
    return [_typed(parts, shapes, parameter.schema)]


def _typed(value: Any, shapes: Shapes, pointer: str | None) -> Any:
    """Give texts, lists and objects of texts the types that a schema allows them."""
    if pointer is None:
        return value
    if isinstance(value, dict):
        members = as_object(value)
        properties = shapes.properties(pointer)
        extra = shapes.unnamed(pointer)
        return {key: _typed(inner, shapes, properties.get(key, extra)) for key, inner in members.items()}
    if isinstance(value, list):
        items = shapes.items(pointer)
        return [_typed(inner, shapes, items) for inner in as_list(value)]
    types = shapes.text_types(pointer)
    if "array" in types and not types & PRIMITIVES - {"null"}:
        return [_typed(value, shapes, shapes.items(pointer))]
    return read_primitive(value, types)


def _json(texts: Sequence[str]) -> Any:
    if len(texts) != 1:
        raise MalformedError
    return parse_json(texts[0].encode(errors="surrogatepass"))


def _read(document: Document, shapes: Shapes, pointer: str) -> Parameter | None:
    place, node = document.follow(pointer)
    if node.get("in") == "header" and str(node.get("name")).lower() in _NOT_PARAMETERS:
        return None
    return _build(document, shapes, place, node) if node.get("in") in _STYLES else None


def _build(document: Document, shapes: Shapes, pointer: str, node: Mapping[str, Any]) -> Parameter:
    location = cast("Location", node["in"])
    style = str(node.get("style", _STYLES[location]))
    schema, media_type = _schema_place(document, pointer, node)
    name, types = str(node["name"]), shapes.text_types(None if media_type else schema)
    allows_empty = bool(node.get("allowEmptyValue"))
    return Parameter(
        name=name,
        location=location,
        required=bool(node.get("required")) or location == "path",
        style=style,
        explode=bool(node.get("explode", style in {"form", "deepObject"})),
        pointer=pointer,
        schema=schema,
        is_json=media_type is not None and is_json(media_type),
        allows_empty=allows_empty,
        types=types,
        key=name.lower() if location == "header" else name,
        is_text=types == _TEXT and style in {"simple", "form"} and not allows_empty and media_type is None,
    )


def _schema_place(document: Document, pointer: str, node: Mapping[str, Any]) -> tuple[str | None, str | None]:
    if "schema" in node:
        return join_pointer(pointer, "schema"), None
    for media_type in node.get("content") or ():
        place, described = document.follow(join_pointer(pointer, "content", media_type))
        checked = "schema" in described and is_json(media_type)
        return (join_pointer(place, "schema") if checked else None), media_type
    return None, None
