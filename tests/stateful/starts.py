"""How a job of each kind is started, whatever kinds are installed; and how its life may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from unijob import JobState, registry
from unijob.jsontypes import is_object
from unijob.kinds import JobKind
from unijob.sandbox.scripts import Life

KINDS = tuple(
    name
    for name in registry.kind_names()
    if isinstance(kind := registry.kind(name), JobKind) and kind.start is not None
)
"""Every kind that can be started and read."""
OWN: Mapping[str, Mapping[str, Any]] = {
    "mka1:file_batch": {"vector_store_id": "vs_1", "file_ids": ["file_{turn}a", "file_{turn}b", "file_{turn}c"]},
    "gradient:evaluation_run": {"test_case_uuid": "t", "agent_uuids": ["a"]},
    "gradient:model_evaluation_run": {"eval_preset_uuid": "p"},
    "gradient:indexing_job": {"knowledge_base_uuid": "kb", "data_source_uuids": ["a", "b", "c"]},
}
"""Arguments of kinds that need more than their contract says; `{turn}` makes them new each time."""
SETTINGS: Mapping[str, st.SearchStrategy[Any]] = {
    "items": st.sampled_from([3, 10]),
    "duration": st.sampled_from([0.0, 3.0, 45.0]),
    "queued": st.sampled_from([0.0, 2.0, 20.0]),
    "cancelling": st.sampled_from([0.0, 5.0]),
    "appears_after": st.sampled_from([0.0, 1.5, 20.0]),
    "continues": st.sampled_from([0, 0, 2]),
}
"""What a life may set where its kind knows it."""
ENDS: Mapping[str, JobState] = {
    **{state.value: state for state in JobState if state.is_terminal},
    "no_changes": JobState.SUCCEEDED,
    "error": JobState.FAILED,
    "terminated": JobState.CANCELLED,
    "expired": JobState.TIMED_OUT,
}
"""Outcome of a script to the state that a job ends in; what is not here is not foretold."""


def arguments(name: str, turn: int) -> dict[str, Any]:
    """Arguments that start a job of a kind.

    Args:
        name: the kind.
        turn: another number for each start.
    """
    if name in OWN:
        return {key: _numbered(value, turn) for key, value in OWN[name].items()}
    kind = registry.job_kind(name)
    revision = registry.revisions(kind.provider)[-1]
    operation = registry.package(kind.provider, revision).operations[kind.start or ""]
    found: dict[str, Any] = {one.argument: "a" for one in operation.parameters if one.location == "path"}
    return found | _body(registry.package(kind.provider, revision).document(), operation.id)


def _numbered(value: Any, turn: int) -> Any:
    if isinstance(value, str):
        return value.replace("{turn}", str(turn))
    return [_numbered(item, turn) for item in value]


def _body(document: Mapping[str, Any], operation_id: str) -> dict[str, Any]:
    """What a contract requires of a body, in the simplest way."""
    items: Any = document["paths"].values()
    operations = [value for item in items for value in item.values() if is_object(value)]
    operation = next(one for one in operations if one.get("operationId") == operation_id)
    content = operation.get("requestBody", {}).get("content", {})
    made = _simplest(document, content.get("application/json", {}).get("schema", {"type": "object"}))
    return made if is_object(made) else {}


def _simplest(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:  # noqa: PLR0911  one for each type
    if "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _simplest(document, target)
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema:
            return _simplest(document, schema[keyword][0])
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "properties" in schema or schema.get("type") == "object":
        return {name: _simplest(document, schema["properties"][name]) for name in schema.get("required", ())}
    match schema.get("type"):
        case "array":
            return [_simplest(document, schema["items"])] * max(1, schema.get("minItems", 1))
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
        case _:
            return "a" * max(1, schema.get("minLength", 1))


def is_listed_whole(name: str) -> bool:
    """Whether all jobs of a kind can be listed, and not only those of a parent."""
    kind = registry.kind(name)
    operations = registry.package(kind.provider, registry.revisions(kind.provider)[-1]).operations
    return any("{" not in operations[listing.operation].path for listing in kind.lists[:1])


@st.composite
def lives(draw: st.DrawFn, life: Life) -> dict[str, Any]:
    """Draw a script of a kind's."""
    script: dict[str, Any] = {"outcome": draw(st.sampled_from(life.outcomes))} if life.outcomes else {}
    known = {key: values for key, values in SETTINGS.items() if key in life.settings}
    script |= {key: draw(values) for key, values in known.items()}
    if "retry_outcome" in life.settings:
        script["retry_outcome"] = draw(st.sampled_from(life.settings["retry_outcome"].choices))
    return script
