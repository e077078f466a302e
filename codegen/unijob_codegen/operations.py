"""Writes a revision's `operations.py`: a constant for every operation, and the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from unijob_codegen import naming
from unijob_codegen.documents import Document, FoundOperation, operation_id, operations, resolved
from unijob_codegen.lowering import Lowering
from unijob_codegen.sources import Revision
from unijob_codegen.text import docstring, literal

_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
"""Header parameters with these names shall be ignored (OpenAPI 3.1.1, section 4.8.12.2.1)."""


@attrs.frozen(kw_only=True)
class Operation:
    """An operation, resolved: its parts are source text where they name models."""

    id: str
    method: str
    path: str
    doc: str
    parameters: tuple[str, ...]
    body: str
    responses: tuple[str, ...]


def collect(document: Document, lowering: Lowering) -> list[Operation]:
    """Resolve all operations of a document; gives names to inline schemas of bodies."""
    return [_operation(document.content, lowering, found) for found in operations(document.content)]


def render(found: list[Operation], *, package: str, provider: str, revision: Revision, title: str) -> str:
    """Write the module, unformatted and without a header; `package` is the revision's own."""
    names = naming.operation_names(operation.id for operation in found)
    constants = "\n\n".join(_constant(names[operation.id], operation) for operation in found)
    entries = "".join(f"{names[operation.id]}.id: {names[operation.id]}, " for operation in found)
    named = ", ".join(
        [
            f"provider={literal(provider)}",
            f"revision={literal(revision.name)}",
            f"package={literal(package)}",
            "operations=OPERATIONS",
        ]
    )
    imports = [name for name in ("Body", "Parameter", "Response") if f"{name}(" in constants]
    uses_models = "models." in constants
    return "\n".join(
        [
            docstring(f"Operations of {title}."),
            "from __future__ import annotations",
            "from collections.abc import Mapping",
            "from types import MappingProxyType",
            "from typing import Final",
            f"from unijob_models.runtime import {', '.join(sorted(['ContractPackage', 'Operation', *imports]))}",
            f"from {package} import models" if uses_models else "",
            "",
            constants,
            "",
            f"OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType({{{entries}}})",
            '"""By operation id."""',
            "",
            f"CONTRACT: Final = ContractPackage({named})",
            "",
        ]
    )


def _constant(name: str, operation: Operation) -> str:
    lines = [
        f"{name}: Final = Operation(",
        f"id={literal(operation.id)},",
        f"method={literal(operation.method.upper())},",
        f"path={literal(operation.path)},",
        f"parameters=({''.join(operation.parameters)}),",
        f"body={operation.body},",
        f"responses=({''.join(operation.responses)}),",
        ")",
    ]
    if operation.doc:
        lines.append(docstring(operation.doc))
    return "\n".join(lines)


def _operation(content: dict[str, Any], lowering: Lowering, found: FoundOperation) -> Operation:
    path, method, item, operation = found
    name = operation_id(path, method, operation)
    return Operation(
        id=name,
        method=method,
        path=path,
        doc=" ".join(str(operation.get("summary") or operation.get("description") or "").split()),
        parameters=tuple(_parameters(content, item, operation)),
        body=_body(content, lowering, naming.pascal_case(name), operation),
        responses=tuple(_responses(content, lowering, naming.pascal_case(name), operation)),
    )


def _parameters(content: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for raw in (*item.get("parameters", ()), *operation.get("parameters", ())):
        parameter = resolved(content, raw)
        location, name = str(parameter["in"]), str(parameter["name"])
        if location != "header" or name.lower() not in _NOT_PARAMETERS:
            found[location, name] = parameter
    arguments = naming.argument_names(found)
    for (location, name), parameter in found.items():
        style = parameter.get("style", _STYLES[location])
        yield (
            f"Parameter(name={literal(name)}, argument={literal(arguments[location, name])}, "
            f"location={literal(location)}, required={parameter.get('required') is True}, "
            f"style={literal(style)}, explode={bool(parameter.get('explode', style == 'form'))}),"
        )


def _body(content: dict[str, Any], lowering: Lowering, name: str, operation: dict[str, Any]) -> str:
    body = resolved(content, operation.get("requestBody"))
    if not body.get("content"):
        return "None"
    media_type, media = min(body["content"].items(), key=lambda pair: not is_json(pair[0]))
    model = _model(lowering, media_type, media, f"{name}Request")
    return f"Body(media_type={literal(media_type)}, model={model}, required={body.get('required') is True})"


def _responses(content: dict[str, Any], lowering: Lowering, name: str, operation: dict[str, Any]) -> Iterator[str]:
    seen_success = False
    for status, raw in operation.get("responses", {}).items():
        if status.startswith("x-"):
            continue
        success = status.startswith("2") and not seen_success
        seen_success |= success
        wanted = f"{name}Response" if success else f"{name}Response{status[:1].upper()}{status[1:]}"
        media_types: Mapping[str, Any] = resolved(content, raw).get("content") or {}
        for media_type, media in media_types.items():
            model = _model(lowering, media_type, media, wanted)
            yield _response(status, literal(media_type), model)
        if not media_types:
            yield _response(status, "None", "None")


def _response(status: str, media_type: str, model: str) -> str:
    return f"Response(status={literal(status)}, media_type={media_type}, model={model}),"


def _model(lowering: Lowering, media_type: str, media: Mapping[str, Any], wanted: str) -> str:
    if "schema" not in media or not is_json(media_type):
        return "None"
    name = lowering.named(media["schema"], wanted)
    return "None" if name is None else f"models.{name}"


def is_json(media_type: str) -> bool:
    """Whether a media type carries JSON."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence in {"application/json", "text/json"} or essence.endswith("+json")
