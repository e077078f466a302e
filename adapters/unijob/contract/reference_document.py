"""A document as openapi-core can work with it, its meaning unchanged."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from unijob.jsontypes import as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TOKEN_SCHEMES = frozenset({"oauth2", "openIdConnect"})


def prepared(root: Mapping[str, Any], prefixes: Sequence[str]) -> dict[str, Any]:
    """Give a copy of a document without what openapi-core fails or warns at.

    - The servers are the prefixes, on any host.
    - A parameter of `type: [integer, "null"]`, at which it raises TypeError, becomes an `anyOf`.
    - `deprecated`, of which it warns at each request, is gone.
    - OAuth 2 and OpenID Connect, which it does not check, become a bearer token; mutual TLS is gone.

    Args:
        root: the document.
        prefixes: what stands before each path in a request.
    """
    document = copy.deepcopy(dict(root))
    document["servers"] = [{"url": prefix or "/"} for prefix in prefixes]
    for node in _objects(document):
        if node.get("deprecated") is True:
            del node["deprecated"]
    for parameter in _parameters(document):
        schema = as_object(parameter.get("schema"))
        if isinstance(schema.get("type"), list):
            schema["anyOf"] = [{"type": name} for name in schema.pop("type")]
    _name_schemes(document)
    return document


def media_types(root: Mapping[str, Any]) -> frozenset[str]:
    """Give every media type that a document names."""
    return frozenset(
        name for node in _objects(root) for name in as_object(node.get("content")) if isinstance(node["content"], dict)
    )


def _objects(root: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        members = as_object(node)
        if members:
            yield members
        stack.extend(members.values())
        stack.extend(as_list(node))


def _parameters(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for node in _objects(document):
        parameters = node.get("parameters")
        yield from map(as_object, as_list(parameters) or as_object(parameters).values())
        yield from map(as_object, as_object(node.get("headers")).values())


def _name_schemes(document: dict[str, Any]) -> None:
    schemes = as_object(as_object(document.get("components")).get("securitySchemes"))
    for name, scheme in list(schemes.items()):
        kind = as_object(scheme).get("type")
        if kind in _TOKEN_SCHEMES:
            schemes[name] = {"type": "http", "scheme": "bearer"}
        elif kind == "http":
            scheme["scheme"] = str(scheme.get("scheme")).lower()
        elif kind == "mutualTLS":
            del schemes[name]
