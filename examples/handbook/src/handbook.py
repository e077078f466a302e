"""Keeps what a support bot knows fresh, on two platforms.

A notebook, one reference a line, remembers what was started: a run that was cut short goes on where it was.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import unijob
from unijob import JobState, Outcome
from unijob.sync import JobClient

VECTOR_STORE = "vs_handbook"
KNOWLEDGE_BASE = "20cd8434-6ea1-11f0-bf8f-4e013e2ddde4"
PATIENCE = 4 * 3600.0


@dataclass
class Report:
    """What became of a refresh: references of jobs, and of each that is not whole, what to look at."""

    whole: list[str] = field(default_factory=list[str])
    in_part: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    lost: dict[str, str] = field(default_factory=dict[str, str])
    under_way: list[str] = field(default_factory=list[str])


def refresh(notebook: Path, file_ids: list[str]) -> Report:
    """Bring both platforms up to date, or go on with what an earlier run began."""
    with JobClient() as client:
        refs = _noted(notebook) or _start(client, notebook, file_ids)
        report = _report(client.wait_all(refs, timeout=PATIENCE))
    if not report.under_way:
        notebook.unlink()
    return report


async def percentages(ref: str) -> AsyncGenerator[int, None]:
    """Tell how far a job is, at every change, for a bar on some page."""
    async with unijob.JobClient() as client:
        async for job in client.watch(ref):
            if job.progress is not None and job.progress.fraction is not None:
                yield round(100 * job.progress.fraction)


def _start(client: JobClient, notebook: Path, file_ids: list[str]) -> list[str]:
    """Start both jobs, and note each before the next."""
    jobs: tuple[tuple[str, dict[str, Any]], ...] = (
        ("mka1:file_batch", {"vector_store_id": VECTOR_STORE, "file_ids": file_ids}),
        ("gradient:indexing_job", {"knowledge_base_uuid": KNOWLEDGE_BASE}),
    )
    for kind, arguments in jobs:
        job = client.start(kind, **arguments)
        with notebook.open("a", encoding="utf-8") as notes:
            notes.write(f"{job.ref}\n")
    return _noted(notebook)


def _noted(notebook: Path) -> list[str]:
    return notebook.read_text(encoding="utf-8").split() if notebook.exists() else []


def _report(outcomes: Iterable[Outcome]) -> Report:
    report = Report()
    for outcome in outcomes:
        ref, job = str(outcome.ref), outcome.job
        if isinstance(outcome.error, unijob.WaitTimeout):
            report.under_way.append(ref)
        elif outcome.error is not None:
            report.lost[ref] = str(outcome.error)
        elif job is not None and job.state is JobState.PARTIAL:
            report.in_part[ref] = [part.id or "" for part in job.parts if part.state is not JobState.SUCCEEDED]
        else:
            report.whole.append(ref)
    return report
