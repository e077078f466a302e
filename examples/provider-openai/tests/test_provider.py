"""What holds for every provider, held for this one; and what is particular to it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import unijob
from unijob import JobState, registry
from unijob.testing.suite import ProviderSuite

from unijob_openai.batch import BatchResult, BatchUsage

BATCH: dict[str, Any] = {
    "id": "batch_1",
    "object": "batch",
    "endpoint": "/v1/responses",
    "errors": None,
    "input_file_id": "file-1",
    "completion_window": "24h",
    "status": "completed",
    "output_file_id": "file-2",
    "error_file_id": "file-3",
    "created_at": 1_790_000_000,
    "in_progress_at": 1_790_000_060,
    "expires_at": 1_790_086_400,
    "finalizing_at": 1_790_000_100,
    "completed_at": 1_790_000_120,
    "failed_at": None,
    "expired_at": None,
    "cancelling_at": None,
    "cancelled_at": None,
    "request_counts": {"total": 100, "completed": 95, "failed": 5},
    "usage": {
        "input_tokens": 1200,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 800,
        "output_tokens_details": {"reasoning_tokens": 10},
        "total_tokens": 2000,
    },
    "metadata": {"for": "tests"},
}
FINE_TUNING: dict[str, Any] = {
    "id": "ftjob-1",
    "object": "fine_tuning.job",
    "created_at": 1_790_000_000,
    "finished_at": None,
    "model": "gpt-4o-mini",
    "fine_tuned_model": None,
    "organization_id": "org-1",
    "status": "running",
    "training_file": "file-1",
    "validation_file": None,
    "result_files": [],
    "trained_tokens": None,
    "hyperparameters": {"n_epochs": "auto", "batch_size": 1, "learning_rate_multiplier": 1.8},
    "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": "auto"}}},
    "seed": 42,
    "error": {},
}


class TestOpenAI(ProviderSuite):
    provider = "openai"
    ends = {"openai:batch": {"expired": JobState.TIMED_OUT}}


def test_a_batch() -> None:
    """One in which some requests failed ended partially; its files and tokens are its result."""
    job = unijob.parse("openai:batch", BATCH, strict=True)
    assert isinstance(job, unijob.Job)
    assert (str(job.ref), job.state, job.raw_status) == ("openai:batch/batch_1", JobState.PARTIAL, "completed")
    assert job.started_at == datetime.fromtimestamp(1_790_000_060, UTC)
    assert job.finished_at == datetime.fromtimestamp(1_790_000_120, UTC)
    usage = BatchUsage(input_tokens=1200, output_tokens=800, total_tokens=2000)
    assert job.result == BatchResult(output_file_id="file-2", error_file_id="file-3", usage=usage)
    assert job.progress is not None
    assert (job.progress.fraction, job.progress.unit) == (1.0, "requests")


@pytest.mark.parametrize(
    ("status", "state", "stage"),
    [
        ("validating", JobState.QUEUED, "validating"),
        ("in_progress", JobState.RUNNING, None),
        ("finalizing", JobState.RUNNING, "finalizing"),
        ("cancelling", JobState.CANCELLING, None),
        ("cancelled", JobState.CANCELLED, None),
        ("expired", JobState.TIMED_OUT, None),
        ("failed", JobState.FAILED, None),
    ],
)
def test_what_a_batchs_status_means(status: str, state: JobState, stage: str | None) -> None:
    """Each status is a state; the end is the time that belongs to it, and no other that is set."""
    job = unijob.parse("openai:batch", {**BATCH, "status": status})
    assert isinstance(job, unijob.Job)
    assert (job.state, job.finished_at, job.warnings) == (state, None, ())
    assert job.progress is not None
    assert job.progress.stage == stage
    assert (job.result is not None) is state.is_terminal


def test_a_batch_without_counts_that_failed() -> None:
    """A file that could not be read: the first error is told, all are in the details."""
    errors = [{"code": "invalid_json_line", "message": "no JSON", "param": None, "line": 3}, {"code": "another"}]
    payload = {**BATCH, "status": "failed", "errors": {"object": "list", "data": errors}, "request_counts": None}
    job = unijob.parse("openai:batch", payload, strict=True)
    assert isinstance(job, unijob.Job)
    assert job.error is not None
    assert (job.error.code, job.error.message) == ("invalid_json_line", "no JSON")
    assert job.error.details == {"errors": errors}


def test_both_names_of_a_file_batch() -> None:
    """The documents call the object otherwise than the server does; both are read."""
    counts = {"in_progress": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 1}
    payload = {"id": "vsfb_1", "created_at": 1, "vector_store_id": "vs_1", "status": "completed", "file_counts": counts}
    for name in ("vector_store.file_batch", "vector_store.files_batch"):
        job = unijob.parse("openai:file_batch", {**payload, "object": name}, strict=True)
        assert (str(job.ref), job.warnings) == ("openai:file_batch/vs_1/vsfb_1", ())


def test_an_error_without_content_is_none() -> None:
    """A fine-tuning job at work may carry an empty error."""
    job = unijob.parse("openai:fine_tuning_job", FINE_TUNING, strict=True)
    assert isinstance(job, unijob.Job)
    assert (job.state, job.error, job.result) == (JobState.RUNNING, None, None)


def test_a_status_nobody_knew_is_unknown() -> None:
    """A vendor adds statuses without notice, as for a job that is paused."""
    job = unijob.parse("openai:fine_tuning_job", {**FINE_TUNING, "status": "paused"})
    assert isinstance(job, unijob.Job)
    assert (job.state, job.raw_status, len(job.warnings)) == (JobState.UNKNOWN, "paused", 1)


def test_the_command_line_knows_it() -> None:
    """`unijob kinds` lists the three kinds with what they can do, and reports nothing."""
    done = run("unijob.cli", "kinds")
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("openai:batch", "openai:file_batch", "openai:fine_tuning_job"):
        assert name in done.stdout


def test_generated_code_is_fresh() -> None:
    """Specs, lock, generated code and status tables agree."""
    done = run("unijob_codegen", "check")
    assert done.returncode == 0, done.stderr


def test_it_comes_from_an_installed_package() -> None:
    """It is found by entry point, in a distribution of its own."""
    assert registry.provider("openai").contracts == "unijob_openai.models.openai"


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
