"""The reference engine: the same contract, checked by openapi-core.

It is slower and tells less; the compiled engine is held equal to it. Where the two differ, `DIFFERENCES` says why.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import attrs

from unijob.contract.checks import fold
from unijob.contract.document import METHODS, Document
from unijob.contract.engine import Contract
from unijob.contract.media import is_json
from unijob.contract.reference_differences import DIFFERENCES, Difference
from unijob.contract.reference_document import media_types, prepared
from unijob.contract.routing import Match
from unijob.errors import ConfigError

try:
    from jsonschema_path import SchemaPath
    from openapi_core.datatypes import RequestParameters
    from openapi_core.templating.datatypes import TemplateResult
    from openapi_core.templating.paths.datatypes import PathOperationServer
    from openapi_core.templating.paths.exceptions import PathError
    from openapi_core.templating.paths.finders import APICallPathFinder
    from openapi_core.validation import request as requests
    from openapi_core.validation import response as responses
    from openapi_core.validation.request.validators import (
        APICallRequestBodyValidator,
        APICallRequestParametersValidator,
        APICallRequestSecurityValidator,
    )
    from openapi_core.validation.response.validators import (
        APICallResponseDataValidator,
        APICallResponseHeadersValidator,
    )
    from werkzeug.datastructures import Headers as Fields
    from werkzeug.datastructures import MultiDict
    from werkzeug.http import parse_cookie
except ImportError as error:
    hint = "the reference engine needs openapi-core: pip install 'unijob[reference]'"
    raise ConfigError(hint, setting="engine") from error

from unijob.contract.reference_findings import (
    body_violations,
    header_violations,
    parameter_violations,
    security_violation,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from unijob.contract.checks import Headers
    from unijob.contract.operation import OperationContract
    from unijob.contract.requests import RequestReading
    from unijob.errors import Place, Violation

__all__ = ["DIFFERENCES", "Difference", "ReferenceContract"]

_CACHED = 4096
_NO_BODY = frozenset({204, 205, 304})
_FAILURES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@attrs.define
class _Request:
    """What openapi-core reads of a request."""

    method: str
    path: str
    parameters: RequestParameters = attrs.field(factory=RequestParameters)
    content_type: str = ""
    body: bytes | None = None
    host_url: str = ""


@attrs.define
class _Response:
    """What openapi-core reads of a response."""

    status_code: int
    content_type: str
    headers: Fields
    data: bytes | None


class _Found(APICallPathFinder):
    """Finds the operation of a request whose path is a template already."""

    def __init__(self, spec: SchemaPath, base_url: str | None = None) -> None:
        super().__init__(spec, base_url)
        self._paths = dict((spec / "paths").str_items())
        self._known: dict[tuple[str, str], PathOperationServer] = {}

    def find(self, method: str, name: str) -> PathOperationServer:
        key = (method, name)
        if key not in self._known:
            path = self._paths[name]
            self._known[key] = PathOperationServer(path, path / method, None, TemplateResult(name, {}), {})
        return self._known[key]


@attrs.frozen
class _Checks:
    """The validators of openapi-core, each for one place."""

    security: APICallRequestSecurityValidator
    parameters: APICallRequestParametersValidator
    request_body: APICallRequestBodyValidator
    response_headers: APICallResponseHeadersValidator
    response_body: APICallResponseDataValidator
    response_value: APICallResponseDataValidator
    """Of values that were parsed before, whatever their media type."""


def _checks(spec: SchemaPath, names: Iterable[str], *, legacy: bool) -> _Checks:
    names = frozenset(names)
    loads: Any = json.loads
    of_json: Any = dict.fromkeys(filter(is_json, names), loads)
    of_any: Any = dict.fromkeys(names, loads)
    if legacy:
        return _Checks(
            requests.V30RequestSecurityValidator(spec, path_finder_cls=_Found),
            requests.V30RequestParametersValidator(spec, path_finder_cls=_Found),
            requests.V30RequestBodyValidator(spec, path_finder_cls=_Found, extra_media_type_deserializers=of_json),
            responses.V30ResponseHeadersValidator(spec, path_finder_cls=_Found),
            responses.V30ResponseDataValidator(spec, path_finder_cls=_Found, extra_media_type_deserializers=of_json),
            responses.V30ResponseDataValidator(spec, path_finder_cls=_Found, extra_media_type_deserializers=of_any),
        )
    return _Checks(
        requests.V31RequestSecurityValidator(spec, path_finder_cls=_Found),
        requests.V31RequestParametersValidator(spec, path_finder_cls=_Found),
        requests.V31RequestBodyValidator(spec, path_finder_cls=_Found, extra_media_type_deserializers=of_json),
        responses.V31ResponseHeadersValidator(spec, path_finder_cls=_Found),
        responses.V31ResponseDataValidator(spec, path_finder_cls=_Found, extra_media_type_deserializers=of_json),
        responses.V31ResponseDataValidator(spec, path_finder_cls=_Found, extra_media_type_deserializers=of_any),
    )


class ReferenceContract(Contract):
    """A contract whose verdicts are those of openapi-core.

    It takes what `Contract` takes and gives violations in the same form. The typed values of `parse_request` are
    those of the compiled engine.

    Args:
        document: the document, all its references inside itself; it must not change afterwards.
        closed_enums: whether an unknown value of a string enum in a response is a violation, not drift.
        security: whether credentials are checked, for presence and form.
        unique_keys: makes no difference: openapi-core takes an object that has a name twice.
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
        super().__init__(
            document, closed_enums=closed_enums, security=security, unique_keys=unique_keys, prefixes=prefixes
        )
        self._open_enums = not closed_enums
        self._with_security = security
        known = Document(document)
        self._by_route = {(entry.method, entry.path): entry.id for entry in known.operations()}
        spec = SchemaPath.from_dict(
            prepared(document, known.server_paths() if prefixes is None else prefixes), resolved_cache_maxsize=_CACHED
        )
        names = media_types(document)
        self._finder = APICallPathFinder(spec)
        self._checks = _checks(spec, names, legacy=known.legacy)

    def compile(self) -> None:
        """Do nothing: openapi-core compiles what it needs when it needs it."""

    def route(self, method: str, raw_path: str) -> Match[OperationContract]:
        """Find the operation behind a method and a raw path (percent-encoded, without its query)."""
        path = "/" + raw_path.partition("?")[0].removeprefix("/")
        found = self._find(method, path)
        if found is None:
            allowed = (name.upper() for name in METHODS if self._find(name, path) is not None)
            return Match(None, {}, frozenset(allowed))
        operation, values = found
        methods = frozenset(known for known, template in self._by_route if template == operation.path)
        return Match(operation, values, methods)

    def _find(self, method: str, path: str) -> tuple[OperationContract, dict[str, str]] | None:
        try:
            found = self._finder.find(method.lower(), "http://any" + path)
        except PathError:
            return None
        place: Any = found  # a namedtuple of anything
        template: str = place.path.parts[-1]
        values: Mapping[str, str] = place.path_result.variables
        operation = self.operations[self._by_route[method.upper(), template]]
        return operation, {name: unquote(text, errors="surrogateescape") for name, text in values.items()}

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
        """Give all that is wrong in a request; the arguments are those of `parse_request`."""
        operation = self.operations[operation_id]
        fields = fold(headers)
        crumbs = parse_cookie(fields.text("cookie") or "") if cookies is None else MultiDict(cookies)
        parameters = RequestParameters(
            query=MultiDict(query), header=Fields(fields.pairs()), cookie=crumbs, path=_in_all_styles(path or {})
        )
        mime = content_type or fields.text("content-type") or ""
        request = _Request(operation.method.lower(), operation.path, parameters, mime, body)
        found: list[Violation] = []
        if self._with_security:
            found += _read(
                self._checks.security.iter_errors(request), lambda _: [security_violation()], "request.header"
            )
        found += _read(self._checks.parameters.iter_errors(request), parameter_violations, "request.query")
        errors = self._checks.request_body.iter_errors(request)
        found += _read(errors, lambda error: body_violations("request.body", error), "request.body")
        return tuple(found)

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
        """Read a request with the compiled engine, and hold it against its contract with this one."""
        sent: Any = {
            "path": path,
            "query": query,
            "headers": fold(headers),
            "cookies": cookies,
            "body": body,
            "content_type": content_type,
        }
        violations = self.check_request(operation_id, **sent)
        return attrs.evolve(super().parse_request(operation_id, **sent), violations=violations)

    def check_response(
        self,
        operation_id: str,
        status: int,
        value: Any,
        *,
        media_type: str = "application/json",
        headers: Headers | None = None,
    ) -> tuple[Violation, ...]:
        """Give all that is wrong in a response whose body is parsed already."""
        operation = self.operations[operation_id]
        try:
            body = json.dumps(value).encode()
        except _FAILURES:
            return (unreadable("response.body"),)
        return self._response(
            operation, self._checks.response_value, _Response(status, media_type, _fields(headers), body)
        )

    def check_response_bytes(
        self,
        operation_id: str,
        status: int,
        body: bytes,
        *,
        content_type: str | None = "application/json",
        headers: Headers | None = None,
    ) -> tuple[Violation, ...]:
        """Parse a response's body and give all that is wrong in it."""
        operation = self.operations[operation_id]
        response = _Response(status, content_type or "", _fields(headers), body)
        return self._response(operation, self._checks.response_body, response)

    def _response(
        self, operation: OperationContract, body: APICallResponseDataValidator, response: _Response
    ) -> tuple[Violation, ...]:
        request = _Request(operation.method.lower(), operation.path)
        found: list[Violation] = []
        if response.data or not (response.status_code in _NO_BODY or operation.method == "HEAD"):
            errors = body.iter_errors(request, response)
            found += _read(errors, self._body_error, "response.body")
        if response.headers and not any(one.place == "response.status" for one in found):
            found += _read(
                self._checks.response_headers.iter_errors(request, response), header_violations, "response.header"
            )
        return tuple(found)

    def _body_error(self, error: Exception) -> list[Violation]:
        return body_violations("response.body", error, open_enums=self._open_enums)


def _read(errors: Iterator[Exception], say: Callable[[Exception], list[Violation]], place: Place) -> list[Violation]:
    """Read errors to their end; what openapi-core itself fails at is unreadable."""
    found: list[Violation] = []
    try:
        for error in errors:
            found += say(error)
    except _FAILURES:
        found.append(unreadable(place))
    return found


def _fields(headers: Headers | None) -> Fields:
    return Fields(fold(headers or ()).pairs())


def _in_all_styles(path: Mapping[str, str]) -> dict[str, str]:
    """Give the path's values under the names that openapi-core looks for: of style label `.a`, of matrix `;a*`."""
    return {f"{mark}{name}{star}": text for name, text in path.items() for mark in ("", ".", ";") for star in ("", "*")}
