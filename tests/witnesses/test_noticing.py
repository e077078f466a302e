"""A wrong contract does not pass: each way of being wrong is noticed, on the side and at the place where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.witnesses import cases
from tests.witnesses.case import Case
from tests.witnesses.found import Found
from tests.witnesses.survey import survey
from tests.witnesses.table import LINES, past
from unijob import registry

Change = Callable[[dict[str, Any]], None]


def properties(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The properties of a named schema."""
    found: dict[str, Any] = document["components"]["schemas"][name]["properties"]
    return found


def renamed(schema: str, old: str, new: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        properties(document, schema)[new] = properties(document, schema).pop(old)
        required = document["components"]["schemas"][schema].get("required", [])
        if old in required:
            required[required.index(old)] = new

    return change


def with_property(schema: str, name: str, node: dict[str, Any]) -> Change:
    return lambda document: properties(document, schema).update({name: node})


def without_property(schema: str, name: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        del properties(document, schema)[name]

    return change


def requiring(schema: str, *names: str) -> Change:
    return lambda document: document["components"]["schemas"][schema].update({"required": list(names)})


def with_enum(schema: str, values: list[str]) -> Change:
    return lambda document: document["components"]["schemas"][schema].update({"enum": values})


def with_path(old: str, new: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        document["paths"][new] = document["paths"].pop(old)

    return change


def without_parameter(name: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        for item in document["paths"].values():
            for node in item.values():
                node["parameters"] = [
                    one for one in node.get("parameters", ()) if not one.get("$ref", "").endswith(f"/{name}")
                ]

    return change


RUN = ["in_progress", "finalizing", "completed", "failed", "cancelling", "cancelled"]
PHASES = ["UNKNOWN", "PENDING", "RUNNING", "SUCCEEDED", "FAILED", "ERROR", "CANCELLED", "PAUSED"]
WRONG: dict[str, tuple[str, str, Change, str]] = {
    "a property by another name is lost on their side": (
        "mka1@2026-10",
        "getVectorStoreFileBatch",
        renamed("FileCounts", "completed", "done"),
        "answer: theirs refuses at /file_counts: missing",
    ),
    "what we call a number and they a text": (
        "mka1@2026-07",
        "getExportStatus",
        with_property("FeedbackExport", "startTime", {"type": "integer"}),
        "answer: ours refuses at /startTime: type",
    ),
    "what we think up is given back as unknown": (
        "gradient@2026-08",
        "genai_get_indexing_job",
        with_property("IndexingJob", "colour", {"type": "string"}),
        "answer: theirs differs at /job/colour: unknown to it",
    ),
    "what we think up is dropped": (
        "mka1@2026-10",
        "getEvalRun",
        with_property("EvalRunCounts", "colour", {"type": "string"}),
        "answer: theirs differs at /request_counts/colour: lost",
    ),
    "what we forget is drift": (
        "gradient@2026-08",
        "genai_get_indexing_job",
        without_property("IndexingJob", "total_tokens"),
        "answer: ours refuses at /job/*: additionalProperties (drift)",
    ),
    "what we require and they may leave out": (
        "gradient@2026-08",
        "genai_list_indexing_jobs",
        requiring("IndexingJob", "uuid"),
        "answer: ours refuses at /jobs/*/uuid: required",
    ),
    "what they require and we may leave out": (
        "mka1@2026-07",
        "getEvalRun",
        requiring("EvalRun", "id"),
        "answer: theirs refuses at /: missing",
    ),
    "a state that we forget": (
        "mka1@2026-10",
        "getEvalRun",
        with_enum("EvalRunStatus", RUN),
        "answer: ours refuses at /status: enum (drift)",
    ),
    "a state that we think up is kept as unknown": (
        "mka1@2026-10",
        "getEvalRun",
        with_enum("EvalRunStatus", ["queued", *RUN, "paused"]),
        "answer: theirs differs at /status: unknown to it",
    ),
    "a state that we think up is refused": (
        "gradient@2026-08",
        "genai_get_indexing_job",
        with_enum("IndexingJobPhase", [f"BATCH_JOB_PHASE_{one}" for one in PHASES]),
        "answer: theirs refuses at /job/phase: literal_error",
    ),
    "a path that is not theirs": (
        "gradient@2026-08",
        "genai_get_indexing_job",
        with_path("/v2/gen-ai/indexing_jobs/{uuid}", "/v2/gen-ai/indexing-jobs/{uuid}"),
        "operation at /: no method",
    ),
    "a body's property by another name, as they send it": (
        "mka1@2026-10",
        "createEvalRun",
        renamed("EvalRunRequest", "suite_id", "suite"),
        "request: ours refuses at body /suite: required",
    ),
    "a body's property by another name, as we send it": (
        "mka1@2026-10",
        "createEvalRun",
        renamed("EvalRunRequest", "judge_model", "judge"),
        "request: theirs refuses at body /judge: no such argument",
    ),
    "a body's property deep inside, as we send it": (
        "mka1@2026-10",
        "createEvalSchedule",
        with_property("EvalRunConfig", "models", {"type": "array", "items": {"type": "array", "items": {}}}),
        "request: theirs refuses at /*/models/*: string_type",
    ),
    "a parameter that we forget": (
        "mka1@2026-10",
        "listEvalRuns",
        without_parameter("SuiteVersion"),
        "request: ours refuses at query /suite_version: additionalProperties (drift)",
    ),
}


@pytest.mark.parametrize(("contract", "operation", "change", "expected"), WRONG.values(), ids=WRONG)
def test_a_wrong_contract_is_noticed(contract: str, operation: str, change: Change, expected: str) -> None:
    """The change leads to what no line of the table tells of."""
    right = cases.case(contract)
    document = registry.package(right.provider, right.revision).document()
    change(document)
    found, _ = survey(Case(right.provider, right.revision, right.process, document), operation)
    told = {f"{one.side} at {one.where}: {one.what}" for one in found if not any(line.tells_of(one) for line in LINES)}
    assert expected in told


@pytest.mark.parametrize("contract", cases.CONTRACTS)
def test_a_line_of_the_past_is_noticed(contract: str) -> None:
    """A line that tells of nothing that was found is told, and no other."""
    everything = [
        Found(contract=contract, side=line.side, operation=line.operation[0], where=line.where[0], what=line.what[0])  # type: ignore[arg-type]
        for line in LINES
        if line.contract == contract
    ]
    assert past(contract, everything) == []
    assert len(past(contract, everything[1:])) == 1
