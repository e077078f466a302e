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
    from unijob.contract.document import Document
    from unijob.contract.findings import Finding
    from unijob.contract.operation import Content
    from unijob.contract.parameters import Parameter
    from unijob.contract.shapes import Shapes
    from unijob.contract.validators import Validators
    from unijob.errors import Place

    Headers = Mapping[str, str] | Iterable[tuple[str, str]]
    Texts = Mapping[str, Sequence[str]]


class Checks:
    """Reads values of one direction and checks them.

    Args:
        document: the document.
        shapes: its shapes.
        validators: the validators of the direction.
        bodies: reads bodies.
    """

    def __init__(self, document: Document, shapes: Shapes, validators: Validators, bodies: Bodies) -> None:
        self._document = document
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
        key = parameter.name.lower() if parameter.location == "header" else parameter.name
        try:
            candidates = read_value(parameter, self._shapes, sent, claimed, key=key)
        except MalformedError:
            pointer, message = join_pointer("", parameter.name), "is not written as documented"
            return [violation(place, pointer, "parse", message, parameter.pointer)], ABSENT
        if isinstance(candidates, Absent):
            return ([missing(place, parameter)] if parameter.required else []), ABSENT
        if parameter.allows_empty and list(sent.get(key, ())) == [""]:
            return [], ""
        return self._first_valid(parameter, place, candidates)

    def _first_valid(
        self, parameter: Parameter, place: Place, candidates: Sequence[Any]
    ) -> tuple[list[Violation], Any]:
        if parameter.schema is None:
            return [], candidates[0]
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

    def body(self, place: Place, media_pointer: str, value: Any) -> list[Violation]:
        """Give what is wrong with a parsed body, held against a media type object."""
        if "schema" not in self._document.at(media_pointer):
            return []
        found = self._validators.check(media_pointer + "/schema", value)
        return violations(place, "", found) if found else []

    def body_bytes(
        self, place: Place, media_pointer: str, body: bytes, content_type: str
    ) -> tuple[list[Violation], Any]:
        """Parse a body, and give what is wrong with it and its value; the bytes where it is not read."""
        try:
            value = self._bodies.read(body, content_type, media_pointer)
        except MalformedError as error:
            message = str(error) or "is not written as its media type is"
            return [violation(place, "", "parse", message, media_pointer)], body
        if value is OPAQUE:
            return [], body
        return self.body(place, media_pointer, value), value


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


def fold(headers: Headers) -> dict[str, str]:
    """Give headers by their name in lower case; repeated ones joined, as HTTP has them."""
    mapping = cast("Mapping[str, str]", headers) if isinstance(headers, Mapping) else None
    pairs = cast("Iterable[tuple[str, str]]", headers) if mapping is None else mapping.items()
    folded: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        folded[key] = f"{folded[key]}, {value}" if key in folded else value
    return folded
