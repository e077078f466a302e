"""What a type checker knows of the public API. mypy and pyright check it; at run time nothing is sent."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Generator
from typing import Any, assert_type

import pytest

import unijob.sync
from unijob import InvalidArgument, Job, JobClient, JobRef, Outcome, Schedule
from unijob.kinds import JobKind, ScheduleKind
from unijob.providers.gradient.indexing_job import KIND as INDEXING_JOB
from unijob.providers.gradient.indexing_job import IndexingResult
from unijob.providers.mka1.eval_run import KIND as EVAL_RUN
from unijob.providers.mka1.eval_run import EvalRunResult
from unijob.providers.mka1.eval_schedule import KIND as EVAL_SCHEDULE
from unijob.providers.mka1.feedback_export import KIND as FEEDBACK_EXPORT
from unijob.providers.mka1.feedback_export_result import FeedbackExportResult
from unijob.providers.mka1.file_batch import KIND as FILE_BATCH
from unijob_models.gradient.models import IndexingJob
from unijob_models.mka1.models import EvalRun, EvalSchedule, FeedbackExport, FeedbackExportStart, FileBatch

EvalRunJob = Job[EvalRun, EvalRunResult]


def kinds_know_their_types() -> None:
    """From their `normalize` alone: nothing is written down twice, for an installed provider's kinds either."""
    assert_type(EVAL_RUN, JobKind[EvalRun, EvalRunResult])
    assert_type(FILE_BATCH, JobKind[FileBatch, None])
    assert_type(FEEDBACK_EXPORT, JobKind[FeedbackExport | FeedbackExportStart, FeedbackExportResult])
    assert_type(INDEXING_JOB, JobKind[IndexingJob, IndexingResult])
    assert_type(EVAL_SCHEDULE, ScheduleKind[EvalSchedule])
    assert_type(EVAL_RUN.ref("eval_run_1"), JobRef[EvalRun, EvalRunResult])
    assert_type(EVAL_RUN.parse("mka1:eval_run/eval_run_1"), JobRef[EvalRun, EvalRunResult])


async def of_a_declared_kind(client: JobClient) -> None:
    """Whatever gives a job, gives one of the kind's."""
    assert_type(await client.get(EVAL_RUN.ref("r")), EvalRunJob)
    assert_type(await client.start(EVAL_RUN, suite_id="s", models=["m"]), EvalRunJob)
    assert_type(await client.run(EVAL_RUN, suite_id="s", models=["m"]), EvalRunJob)
    assert_type(client.list(EVAL_RUN), AsyncGenerator[EvalRunJob, None])
    job = await client.wait(EVAL_RUN.ref("r"), timeout=60)
    assert_type(job, EvalRunJob)
    assert_type(job.source, EvalRun)
    assert_type(job.result, EvalRunResult | None)
    assert_type(await client.get(job), EvalRunJob)
    assert_type(await client.wait(job.ref), EvalRunJob)
    assert_type(await client.cancel(job), EvalRunJob)
    assert_type(await client.retry(job), EvalRunJob)
    assert_type(client.watch(job), AsyncGenerator[EvalRunJob, None])
    assert_type(await client.schedule(EVAL_SCHEDULE.ref("s")), Schedule[EvalSchedule])
    assert_type(await client.create_schedule(EVAL_SCHEDULE, name="n"), Schedule[EvalSchedule])


async def of_a_kind_that_is_named(client: JobClient, ref: JobRef | str | Job) -> None:
    """A text may be any kind's."""
    assert_type(await client.get("mka1:eval_run/r"), Job[Any, Any])
    assert_type(await client.get(ref), Job[Any, Any])
    assert_type(await client.start("mka1:eval_run"), Job[Any, Any])
    assert_type(JobRef.parse("mka1:eval_run/r"), JobRef[Any, Any])
    assert_type(await client.wait_all([ref, EVAL_RUN.ref("r")]), tuple[Outcome, ...])


def without_async(client: unijob.sync.JobClient) -> None:
    """The same."""
    assert_type(client.get(EVAL_RUN.ref("r")), EvalRunJob)
    assert_type(client.start(EVAL_RUN), EvalRunJob)
    assert_type(client.run(EVAL_RUN), EvalRunJob)
    assert_type(client.wait(client.start(INDEXING_JOB)).result, IndexingResult | None)
    assert_type(client.list(EVAL_RUN), Generator[EvalRunJob, None, None])
    assert_type(client.get("mka1:eval_run/r"), Job[Any, Any])


def test_references_are_held_against_their_kind() -> None:
    """A reference made by a kind is an ordinary one; what does not fit is told with the right form."""
    assert EVAL_RUN.ref("r", account="prod") == JobRef("mka1", "eval_run", ("r",), "prod")
    assert FEEDBACK_EXPORT.ref() == JobRef.parse("mka1:feedback_export")
    assert EVAL_SCHEDULE.parse("mka1:eval_schedule/s") == EVAL_SCHEDULE.ref("s")
    right = re.escape("write 'mka1:file_batch/{vector_store_id}/{batch_id}'")
    with pytest.raises(InvalidArgument, match=right):
        FILE_BATCH.ref("b")
    with pytest.raises(InvalidArgument, match=right):
        FILE_BATCH.parse("mka1:eval_run/r")
