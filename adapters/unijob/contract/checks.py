"""Parameters and bodies of one direction, held against their schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from unijob.contract.bodies import OPAQUE
from unijob.contract.parameters import ABSENT, Absent, read_value
from unijob.contract.pointers import join_pointer
from unijob.contract.styles import MalformedError
from unijob.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unijob.contract.bodies import Bodies
    from unijob.contract.findings import Finding
    from unijob.contract.operation import Content, Media
    from unijob.contract.parameters import Parameter
    from unijob.contract.shapes import Shapes
    from unijob.contract.validators import Validators
    from unijob.errors import Place

    Headers = Mapping[str, str] | Iterable[tuple[str, str]]
    Texts = Mapping[str, Sequence[str]]


class Checks:
    """Reads values of one direction and checks them.

    Args:
        shapes: the document's shapes.
        validators: the validators of the direction.
        bodies: reads bodies.
    """

    def __init__(self, shapes: Shapes, validators: Validators, bodies: Bodies) -> None:
        self._shapes = shapes
        self._validators = validators
        self._bodies = bodies

    def parameter(
        self, parameter: Parameter, place: Place, sent: Texts, claimed: set[str]
    ) -> tuple[list[Violation], Any]:
        """Give what is wrong with a parameter, and its typed value or `ABSENT`.

        Args:
            parameter: the parameter.
            place: where it was sent.
            sent: the texts by name, all of the place; names of headers in lower case.
            claimed: gathers the names that the parameter explains.
        """
        if parameter.is_text and len(texts := sent.get(parameter.key, ())) == 1:
            claimed.add(parameter.key)
            return self._valid(parameter, place, texts[0])
        try:
            candidates = read_value(parameter, self._shapes, sent, claimed)
        except MalformedError:
            pointer, message = join_pointer("", parameter.name), "is not written as documented"
            return [violation(place, pointer, "parse", message, parameter.pointer)], ABSENT
        if isinstance(candidates, Absent):
            return ([missing(place, parameter)] if parameter.required else []), ABSENT
        if parameter.allows_empty and list(sent.get(parameter.key, ())) == [""]:
            return [], ""
        return self._first_valid(parameter, place, candidates)

    def _first_valid(
        self, parameter: Parameter, place: Place, candidates: Sequence[Any]
    ) -> tuple[list[Violation], Any]:
        if len(candidates) == 1 or parameter.schema is None:
            return self._valid(parameter, place, candidates[0])
        results: list[tuple[list[Finding], Any]] = []
        for value in candidates:
            found = self._validators.check(parameter.schema, value)
            results.append((found, value))
            if all(finding.drift for finding in found):
                break
        else:
            results.reverse()
        found, value = results[-1]
        if not found:
            return [], value
        return violations(place, join_pointer("", parameter.name), found), value

    def _valid(self, parameter: Parameter, place: Place, value: Any) -> tuple[list[Violation], Any]:
        found = self._validators.check(parameter.schema, value) if parameter.schema is not None else []
        return (violations(place, join_pointer("", parameter.name), found) if found else []), value

    def body(self, place: Place, media: Media, value: Any) -> list[Violation]:
        """Give what is wrong with a parsed body, held against a documented media type."""
        if media.schema is None:
            return []
        found = self._validators.check(media.schema, value)
        return violations(place, "", found) if found else []

    def body_bytes(self, place: Place, media: Media, body: bytes, content_type: str) -> tuple[list[Violation], Any]:
        """Parse a body, and give what is wrong with it and its value; the bytes where it is not read."""
        try:
            value = self._bodies.read(body, content_type, media)
        except MalformedError as error:
            message = str(error) or "is not written as its media type is"
            return [violation(place, "", "parse", message, media.pointer)], body
        if value is OPAQUE:
            return [], body
        return self.body(place, media, value), value


def violation(
    place: Place, pointer: str, keyword: str, message: str, schema_pointer: str, *, drift: bool = False
) -> Violation:
    """Build a violation."""
    return Violation(
        place=place,
        pointer=pointer,
        keyword=keyword,
        message=message,
        schema_pointer=schema_pointer,
        drift=drift,
    )


def violations(place: Place, prefix: str, found: Iterable[Finding]) -> list[Violation]:
    """Build violations of findings in the value at a pointer."""
    return [
        Violation(
            place=place,
            pointer=join_pointer(prefix, *finding.path),
            keyword=finding.keyword,
            message=finding.message,
            schema_pointer=finding.schema_pointer,
            missing=finding.missing,
            drift=finding.drift,
        )
        for finding in found
    ]


def missing(place: Place, parameter: Parameter) -> Violation:
    """Build the violation of a required parameter that was not sent."""
    return Violation(
        place=place,
        pointer="",
        keyword="required",
        message="is missing",
        schema_pointer=join_pointer(parameter.pointer, "required"),
        missing=parameter.name,
    )


def wrong_media_type(place: Place, content: Content) -> Violation:
    """Build the violation of a body that is of no documented media type."""
    pointer = content.pointer + "/content"
    return violation(place, "", "media-type", "is not of a documented media type", pointer)


class Folded(dict[str, list[str]]):
    """Header fields by their name in lower case, each with one text: repeated ones are joined, as HTTP has them."""

    def text(self, name: str) -> str | None:
        """Give the text of a field, or None where it was not sent."""
        texts = self.get(name)
        return None if texts is None else texts[0]

    def pairs(self) -> list[tuple[str, str]]:
        """Give each field's name and text."""
        return [(name, texts[0]) for name, texts in self.items()]


def fold(headers: Headers | Folded) -> Folded:
    """Fold header fields; what is folded already stays as it is."""
    if isinstance(headers, Folded):
        return headers
    mapping = cast("Mapping[str, str]", headers) if isinstance(headers, Mapping) else None
    pairs = cast("Iterable[tuple[str, str]]", headers) if mapping is None else mapping.items()
    folded = Folded()
    for name, value in pairs:
        key = name.lower()
        folded[key] = [f"{folded[key][0]}, {value}"] if key in folded else [value]
    return folded
