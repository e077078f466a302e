"""Pausing jobs and letting them go on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.upstream import DROP, error, serving
from unijob import Conflict, JobState, TransportError

PATH = "/api/v1/llm/fine_tuning/jobs/f1"
REF = "mka1:fine_tuning_job/f1"
each_way = pytest.mark.parametrize("what", ["pause", "resume"])


def training(status: str = "running") -> dict[str, Any]:
    return {
        "id": "f1",
        "object": "fine_tuning.job",
        "model": "m",
        "created_at": 1,
        "organization_id": "o",
        "result_files": [],
        "status": status,
        "training_file": "t",
        "seed": 1,
        "hyperparameters": {},
    }


@each_way
async def test_the_job_is_given_as_it_stands_then(what: str) -> None:
    """One request to its own path, without a body."""
    async with serving() as (server, client):
        server.on("POST", f"{PATH}/{what}", training("queued"))
        job = await getattr(client, what)(REF)
        assert (str(job.ref), job.state) == (REF, JobState.QUEUED)
        assert [(one.target, one.body) for one in server.requests] == [(f"{PATH}/{what}", b"")]


@each_way
async def test_a_lost_answer_is_asked_for_again(what: str) -> None:
    """Asking twice is asking once."""
    async with serving() as (server, client):
        server.on("POST", f"{PATH}/{what}", DROP, error(503), training())
        assert (await getattr(client, what)(REF)).state is JobState.RUNNING
        assert len(server.requests) == 3


@each_way
async def test_refused_when_it_was_done_already(what: str) -> None:
    """A second sending that comes too late is no error while the job goes on; for one that ended it is."""
    async with serving() as (server, client):
        server.on("POST", f"{PATH}/{what}", DROP, error(409))
        server.on("GET", PATH, training("queued"))
        assert (await getattr(client, what)(REF)).state is JobState.QUEUED
        server.on("POST", f"{PATH}/{what}", DROP, error(409))
        server.on("GET", PATH, training("succeeded"))
        with pytest.raises(Conflict):
            await getattr(client, what)(REF)


@each_way
async def test_refused_the_first_time_is_an_error(what: str) -> None:
    """What was sent once was not done."""
    async with serving() as (server, client):
        server.on("POST", f"{PATH}/{what}", error(409))
        with pytest.raises(Conflict):
            await getattr(client, what)(REF)
        server.on("POST", f"{PATH}/{what}", DROP)
        with pytest.raises(TransportError):
            await getattr(client, what)(REF)
