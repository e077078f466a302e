"""The compiled contract: routes, and checks of requests and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from unijob.contract.bodies import OPAQUE, Bodies
from unijob.contract.document import Document
from unijob.contract.operation import OperationContract
from unijob.contract.parameters import Absent, read_value
from unijob.contract.pointers import join_pointer
from unijob.contract.routing import Router
from unijob.contract.security import check_security
from unijob.contract.shapes import Shapes
from unijob.contract.styles import MalformedError
from unijob.contract.validators import Validators
from unijob.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from unijob.contract.findings import Finding
    from unijob.contract.operation import Content
    from unijob.contract.parameters import Location, Parameter
    from unijob.errors import Place

    Headers = Mapping[str, str] | Iterable[tuple[str, str]]

_PLACES: Mapping[Location, Place] = {
    "path": "request.path",
    "query": "request.query",
    "header": "request.header",
    "cookie": "request.cookie",
}
_NO_BODY = frozenset({204, 205, 304})


@attrs.frozen
class Match:
    """Where a method and a path lead.

    Attributes:
        operation: the operation, or None: then `allowed` tells an unknown path (empty) from an unknown method.
        path_values: the path's values by name, percent-decoded; lone surrogates stand for bytes that are not UTF-8.
        allowed: the methods that the path documents.
    """

    operation: OperationContract | None
    path_values: Mapping[str, str]
    allowed: frozenset[str]


@attrs.frozen
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


class Contract:
    """A compiled OpenAPI 3.0 or 3.1 document. It does no I/O.

    Routes are built at once, validators when first used (`compile()` builds them all).

    Args:
        document: the document, all its references inside itself; it must not change afterwards.
        closed_enums: whether an unknown value of a string enum in a response is a violation, not drift.
        security: whether credentials are checked, for presence and form.
        unique_keys: whether a JSON object that has a name twice is a violation; it costs several times the rest.
        prefixes: what stands before each path in a request; by default the paths of the document's servers.

    Raises:
        ConfigError: it is no such document, or its references do not hold.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        closed_enums: bool = False,
        security: bool = True,
        unique_keys: bool = False,
        prefixes: Sequence[str] | None = None,
    ) -> None:
        self._document = Document(document)
        self._shapes = Shapes(self._document)
        self._security = security
        self._bodies = Bodies(self._document, self._shapes, unique_keys=unique_keys)
        self._requests = Validators(self._document, self._shapes, "readOnly", open_enums=False)
        self._responses = Validators(self._document, self._shapes, "writeOnly", open_enums=not closed_enums)
        self._router: Router[OperationContract] = Router(
            self._document.server_paths() if prefixes is None else prefixes
        )
        self.operations: Mapping[str, OperationContract] = self._read_operations()

    def _read_operations(self) -> dict[str, OperationContract]:
        operations: dict[str, OperationContract] = {}
        for entry in self._document.operations():
            operation = OperationContract(entry, self._document, self._shapes)
            operations[entry.id] = operation
            self._router.add(entry.method, entry.path, operation)
        return operations

    def compile(self) -> None:
        """Compile every validator now.

        Raises:
            ConfigError: a schema is not valid.
        """
        for operation in self.operations.values():
            for parameter in operation.parameters:
                if parameter.schema is not None:
                    self._requests.compile(parameter.schema)
            self._compile_content(self._requests, operation.request_body)
            for status in operation.statuses:
                self._compile_content(self._responses, operation.documented(status))

    def _compile_content(self, validators: Validators, content: Content | None) -> None:
        if content is None:
            return
        for pointer in content.media_types.values():
            if "schema" in self._document.at(pointer):
                validators.compile(join_pointer(pointer, "schema"))
        for header in content.headers:
            if header.schema is not None:
                validators.compile(header.schema)

    def route(self, method: str, raw_path: str) -> Match:
        """Find the operation behind a method and a raw path (percent-encoded, without its query).

        A literal path beats a templated one that has the method too. Slashes count: `/jobs/` is not `/jobs`.
        """
        found = self._router.find(method, raw_path)
        return Match(found.target, found.path_values, found.allowed)

    def check_request(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        headers: Headers = (),
        cookies: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str | None = None,
    ) -> tuple[Violation, ...]:
        """Give all that is wrong or new in a request; the arguments are those of `parse_request`."""
        return self.parse_request(
            operation_id,
            path=path,
            query=query,
            headers=headers,
            cookies=cookies,
            body=body,
            content_type=content_type,
        ).violations

    def parse_request(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        headers: Headers = (),
        cookies: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str | None = None,
    ) -> RequestReading:
        """Read a request and hold it against its contract.

        Args:
            operation_id: a key of `operations`.
            path: the path's values, as `route` gives them.
            query: names and values in order, decoded.
            headers: names in any case.
            cookies: by name; read from the `Cookie` header where not given.
            body: the bytes, uncompressed; None and empty are the same.
            content_type: as sent; taken from the headers where not given.

        Raises:
            KeyError: there is no such operation.
        """
        operation = self.operations[operation_id]
        fields = _fold(headers)
        sent: dict[str, dict[str, list[str]]] = {
            "path": {name: [value] for name, value in (path or {}).items()},
            "query": _group(query),
            "header": {name: [value] for name, value in fields.items()},
            "cookie": {
                name: [value]
                for name, value in (_cookies(fields.get("cookie", "")) if cookies is None else cookies).items()
            },
        }
        violations: list[Violation] = []
        values: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        claimed: dict[str, set[str]] = {"path": set(), "query": set(), "header": set(), "cookie": set()}
        if self._security:
            flat = {where: {name: texts[-1] for name, texts in found.items()} for where, found in sent.items()}
            violations += check_security(operation.security, flat)
        for parameter in operation.parameters:
            where = parameter.location
            violations += self._read_parameter(
                self._requests, parameter, _PLACES[where], sent[where], claimed[where], values[where]
            )
        violations += self._undocumented(operation, sent["query"], claimed["query"])
        found, value = self._request_body(operation, body, content_type or fields.get("content-type"))
        return RequestReading((*violations, *found), **values, body=value)

    def check_response(
        self,
        operation_id: str,
        status: int,
        value: Any,
        *,
        media_type: str = "application/json",
        headers: Headers | None = None,
    ) -> tuple[Violation, ...]:
        """Give all that is wrong or new in a response whose JSON is parsed already.

        Args:
            operation_id: a key of `operations`.
            status: the HTTP status.
            value: the parsed body.
            media_type: its media type, parameters allowed.
            headers: checked where given.

        Raises:
            KeyError: there is no such operation.
        """
        content = self.operations[operation_id].response(status)
        if content is None:
            return (self._unknown_status(operation_id),)
        violations = self._response_headers(content, headers)
        if not content.media_types:
            return tuple(violations)
        pointer = content.match(media_type)
        if pointer is None:
            return (*violations, _media_type("response.body", content))
        return (*violations, *self._check_body(self._responses, "response.body", pointer, value))

    def check_response_bytes(
        self,
        operation_id: str,
        status: int,
        body: bytes,
        *,
        content_type: str | None = "application/json",
        headers: Headers | None = None,
    ) -> tuple[Violation, ...]:
        """Parse a response's body and give all that is wrong or new; see `check_response`.

        Statuses that have no body, and operations on `HEAD`, are not asked for one.
        """
        operation = self.operations[operation_id]
        content = operation.response(status)
        if content is None:
            return (self._unknown_status(operation_id),)
        violations = self._response_headers(content, headers)
        if not content.media_types or (not body and (status in _NO_BODY or operation.method == "HEAD")):
            return tuple(violations)
        pointer = None if content_type is None else content.match(content_type)
        if pointer is None or content_type is None:
            return (*violations, _media_type("response.body", content))
        found, _ = self._read_body(self._responses, "response.body", pointer, body, content_type)
        return (*violations, *found)

    def _read_parameter(
        self,
        validators: Validators,
        parameter: Parameter,
        place: Place,
        sent: Mapping[str, Sequence[str]],
        claimed: set[str],
        values: dict[str, Any],
    ) -> list[Violation]:
        name = parameter.name
        key = name.lower() if parameter.location == "header" else name
        try:
            candidates = read_value(parameter, self._shapes, sent, claimed, key)
        except MalformedError:
            return [
                _violation(place, join_pointer("", name), "parse", "is not written as documented", parameter.pointer)
            ]
        if isinstance(candidates, Absent):
            return [_missing(place, name, parameter.pointer)] if parameter.required else []
        if parameter.allows_empty and sent.get(key) == [""]:
            values[name] = ""
            return []
        found: list[list[Finding]] = []
        for value in candidates:
            found.append([] if parameter.schema is None else validators.check(parameter.schema, value))
            if not any(not finding.drift for finding in found[-1]):
                values[name] = value
                return _violations(place, name, found[-1])
        values[name] = candidates[0]
        return _violations(place, name, found[0])

    def _undocumented(
        self, operation: OperationContract, sent: Mapping[str, Sequence[str]], claimed: set[str]
    ) -> list[Violation]:
        keys = {one.name for some in operation.security for one in some if one.location == "query"}
        return [
            _violation(
                "request.query",
                join_pointer("", name),
                "additionalProperties",
                "is not a documented parameter",
                operation.pointer,
                drift=True,
            )
            for name in sent
            if name not in claimed and name not in keys
        ]

    def _request_body(
        self, operation: OperationContract, body: bytes | None, content_type: str | None
    ) -> tuple[list[Violation], Any]:
        content = operation.request_body
        if content is None or not body:
            found = []
            if content is not None and content.required:
                found = [_violation("request.body", "", "required", "is missing", content.pointer + "/required")]
            elif body:
                message = "is not documented"
                found = [_violation("request.body", "", "body", message, operation.pointer, drift=True)]
            return found, body or None
        pointer = None if content_type is None else content.match(content_type)
        if pointer is None or content_type is None:
            return [_media_type("request.body", content)], body
        return self._read_body(self._requests, "request.body", pointer, body, content_type)

    def _read_body(
        self, validators: Validators, place: Place, pointer: str, body: bytes, content_type: str
    ) -> tuple[list[Violation], Any]:
        try:
            value = self._bodies.read(body, content_type, pointer)
        except MalformedError as error:
            message = str(error) or "is not written as its media type is"
            return [_violation(place, "", "parse", message, pointer)], body
        if value is OPAQUE:
            return [], body
        return self._check_body(validators, place, pointer, value), value

    def _check_body(self, validators: Validators, place: Place, pointer: str, value: Any) -> list[Violation]:
        if "schema" not in self._document.at(pointer):
            return []
        return _violations(place, None, validators.check(pointer + "/schema", value))

    def _response_headers(self, content: Content, headers: Headers | None) -> list[Violation]:
        if headers is None or not content.headers:
            return []
        sent = {name: [value] for name, value in _fold(headers).items()}
        violations: list[Violation] = []
        for header in content.headers:
            violations += self._read_parameter(self._responses, header, "response.header", sent, set(), {})
        return violations

    def _unknown_status(self, operation_id: str) -> Violation:
        pointer = self.operations[operation_id].pointer + "/responses"
        return _violation("response.status", "", "status", "is not a documented status", pointer, drift=True)


def _fold(headers: Headers) -> dict[str, str]:
    """Give headers by their name in lower case; repeated ones joined, as HTTP has them."""
    pairs = headers.items() if hasattr(headers, "items") else headers
    folded: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        folded[key] = f"{folded[key]}, {value}" if key in folded else value
    return folded


def _group(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _cookies(header: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in header.replace(", ", "; ").split(";") if part.strip())
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _violations(place: Place, name: str | None, found: Iterable[Finding]) -> list[Violation]:
    prefix = "" if name is None else join_pointer("", name)
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


def _violation(
    place: Place, pointer: str, keyword: str, message: str, schema_pointer: str, *, drift: bool = False
) -> Violation:
    return Violation(
        place=place,
        pointer=pointer,
        keyword=keyword,
        message=message,
        schema_pointer=schema_pointer,
        drift=drift,
    )


def _missing(place: Place, name: str, schema_pointer: str) -> Violation:
    return Violation(
        place=place,
        pointer="",
        keyword="required",
        message="is missing",
        schema_pointer=schema_pointer,
        missing=name,
    )


def _media_type(place: Place, content: Content) -> Violation:
    return _violation(place, "", "media-type", "is not of a documented media type", content.pointer + "/content")
