"""From an operation of a contract and a call's arguments to a request that is ready to be sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin
from urllib.parse import unquote

import attrs

from unijob.converter import dumps, unstructure
from unijob.errors import InvalidArgument, Violation
from unijob.jsontypes import is_list
from unijob.parameters import Pair, header_text, path_text, query_pairs, query_string
from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.contract import Contract
    from unijob_models.runtime import Operation, Parameter

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_OWN_HEADERS = frozenset({"authorization", "accept", "content-type"})
_EXTRAS = "additional_properties"
_IDEMPOTENCY_KEYS = frozenset({"idempotency-key", "x-idempotency-key"})


@attrs.frozen(kw_only=True)
class Request:
    """A request, checked by its contract, without server and credentials.

    Args:
        operation: what it calls.
        path: percent-encoded.
        query: percent-encoded, without its question mark; empty where there is none.
        headers: those that are parameters of the operation.
        body: the encoded body, or None.
    """

    operation: Operation
    path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.operation.id} ({self.operation.method} {self.path})"


@attrs.define
class _Sorted:
    """Arguments, each where it belongs."""

    parameters: list[tuple[Parameter, Any]] = attrs.field(factory=list["tuple[Parameter, Any]"])
    properties: dict[str, Any] = attrs.field(factory=dict[str, Any])


def build(operation: Operation, contract: Contract, arguments: Mapping[str, Any], body: Any = None) -> Request:
    """Build a request, and hold it against its contract.

    Args:
        operation: what to call.
        contract: the operation's contract.
        arguments: parameters by Python or wire name (None is left out), and unless `body` is given, properties of the
            body by Python or JSON name (None is null). One that is both stands in both.
        body: the whole body as a generated model or a JSON value, sent as it is.

    Raises:
        InvalidArgument: carries all that is wrong, each with its place; names an unknown argument, and what it may be.
    """
    found = _sort(operation, arguments, with_body=body is not None)
    values = {one.name: path_text(one, value) for one, value in found.parameters if one.location == "path"}
    pairs = [pair for one, value in found.parameters if one.location == "query" for pair in query_pairs(one, value)]
    headers = {one.name: header_text(one, value) for one, value in found.parameters if one.location == "header"}
    content = _content(operation, found.properties, body)
    _check(operation, contract, values=values, pairs=pairs, headers=headers, content=content)
    return Request(
        operation=operation,
        path=_PLACEHOLDER.sub(lambda name: values[name[1]], operation.path),
        query=query_string(pairs),
        headers=headers,
        body=content,
    )


def accepted(operation: Operation, *, with_body: bool = True) -> tuple[str, ...]:
    """What a call of an operation may be given, by Python name: parameters, then properties of the body."""
    names = [parameter.argument for parameter in _settable(operation)]
    if with_body:
        names += _properties(operation.body.model if operation.body is not None else None)
    return tuple(dict.fromkeys(names))


def path_arguments(operation: Operation, ids: Iterable[str]) -> dict[str, str]:
    """A reference's ids as the arguments of the operation's path, in the path's order; a singleton's path has none."""
    by_name = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "path"}
    names = [by_name[name].argument for name in _PLACEHOLDER.findall(operation.path) if name in by_name]
    return dict(zip(names, ids, strict=False))


def idempotency_key(operation: Operation) -> Parameter | None:
    """The header parameter that makes a repeated request count once, where the operation has one."""
    return next(
        (
            parameter
            for parameter in operation.parameters
            if parameter.location == "header" and parameter.name.lower() in _IDEMPOTENCY_KEYS
        ),
        None,
    )


def _settable(operation: Operation) -> list[Parameter]:
    return [
        parameter
        for parameter in operation.parameters
        if parameter.location != "cookie"
        and not (parameter.location == "header" and parameter.name.lower() in _OWN_HEADERS)
    ]


def _properties(model: Any) -> dict[str, str]:
    """The names of a body's properties: Python name to JSON name."""
    if get_origin(model) in {Union, UnionType}:
        return {name: json for member in get_args(model) for name, json in _properties(member).items()}
    if not isinstance(model, type) or not attrs.has(model):
        return {}
    return {
        field.name: field.metadata.get("json", field.name)
        for field in attrs.fields(model)
        if field.name != _EXTRAS or "json" in field.metadata
    }


def _sort(operation: Operation, arguments: Mapping[str, Any], *, with_body: bool) -> _Sorted:
    parameters = {name: one for one in _settable(operation) for name in (one.name, one.argument)}
    model = operation.body.model if operation.body is not None and not with_body else None
    python_names = _properties(model)
    properties = {**{json: json for json in python_names.values()}, **python_names}
    is_free = operation.body is not None and not with_body and not properties
    found = _Sorted()
    unknown: list[str] = []
    for name, value in arguments.items():
        if isinstance(value, Unset):
            continue
        if name in parameters and value is not None:
            found.parameters.append((parameters[name], value))
        if name in properties or (is_free and name not in parameters):
            found.properties[properties.get(name, name)] = value
        elif name not in parameters:
            unknown.append(name)
    if unknown:
        raise _unknown(operation, unknown, with_body=with_body)
    return found


def _unknown(operation: Operation, names: list[str], *, with_body: bool) -> InvalidArgument:
    choices = ", ".join(accepted(operation, with_body=not with_body)) or "nothing"
    beside = " beside a whole request" if with_body else ""
    return InvalidArgument(
        f"{operation.id} does not take {', '.join(names)}: it may be given {choices}{beside}", argument=names[0]
    )


def _content(operation: Operation, properties: Mapping[str, Any], body: Any) -> bytes | None:
    if operation.body is None:
        if body is not None:
            raise InvalidArgument(f"{operation.id} takes no request body", argument="request")
        return None
    if body is not None:
        return dumps(unstructure(body))
    if properties or operation.body.required:
        return dumps(unstructure(dict(properties)))
    return None


def _check(
    operation: Operation,
    contract: Contract,
    *,
    values: Mapping[str, str],
    pairs: list[Pair],
    headers: Mapping[str, str],
    content: bytes | None,
) -> None:
    found = contract.check_request(
        operation.id,
        path={name: unquote(text) for name, text in values.items()},
        query=pairs,
        headers=headers,
        body=content,
        content_type=operation.body.media_type if operation.body is not None and content is not None else None,
    )
    # Credentials join a request later; what the contract does not know yet may be sent by whoever means it.
    wrong = [one for one in found if not one.drift and one.keyword != "security"]
    if wrong:
        raise _refusal(f"{operation.id} cannot be called like that", wrong, contract)


def _refusal(message: str, violations: list[Violation], contract: Contract) -> InvalidArgument:
    """An error that names every violation by its place, and what the contract allows there."""
    first = violations[0]
    argument = first.missing or first.pointer.strip("/") or first.place
    shown = "; ".join(_shown(violation, contract) for violation in violations)
    return InvalidArgument(f"{message}: {shown}", argument=argument, violations=violations)


def _shown(violation: Violation, contract: Contract) -> str:
    text = f"{violation.place} {violation.target or '/'}: {violation.message}"
    rule = contract.rule(violation) if violation.keyword in {"enum", "const", "pattern"} else None
    if rule is None:
        return text
    return f"{text}: it may be {', '.join(map(str, rule)) if is_list(rule) else rule}"
