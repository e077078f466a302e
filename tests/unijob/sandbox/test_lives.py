"""Scripted lives, read as Jobs: each ends as its script says, in every revision."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.sandbox.plain import AGENT_RUNS, EXPORT, JOBS, MODEL_RUNS, RUN, RUNS, STORES, plain_client
from unijob import registry
from unijob.job import Job, JobState
from unijob.parsing import parse
from unijob.sandbox import Sandbox, SteppedClock

ENDS = {
    "mka1:feedback_export": {
        "succeeded": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
        "terminated": JobState.CANCELLED,
        "timed_out": JobState.TIMED_OUT,
    },
    "mka1:file_batch": {
        "succeeded": JobState.SUCCEEDED,
        "partial": JobState.PARTIAL,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
    },
    "mka1:eval_run": {
        "succeeded": JobState.SUCCEEDED,
        "partial": JobState.PARTIAL,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
    },
    "gradient:indexing_job": {
        "succeeded": JobState.SUCCEEDED,
        "no_changes": JobState.SUCCEEDED,
        "partial": JobState.PARTIAL,
        "failed": JobState.FAILED,
        "error": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
    },
    "gradient:evaluation_run": {
        "succeeded": JobState.SUCCEEDED,
        "partial": JobState.PARTIAL,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
    },
    "gradient:model_evaluation_run": {
        "succeeded": JobState.SUCCEEDED,
        "partial": JobState.PARTIAL,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
    },
}
STARTS = {
    "mka1:feedback_export": (EXPORT, None, EXPORT + "/status"),
    "mka1:file_batch": (f"{STORES}/vs_1/file_batches", {"file_ids": ["a", "b", "c"]}, None),
    "mka1:eval_run": (RUNS, RUN, None),
    "gradient:indexing_job": (JOBS, {"knowledge_base_uuid": "kb"}, None),
    "gradient:evaluation_run": (AGENT_RUNS, {"test_case_uuid": "t", "agent_uuids": ["a"]}, None),
    "gradient:model_evaluation_run": (MODEL_RUNS, {"eval_preset_uuid": "p"}, None),
}
CASES = [
    (kind, revision, outcome)
    for kind, ends in ENDS.items()
    for revision in registry.revisions(kind.partition(":")[0])
    for outcome in ends
]


def identity(made: dict[str, Any]) -> str:
    """The id in what a start answers."""
    model = {**made, **made.get("job", {})}
    ids = (model.get("id"), model.get("uuid"), model.get("eval_run_uuid"), *model.get("evaluation_run_uuids", ()))
    return str(next(found for found in ids if found))


@pytest.mark.parametrize(("kind", "revision", "outcome"), CASES)
async def test_a_life_ends_as_its_script_says(kind: str, revision: str, outcome: str) -> None:
    """The job is at work, then ends as scripted; nothing about it needs a warning but a contradiction of phases."""
    provider = kind.partition(":")[0]
    sandbox = Sandbox(clock=SteppedClock(), check=True, revisions={provider: revision})
    async with sandbox, plain_client(sandbox) as plain:
        sandbox.script(kind, outcome=outcome, duration=10)
        path, body, read = STARTS[kind]
        made = await plain.post(path, body)
        read = read or f"{path}/{identity(made)}"
        seen: list[Job[Any, Any]] = []
        for _ in range(14):
            job = parse(kind, await plain.get(read), revision=revision, strict=True)
            assert isinstance(job, Job)
            seen.append(job)
            sandbox.advance(1)
    assert seen[-1].state is ENDS[kind][outcome]
    assert [job.state for job in seen if not job.is_terminal][-1] is JobState.RUNNING
    assert all(job.warnings == () for job in seen)
    done = [job.progress.done or 0 for job in seen if job.progress is not None and not job.is_terminal]
    assert done == sorted(done)
    if seen[-1].state is JobState.FAILED:
        assert kind == "mka1:file_batch" or seen[-1].error is not None
