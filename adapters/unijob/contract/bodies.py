"""Bodies of a message, from bytes to the value that its schema speaks of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import attrs

from unijob.contract.media import essence, is_json, parse_json
from unijob.contract.styles import PRIMITIVES, MalformedError, read_primitive, split_deep
from unijob.jsontypes import as_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unijob.contract.document import Document
    from unijob.contract.operation import Media
    from unijob.contract.shapes import Shapes

_BOUNDARY = re.compile(r'boundary="?([^";,]{1,70})"?', re.IGNORECASE)
_NAME = re.compile(r'(?:^|[;\s])name="((?:[^"\\]|\\.)*)"|(?:^|[;\s])name=([^\s;"]+)', re.IGNORECASE)


class _Opaque:
    """The mark of a body that is passed unread."""


OPAQUE: Final = _Opaque()


@attrs.frozen
class _Part:
    text: bytes
    content_type: str
    is_file: bool


class Bodies:
    """Reads bodies by media type.

    JSON, `application/x-www-form-urlencoded`, `multipart/form-data` and `text/*` are read; every other media type
    that is documented is opaque and passes.

    Args:
        document: the document.
        shapes: its shapes.
        unique_keys: whether a JSON object that has a name twice is refused.
    """

    def __init__(self, document: Document, shapes: Shapes, *, unique_keys: bool = False) -> None:
        self._document = document
        self._shapes = shapes
        self._unique_keys = unique_keys

    def read(self, body: bytes, content_type: str, media: Media) -> Any:
        """Give the value of a body, or `OPAQUE`.

        Args:
            body: the bytes.
            content_type: as sent, with its parameters.
            media: the documented media type.

        Raises:
            MalformedError: the bytes are not of the media type.
        """
        if is_json(content_type):
            return parse_json(body, unique_keys=self._unique_keys)
        name = essence(content_type)
        if name == "application/x-www-form-urlencoded":
            return self._form(body, media)
        if name == "multipart/form-data":
            return self._multipart(body, content_type, media)
        if name.startswith("text/") and name != "text/event-stream":
            return _text(body)
        return OPAQUE

    def _form(self, body: bytes, media: Media) -> dict[str, Any]:
        sent: dict[str, list[str]] = {}
        try:
            pairs = parse_qsl(_text(body), keep_blank_values=True, errors="strict")
        except ValueError as error:
            raise MalformedError from error
        for name, text in pairs:
            sent.setdefault(name, []).append(text)
        properties = self._properties(media)
        result: dict[str, Any] = {}
        for name, place in properties.items():
            if self._encoding(media, name).get("style") == "deepObject":
                deep = split_deep(name, sent)
                sent = {key: texts for key, texts in sent.items() if not key.startswith(name + "[")}
                if deep:
                    result[name] = self._deep(deep, place)
        for name, texts in sent.items():
            result[name] = self._field(texts, properties.get(name))
        return result

    def _deep(self, parts: Mapping[str, Any], pointer: str) -> dict[str, Any]:
        inner = self._shapes.properties(pointer)
        return {
            key: self._deep(as_object(part), inner.get(key, pointer))
            if isinstance(part, dict)
            else self._field([part] if isinstance(part, str) else part, inner.get(key))
            for key, part in parts.items()
        }

    def _field(self, texts: Sequence[str], pointer: str | None) -> Any:
        if pointer is None:
            return texts[0] if len(texts) == 1 else list(texts)
        types = self._shapes.text_types(pointer)
        if "array" in types and (len(texts) > 1 or not types & PRIMITIVES - {"null"}):
            items = self._shapes.items(pointer)
            return [self._field([text], items) for text in texts]
        if len(texts) != 1:
            raise MalformedError
        if "object" in types and not types & PRIMITIVES - {"null"}:
            return parse_json(texts[0].encode())
        return read_primitive(texts[0], types)

    def _multipart(self, body: bytes, content_type: str, media: Media) -> dict[str, Any]:
        boundary = _BOUNDARY.search(content_type)
        if boundary is None:
            raise MalformedError
        parts: dict[str, list[_Part]] = {}
        for name, part in _parts(body, boundary[1].encode()):
            parts.setdefault(name, []).append(part)
        properties = self._properties(media)
        return {name: self._part_values(found, properties.get(name)) for name, found in parts.items()}

    def _part_values(self, parts: Sequence[_Part], pointer: str | None) -> Any:
        types = self._shapes.text_types(pointer)
        if "array" in types and not types & PRIMITIVES - {"null"}:
            if len(parts) == 1 and is_json(parts[0].content_type):
                return parse_json(parts[0].text)
            items = self._shapes.items(pointer)
            return [self._part_value(part, items) for part in parts]
        if len(parts) > 1 and pointer is not None:
            raise MalformedError
        return self._part_value(parts[0], pointer)

    def _part_value(self, part: _Part, pointer: str | None) -> Any:
        types = self._shapes.text_types(pointer)
        if is_json(part.content_type) or ("object" in types and not types & PRIMITIVES - {"null"}):
            return parse_json(part.text)
        if part.is_file or essence(part.content_type) not in {"", "text/plain"}:
            return part.text.decode("latin-1")
        return read_primitive(_text(part.text), types)

    def _properties(self, media: Media) -> dict[str, str]:
        return {} if media.schema is None else self._shapes.properties(media.schema)

    def _encoding(self, media: Media, name: str) -> Mapping[str, Any]:
        return as_object(as_object(self._document.at(media.pointer).get("encoding")).get(name))


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise MalformedError from error


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, _Part]]:
    """Split a multipart body (RFC 2046, RFC 7578)."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not pieces[-1].startswith(b"--"):
        raise MalformedError
    for piece in pieces[1:-1]:
        head, blank, text = piece.lstrip(b" \t").partition(b"\r\n\r\n")
        if not blank or not head.startswith(b"\r\n"):
            raise MalformedError
        fields = dict(_field_line(line) for line in head[2:].split(b"\r\n"))
        disposition = fields.get("content-disposition", "")
        name = _NAME.search(disposition)
        if name is None:
            raise MalformedError
        is_file = "filename" in disposition.lower().replace(name[0].lower(), "")
        yield name[1] or name[2] or "", _Part(text, fields.get("content-type", ""), is_file)


def _field_line(line: bytes) -> tuple[str, str]:
    name, _, value = _text(line).partition(":")
    return name.strip().lower(), value.strip()
