"""What a vendor's client and our contract say of one request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from tests.witnesses.case import Case, Told, rule
from tests.witnesses.found import Found, Path, pointer, steps, unlike, within
from unijob.errors import InvalidArgument, Violation
from unijob.jsontypes import is_list, is_mapping
from unijob.request import Request, build
from unijob.testing.strategies import resolve

HEADER_TEXT = "^[ -~]{0,8}$"
PLACES = ("path", "query", "header")
_OTHERS = re.compile(r"[^a-z0-9]+")


def arguments_of(case: Case, operation: str) -> dict[str, Any]:
    """One schema of all that an operation is called with: `path`, `query`, `header`, and `body` where it has one."""
    item, node = case.operations[operation]
    places: dict[str, Any] = {place: {"type": "object", "properties": {}, "required": []} for place in PLACES}
    for written in (*item.get("parameters", ()), *node.get("parameters", ())):
        parameter = resolve(case.document, written)
        place = places[parameter["in"]]
        place["properties"][parameter["name"]] = _sendable(parameter["in"], parameter["schema"])
        place["required"] += [parameter["name"]] if parameter.get("required") is True else []
    required = [*PLACES]
    for place in PLACES:
        places[place]["additionalProperties"] = False
    if "requestBody" in node:
        body = resolve(case.document, node["requestBody"])
        places["body"] = body["content"]["application/json"]["schema"]
        required += ["body"] if body.get("required") is True else []
    return {"type": "object", "properties": places, "required": required, "additionalProperties": False}


def _sendable(place: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A parameter's schema without the texts that our client refuses to send there, whatever the contract says."""
    if schema.get("type") != "string" or "enum" in schema:
        return schema
    if place == "header":
        return {**schema, "pattern": HEADER_TEXT, "format": "header"}
    return {**schema, "minLength": max(1, schema.get("minLength", 0))} if place == "path" else schema


def request_of_theirs(case: Case, operation: str, arguments: Mapping[str, Any]) -> Told:
    """Hold against our contract what the vendor's client sends."""
    told = case.ask("send", operation, arguments=_whole(arguments))
    odd = tuple([name] for name in _outside_body(case, operation, arguments))
    if "sent" not in told:
        return Told(usable=False, refused=odd)
    sent = told["sent"]
    match = case.contract.route(sent["method"], sent["path"])
    asked = {name: arguments.get(_argument("path", name, arguments) or "") for name in match.path_values}
    if match.operation is None or match.operation.id != operation or asked != match.path_values:
        elsewhere = case.found("request: ours refuses", operation, "path /", "leads elsewhere")
        return Told(found=frozenset([elsewhere]), usable=False, refused=odd)
    violations = case.contract.check_request(
        operation,
        path=match.path_values,
        query=_pairs(sent["query"]),
        headers=sent["headers"],
        body=sent["body"].encode() or None,
        content_type=sent["headers"].get("content-type"),
    )
    found = {case.found("request: ours refuses", operation, _place(case, one), rule(one)) for one in violations}
    return Told(found=frozenset(found))


def _outside_body(case: Case, operation: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    """The arguments that stand in the path or a header, which cannot hold every text."""
    for place in ("path", "header"):
        for name in arguments_of(case, operation)["properties"][place]["properties"]:
            argument = _argument(place, name, arguments)
            if argument is not None:
                yield argument


def _whole(value: Any) -> Any:
    """Arguments as Python types them: `1.0` is no `int`, and any `int` is a `float`."""
    if is_mapping(value):
        return {name: _whole(one) for name, one in value.items()}
    if is_list(value):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _place(case: Case, violation: Violation) -> str:
    place = violation.place.removeprefix("request.")
    return f"{place} {pointer(steps(violation.target), case.names) if place == 'body' else violation.target or '/'}"


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def request_of_ours(case: Case, operation: str, value: Mapping[str, Any]) -> Told:
    """Let the vendor's client send the request that we build of some arguments.

    Args:
        case: contract and witness.
        operation: what is called.
        value: of the schema that `arguments_of` gives.
    """
    called = {**value["path"], **value["query"], **value["header"]}
    try:
        built = build(case.package.operations[operation], case.contract, called, body=value.get("body"))
    except InvalidArgument:
        return Told(usable=False)
    value = {**value, "body": json.loads(built.body)} if built.body is not None else value
    arguments, lost = _arguments(case, operation, value)
    told = case.ask("send", operation, arguments=arguments)
    found = {case.found("request: theirs refuses", operation, where, "no such argument") for where in lost}
    if "sent" in told:
        changed = set(_changed(case, built, told["sent"])) if not lost else set[Found]()
        return Told(found=frozenset(found | changed))
    problems = told["refused"]
    paths = [_within(value, problem["loc"]) for problem in problems]
    for path, problem in zip(paths, problems, strict=True):
        where = _written(case, path) if path else pointer(problem["loc"], case.names)
        found.add(case.found("request: theirs refuses", operation, where, problem["type"]))
    odd = [path for path in paths if path] or [[place, name] for place in ("path", "header") for name in value[place]]
    return Told(found=frozenset(found), usable=False, refused=tuple(odd))


def _written(case: Case, path: Path) -> str:
    if path[0] == "body":
        return f"body {pointer(path[1:], case.names)}"
    return f"{path[0]} /{'/'.join(map(str, path[1:]))}"


def _within(value: Mapping[str, Any], loc: Path) -> Path:
    """Where in the arguments a client's complaint is about."""
    for place, inner in value.items():
        path = within(inner, [*_wire_names(inner, loc)])
        if path:
            return [place, *path]
    return []


def _wire_names(inner: Any, loc: Path) -> Iterator[str | int]:
    """The steps of a location, Python names as the wire's."""
    by_python = {python_name(name): name for name in inner} if is_mapping(inner) else {}
    for step in loc:
        yield by_python.get(step, step) if isinstance(step, str) else step


def python_name(name: str) -> str:
    """The argument that a client calls something by."""
    return _OTHERS.sub("_", name.lower())


def _arguments(case: Case, operation: str, value: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Give the arguments of the vendor's method, and the places that none of them leads to."""
    known = case.described(operation)["takes"]["properties"]
    arguments: dict[str, Any] = {}
    lost: list[str] = []
    for place, inner in value.items():
        whole = next((name for name in ("body", "request") if place == "body" and name in known), None)
        if whole is not None or not is_mapping(inner):
            arguments[whole or "body"] = inner
            continue
        for name, one in inner.items():
            argument = _argument(place, name, known)
            if argument is None:
                lost.append(f"{place} /{name}")
            else:
                arguments[argument] = one
    return arguments, lost


def _argument(place: str, name: str, known: Mapping[str, Any]) -> str | None:
    plain = python_name(name)
    return next((one for one in (f"{place}_{plain}", plain, f"{plain}_") if one in known), None)


def _changed(case: Case, built: Request, sent: Mapping[str, Any]) -> Iterator[Found]:
    """The places at which the vendor's request is not ours."""
    operation, ours = built.operation.id, case.contract.route(built.operation.method, built.path)
    theirs = case.contract.route(sent["method"], sent["path"])
    if theirs.operation is None or (theirs.operation.id, theirs.path_values) != (operation, ours.path_values):
        yield case.found("request: theirs differs", operation, "path /", "leads elsewhere")
        return
    for place, how in (
        *_unlike("query", _grouped(_pairs(built.query)), _without_defaults(case, built, _pairs(sent["query"]))),
        *_unlike("header", built.headers, {name: sent["headers"].get(name.lower()) for name in built.headers}),
    ):
        yield case.found("request: theirs differs", operation, place, how)
    body = None if built.body is None else json.loads(built.body)
    for path, how in unlike(body, json.loads(sent["body"]) if sent["body"] else None):
        if how == "added" and len(path) == 1 and _is_default(case, operation, path[0], json.loads(sent["body"])):
            continue
        yield case.found("request: theirs differs", operation, f"body {pointer(path, case.names)}", how)


def _unlike(place: str, ours: Any, theirs: Any) -> Iterator[tuple[str, str]]:
    for path, how in unlike(dict(ours), dict(theirs)):
        yield f"{place} /{path[0]}", how


def _grouped(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [text for one, text in pairs if one == name] for name, _ in pairs}


def _without_defaults(case: Case, built: Request, pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The vendor's query without what says only what our contract has as default."""
    written = arguments_of(case, built.operation.id)["properties"]["query"]["properties"]
    defaults = {name: json.dumps(one["default"]).strip('"') for name, one in written.items() if "default" in one}
    asked = {name for name, _ in _pairs(built.query)}
    return _grouped([(name, text) for name, text in pairs if name in asked or defaults.get(name) != text])


def _is_default(case: Case, operation: str, name: str | int, sent: Mapping[str | int, Any]) -> bool:
    body = resolve(case.document, arguments_of(case, operation)["properties"]["body"])
    written = body.get("properties", {}).get(name, {})
    return "default" in written and written["default"] == sent[name]
