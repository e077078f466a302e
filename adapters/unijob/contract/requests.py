"""Requests, read and held against their operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unijob.contract.checks import fold, violation, wrong_media_type
from unijob.contract.parameters import ABSENT
from unijob.contract.pointers import join_pointer
from unijob.contract.security import check_security
from unijob.values import value_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from unijob.contract.checks import Checks, Headers, Texts
    from unijob.contract.operation import OperationContract
    from unijob.contract.parameters import Location
    from unijob.errors import Place, Violation

_PLACES: Mapping[Location, Place] = {
    "path": "request.path",
    "query": "request.query",
    "header": "request.header",
    "cookie": "request.cookie",
}


@value_class
class RequestReading:
    """A request as its contract reads it.

    Attributes:
        violations: what is wrong with it, drift included.
        path: the documented parameters that were sent, typed; likewise `query`, `header` and `cookie`.
        body: the parsed body; the bytes where the contract does not read them; None where there is none.
    """

    violations: tuple[Violation, ...]
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]
    cookie: Mapping[str, Any]
    body: Any

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters that were sent; of two with one name, path wins over query, header, cookie."""
        return {**self.cookie, **self.header, **self.query, **self.path}


class RequestChecks:
    """Reads requests.

    Args:
        checks: the checks of the direction.
        security: whether credentials are checked.
    """

    def __init__(self, checks: Checks, *, security: bool) -> None:
        self._checks = checks
        self._security = security

    def read(
        self,
        operation: OperationContract,
        path: Mapping[str, str],
        query: Sequence[tuple[str, str]],
        headers: Headers,
        *,
        cookies: Mapping[str, str] | None,
        body: bytes | None,
        content_type: str | None,
    ) -> RequestReading:
        """Read a request; the arguments are those of `Contract.parse_request`."""
        fields = fold(headers)
        sent: dict[Location, Texts] = {
            "path": _listed(path),
            "query": _group(query) if query else {},
            "header": fields,
            "cookie": _cookies(fields.text("cookie")) if cookies is None else _listed(cookies),
        }
        found: list[Violation] = []
        values: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        claimed: dict[str, set[str]] = {"path": set(), "query": set(), "header": set(), "cookie": set()}
        if self._security:
            found += check_security(operation.security, sent)
        for parameter in operation.parameters:
            where = parameter.location
            if parameter.is_text and not parameter.required and parameter.key not in sent[where]:
                continue
            wrong, value = self._checks.parameter(parameter, _PLACES[where], sent[where], claimed[where])
            found += wrong
            if value is not ABSENT:
                values[where][parameter.name] = value
        if sent["query"]:
            found += _undocumented(operation, sent["query"], claimed["query"])
        wrong, value = self._body(operation, body, content_type or fields.text("content-type"))
        return RequestReading((*found, *wrong), **values, body=value)

    def _body(
        self, operation: OperationContract, body: bytes | None, content_type: str | None
    ) -> tuple[list[Violation], Any]:
        content = operation.request_body
        if content is None:
            if not body:
                return [], None
            message = "is not documented"
            return [violation("request.body", "", "body", message, operation.pointer, drift=True)], body
        if not body:
            if not content.required:
                return [], None
            return [violation("request.body", "", "required", "is missing", content.pointer + "/required")], None
        media = content.match(content_type or "")
        if media is None:
            return [wrong_media_type("request.body", content)], body
        return self._checks.body_bytes("request.body", media, body, content_type or "")


def _undocumented(operation: OperationContract, sent: Texts, claimed: set[str]) -> list[Violation]:
    keys = {one.name for some in operation.security for one in some if one.location == "query"}
    message = "is not a documented parameter"
    return [
        violation(
            "request.query",
            join_pointer("", name),
            "additionalProperties",
            message,
            operation.pointer,
            drift=True,
        )
        for name in sent
        if name not in claimed and name not in keys
    ]


def _group(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _listed(texts: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [text] for name, text in texts.items()}


def _cookies(header: str | None) -> dict[str, list[str]]:
    if not header:
        return {}
    pairs = (part.partition("=") for part in header.split(";") if part.strip())
    return {name.strip(): [value.strip().strip('"')] for name, _, value in pairs}
