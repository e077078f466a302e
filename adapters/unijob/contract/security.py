"""Security schemes: whether the credentials that an operation asks for are there, and have their form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from unijob.contract.pointers import join_pointer
from unijob.errors import Violation
from unijob.jsontypes import as_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unijob.contract.checks import Texts
    from unijob.contract.document import Document
    from unijob.contract.parameters import Location
    from unijob.errors import Place

_TOKENS = {
    "bearer": re.compile(r"bearer +[A-Za-z0-9._~+/-]+=* *\Z", re.IGNORECASE),
    "basic": re.compile(r"basic +[A-Za-z0-9+/]+=* *\Z", re.IGNORECASE),
}
_PLACES: Mapping[Location, Place] = {
    "header": "request.header",
    "query": "request.query",
    "cookie": "request.cookie",
}


@attrs.frozen
class Credential:
    """One credential that a request carries.

    `form` is the HTTP authentication scheme, or empty where any text will do.
    """

    location: Location
    name: str
    form: str
    pointer: str

    @property
    def key(self) -> str:
        """Its name as texts are found by: that of a header in lower case."""
        return self.name.lower() if self.location == "header" else self.name

    def check(self, sent: Mapping[Location, Texts]) -> Violation | None:
        """Give what is wrong with it, or None.

        Args:
            sent: by location, what was sent by name; names of headers in lower case.
        """
        texts = sent[self.location].get(self.key)
        if not texts:
            return self._violation("", "is missing", self.name)
        pattern = _TOKENS.get(self.form)
        for text in texts if pattern is not None else ():
            if pattern is not None and not pattern.match(text):
                return self._violation(join_pointer("", self.name), f"is no {self.form} credential", None)
        return None

    def _violation(self, pointer: str, message: str, missing: str | None) -> Violation:
        return Violation(
            place=_PLACES[self.location],
            pointer=pointer,
            keyword="security",
            message=message,
            schema_pointer=self.pointer,
            missing=missing,
        )


def read_security(document: Document, operation: Mapping[str, Any]) -> tuple[tuple[Credential, ...], ...]:
    """Give the alternatives of an operation, each the credentials that it needs together.

    Mutual TLS and schemes that HTTP headers do not show are taken as met.
    """
    wanted: Sequence[Mapping[str, Any]] = operation.get("security", document.root.get("security")) or ()
    schemes = as_object(as_object(document.root.get("components")).get("securitySchemes"))
    return tuple(
        tuple(
            credential
            for name in requirement
            if name in schemes
            for credential in _credentials(document, join_pointer("/components/securitySchemes", name))
        )
        for requirement in wanted
    )


def check_security(alternatives: Sequence[Sequence[Credential]], sent: Mapping[Location, Texts]) -> list[Violation]:
    """Give what is missing for the alternative that lacks least; nothing where one is met."""
    least: list[Violation] | None = None
    for one in alternatives:
        wrong = [violation for credential in one if (violation := credential.check(sent)) is not None]
        if not wrong:
            return wrong
        least = wrong if least is None or len(wrong) < len(least) else least
    return least or []


def _credentials(document: Document, pointer: str) -> list[Credential]:
    place, scheme = document.follow(pointer)
    kind = scheme.get("type")
    if kind == "apiKey":
        return [Credential(scheme["in"], scheme["name"], "", place)]
    if kind == "http":
        return [Credential("header", "Authorization", str(scheme.get("scheme", "")).lower(), place)]
    if kind in {"oauth2", "openIdConnect"}:
        return [Credential("header", "Authorization", "bearer", place)]
    return []
