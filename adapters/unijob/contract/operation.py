"""One operation of a contract, read when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from unijob.contract.media import match_media_type
from unijob.contract.parameters import Parameter, read_header, read_parameters
from unijob.contract.pointers import join_pointer
from unijob.contract.security import read_security

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unijob.contract.document import Document, OperationEntry
    from unijob.contract.security import Credential
    from unijob.contract.shapes import Shapes

_REMEMBERED = 100
"""How many spellings of a content type are remembered, and how long each may be."""


@attrs.frozen
class Media:
    """A documented media type.

    Attributes:
        pointer: where its object stands in the document.
        schema: where its schema stands, or None where it has none.
    """

    pointer: str
    schema: str | None


@attrs.frozen
class Content:
    """A request body or a response: where it stands in the document, and its media types by name."""

    pointer: str
    media_types: Mapping[str, Media]
    required: bool = False
    headers: tuple[Parameter, ...] = ()
    _known: dict[str, Media | None] = attrs.field(factory=dict[str, Media | None], eq=False, repr=False, init=False)

    def match(self, content_type: str) -> Media | None:
        """Find the documented media type of a message."""
        if content_type in self._known:
            return self._known[content_type]
        name = match_media_type(self.media_types, content_type)
        media = None if name is None else self.media_types[name]
        if len(self._known) < _REMEMBERED and len(content_type) < _REMEMBERED:
            self._known[content_type] = media
        return media


class OperationContract:
    """What the contract says of one operation.

    Attributes:
        id: its `operationId`, or `METHOD /path` where the document has none of its own for it.
        method: in capitals.
        path: the path template.
        pointer: where it stands in the document.
    """

    def __init__(self, entry: OperationEntry, document: Document, shapes: Shapes) -> None:
        self.id = entry.id
        self.method = entry.method
        self.path = entry.path
        self.pointer = entry.pointer
        self._path_pointer = entry.path_pointer
        self._document = document
        self._shapes = shapes
        self._responses: dict[int, Content | None] = {}

    def __repr__(self) -> str:
        """Name it and its route."""
        return f"<OperationContract {self.id}: {self.method} {self.path}>"

    @property
    def node(self) -> Mapping[str, Any]:
        """The operation object as the document has it."""
        node: Mapping[str, Any] = self._document.at(self.pointer)
        return node

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, those of its path among them."""
        places = [
            join_pointer(base, "parameters")
            for base in (self._path_pointer, self.pointer)
            if self._document.at(base).get("parameters")
        ]
        return read_parameters(self._document, self._shapes, places)

    @cached_property
    def request_body(self) -> Content | None:
        """Its request body, or None where it documents none."""
        if "requestBody" not in self.node:
            return None
        pointer, node = self._document.follow(join_pointer(self.pointer, "requestBody"))
        return Content(pointer, self._media_types(pointer, node), bool(node.get("required")))

    @cached_property
    def security(self) -> tuple[tuple[Credential, ...], ...]:
        """The alternatives of credentials."""
        return read_security(self._document, self.node)

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The documented statuses: `200`, `4XX`, `default`."""
        return tuple(str(status) for status in self.node.get("responses") or ())

    def response(self, status: int) -> Content | None:
        """Give the response that is documented for a status, its own before its class before the default."""
        if status not in self._responses:
            by_name = {name.upper(): name for name in self.statuses}
            wanted = (str(status), f"{status // 100}XX", "DEFAULT")
            name = next((by_name[one] for one in wanted if one in by_name), None)
            self._responses[status] = None if name is None else self.documented(name)
        return self._responses[status]

    def documented(self, name: str) -> Content:
        """Give the response under one of `statuses`."""
        pointer, node = self._document.follow(join_pointer(self.pointer, "responses", name))
        headers = tuple(
            read_header(self._document, self._shapes, join_pointer(pointer, "headers", header), header)
            for header in node.get("headers") or ()
            if header.lower() != "content-type"
        )
        return Content(pointer, self._media_types(pointer, node), headers=headers)

    def _media_types(self, pointer: str, node: Mapping[str, Any]) -> dict[str, Media]:
        return {name: self._media(join_pointer(pointer, "content", name)) for name in node.get("content") or ()}

    def _media(self, pointer: str) -> Media:
        place, node = self._document.follow(pointer)
        return Media(place, join_pointer(place, "schema") if "schema" in node else None)
