"""The compiled contract: routes, and checks of requests and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unijob.contract.bodies import Bodies
from unijob.contract.checks import Checks
from unijob.contract.document import Document
from unijob.contract.memory import LARGE, collection_paused
from unijob.contract.operation import OperationContract
from unijob.contract.requests import RequestChecks, RequestReading
from unijob.contract.responses import ResponseChecks
from unijob.contract.routing import Router
from unijob.contract.shapes import Shapes
from unijob.contract.validators import Validators
from unijob.errors import ConfigError, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from unijob.contract.checks import Headers
    from unijob.contract.operation import Content
    from unijob.contract.parameters import Parameter
    from unijob.contract.routing import Match


class Contract:
    """A compiled OpenAPI 3.0 or 3.1 document. It does no I/O.

    Routes are built at once, validators when first used (`compile()` builds them all).

    Args:
        document: the document, all its references inside itself; it must not change afterwards.
        closed_enums: whether an unknown value of a string enum in a response is a violation, not drift.
        security: whether credentials are checked, for presence and form.
        unique_keys: whether a JSON object that has a name twice is a violation; it costs several times the rest.
        prefixes: what stands before each path in a request; by default the paths of the document's servers.

    Attributes:
        operations: every operation by its `operationId`, or by `METHOD /path` where it has none of its own.

    Raises:
        ConfigError: it is no such document, or its references do not hold.
    """

    operations: Mapping[str, OperationContract]

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        closed_enums: bool = False,
        security: bool = True,
        unique_keys: bool = False,
        prefixes: Sequence[str] | None = None,
    ) -> None:
        self._document = source = Document(document)
        shapes = Shapes(source)
        bodies = Bodies(source, shapes, unique_keys=unique_keys)
        self._requests = Validators(source, shapes, "readOnly", open_enums=False, roots=self._request_schemas)
        self._responses = Validators(
            source, shapes, "writeOnly", open_enums=not closed_enums, roots=self._response_schemas
        )
        self._request_checks = RequestChecks(Checks(shapes, self._requests, bodies), security=security)
        self._response_checks = ResponseChecks(Checks(shapes, self._responses, bodies))
        self._router: Router[OperationContract] = Router(source.server_paths() if prefixes is None else prefixes)
        entries = list(source.operations())
        self.operations = {entry.id: OperationContract(entry, source, shapes) for entry in entries}
        for entry in entries:
            self._router.add(entry.method, entry.path, self.operations[entry.id])

    def compile(self) -> None:
        """Compile every validator now.

        Raises:
            ConfigError: a schema is not valid.
        """
        self._requests.compile_all()
        self._responses.compile_all()

    def _request_schemas(self) -> Iterator[str]:
        for operation in self.operations.values():
            yield from _schemas(operation.parameters)
            if operation.request_body is not None:
                yield from self._body_schemas(operation.request_body)

    def _response_schemas(self) -> Iterator[str]:
        for operation in self.operations.values():
            for status in operation.statuses:
                content = operation.documented(status)
                yield from _schemas(content.headers)
                yield from self._body_schemas(content)

    @staticmethod
    def _body_schemas(content: Content) -> Iterator[str]:
        for media in content.media_types.values():
            if media.schema is not None:
                yield media.schema

    def rule(self, violation: Violation) -> Any:
        """What a rule that was broken names: the values of an `enum`, say; None where the document does not tell."""
        try:
            return self._document.at(violation.schema_pointer)
        except ConfigError:
            return None

    def route(self, method: str, raw_path: str) -> Match[OperationContract]:
        """Find the operation behind a method and a raw path (percent-encoded, without its query).

        A literal path beats a templated one that has the method too. Slashes count: `/jobs/` is not `/jobs`.
        """
        return self._router.find(method, raw_path)

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
        operation = self.operations[operation_id]

        def check() -> tuple[Violation, ...]:
            reading = self._request_checks.read(
                operation, path or {}, query, headers, cookies=cookies, body=body, content_type=content_type
            )
            return reading.violations

        if body is None or len(body) < LARGE:
            return check()
        with collection_paused():
            return check()

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
            headers: names in any case; pairs where one repeats.
            cookies: by name; read from the `Cookie` header where not given.
            body: the bytes, uncompressed; None and empty are the same.
            content_type: as sent; taken from the headers where not given.

        Raises:
            KeyError: there is no such operation.
        """
        return self._request_checks.read(
            self.operations[operation_id],
            path or {},
            query,
            headers,
            cookies=cookies,
            body=body,
            content_type=content_type,
        )

    def check_response(
        self,
        operation_id: str,
        status: int,
        value: Any,
        *,
        media_type: str = "application/json",
        headers: Headers | None = None,
    ) -> tuple[Violation, ...]:
        """Give all that is wrong or new in a response whose body is parsed already.

        Args:
            operation_id: a key of `operations`.
            status: the HTTP status.
            value: the parsed body, or one event of a stream; no deeper than a JSON parser goes (about 1,000 levels).
            media_type: its media type, parameters allowed.
            headers: checked where given.

        Raises:
            KeyError: there is no such operation.
        """
        return self._response_checks.value(self.operations[operation_id], status, value, media_type, headers)

    def check_response_bytes(
        self,
        operation_id: str,
        status: int,
        body: bytes,
        *,
        content_type: str | None = "application/json",
        headers: Headers | None = None,
    ) -> tuple[Violation, ...]:
        """Parse a response's body and give all that is wrong or new in it.

        Args:
            operation_id: a key of `operations`.
            status: the HTTP status; those that have no body are not asked for one, nor are answers to `HEAD`.
            body: the bytes, uncompressed.
            content_type: as sent; None where there was none.
            headers: checked where given.

        Raises:
            KeyError: there is no such operation.
        """
        operation = self.operations[operation_id]
        check = self._response_checks.body
        if len(body) < LARGE:
            return check(operation, status, body, content_type or "", headers)
        with collection_paused():
            return check(operation, status, body, content_type or "", headers)


def _schemas(parameters: Iterable[Parameter]) -> Iterator[str]:
    return (parameter.schema for parameter in parameters if parameter.schema is not None)
