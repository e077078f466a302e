"""From the errors of openapi-core to violations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi_core.templating.media_types.exceptions import MediaTypeNotFound
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.validation.request.exceptions import (
    MissingParameterError,
    MissingRequestBody,
    MissingRequestBodyError,
    ParameterValidationError,
)
from openapi_core.validation.response.exceptions import HeaderValidationError, MissingHeaderError
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from unijob.contract.messages import describe
from unijob.contract.pointers import join_pointer
from unijob.errors import Violation
from unijob.jsontypes import as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from unijob.errors import Place

_PLACES: Mapping[str, Place] = {
    "path": "request.path",
    "query": "request.query",
    "header": "request.header",
    "cookie": "request.cookie",
}
_BRANCHES = frozenset({"anyOf", "oneOf"})


def parameter_violations(error: Exception) -> list[Violation]:
    """Say what is wrong with a parameter."""
    if not isinstance(error, ParameterValidationError):
        return [unreadable("request.query")]
    place = _PLACES[error.location]
    if isinstance(error, MissingParameterError):
        return [_missing(place, error.name)]
    return _caused(place, join_pointer("", error.name), error, open_enums=False)


def header_violations(error: Exception) -> list[Violation]:
    """Say what is wrong with a response header."""
    if not isinstance(error, HeaderValidationError):
        return [unreadable("response.header")]
    if isinstance(error, MissingHeaderError):
        return [_missing("response.header", error.name)]
    return _caused("response.header", join_pointer("", error.name), error, open_enums=False)


def body_violations(place: Place, error: Exception, *, open_enums: bool = False) -> list[Violation]:
    """Say what is wrong with a body, or that its status is not documented."""
    if isinstance(error, ResponseNotFound):
        message = "is not a documented status"
        return [Violation(place="response.status", pointer="", keyword="status", message=message, drift=True)]
    if isinstance(error, MissingRequestBody):  # it was not required
        return []
    if isinstance(error, MissingRequestBodyError):
        return [Violation(place=place, pointer="", keyword="required", message="is missing")]
    return _caused(place, "", error, open_enums=open_enums)


def security_violation() -> Violation:
    """Say that no documented credential was sent."""
    return Violation(place="request.header", pointer="", keyword="security", message="is missing")


def unreadable(place: Place, pointer: str = "") -> Violation:
    """Say that a value is not written as documented."""
    return Violation(place=place, pointer=pointer, keyword="parse", message="is not written as documented")


def _missing(place: Place, name: str) -> Violation:
    return Violation(place=place, pointer="", keyword="required", message="is missing", missing=name)


def _caused(place: Place, prefix: str, error: Exception, *, open_enums: bool) -> list[Violation]:
    cause = error.__cause__
    if isinstance(cause, InvalidSchemaValue):
        found = [one for inner in cause.schema_errors for one in _schema(place, prefix, inner, open_enums=open_enums)]
        return list(dict.fromkeys(found))
    if isinstance(cause, MediaTypeNotFound):
        message = "is not of a documented media type"
        return [Violation(place=place, pointer="", keyword="media-type", message=message)]
    return [unreadable(place, prefix)]


def _schema(place: Place, prefix: str, error: Any, *, open_enums: bool) -> Iterator[Violation]:
    """Say what an error of the jsonschema package means, which has no types."""
    keyword = str(error.validator)
    pointer = join_pointer(prefix, *error.absolute_path)
    drift = open_enums and _is_drift(error)
    message = _describe(keyword, error.validator_value)
    for name in _unexpected(error):
        yield Violation(place=place, pointer=join_pointer(pointer, name), keyword=keyword, message=message, drift=drift)
    if keyword != "additionalProperties":
        missing = _missing_name(error) if keyword == "required" else None
        yield Violation(place=place, pointer=pointer, keyword=keyword, message=message, missing=missing, drift=drift)


def _describe(keyword: str, limit: Any) -> str:
    types = [limit] if isinstance(limit, str) else limit
    return describe(keyword, {"limit": limit, "format": limit, "multiple_of": limit, "types": types})


def _missing_name(error: Any) -> str | None:
    return next((str(name) for name in as_list(error.validator_value) if error.message.startswith(f"{name!r} ")), None)


def _unexpected(error: Any) -> list[str]:
    if error.validator != "additionalProperties":
        return []
    documented = as_object(error.schema.get("properties"))
    return [name for name in as_object(error.instance) if name not in documented]


def _is_drift(error: Any) -> bool:
    """Tell whether an error only says that a string enum has a value more."""
    if error.validator == "enum":
        options: Iterable[Any] = error.validator_value
        return isinstance(error.instance, str) and all(one is None or isinstance(one, str) for one in options)
    if error.validator not in _BRANCHES:
        return False
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    return any(all(map(_is_drift, branch)) for branch in branches.values())
