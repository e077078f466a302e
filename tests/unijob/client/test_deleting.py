"""Deleting jobs and schedules."""

from __future__ import annotations

import pytest

from tests.unijob.upstream import DROP, RUN, SCHEDULE, error, serving
from unijob import Conflict, JobNotFound, UnsupportedOperation, UpstreamError

GONE = {"id": "r1", "object": "eval.run.deleted", "deleted": True}


async def test_jobs_and_schedules_are_deleted() -> None:
    """By reference; nothing is returned."""
    async with serving() as (server, client):
        server.on("DELETE", RUN, GONE)
        server.on("DELETE", SCHEDULE, {"id": "s1", "object": "eval.schedule.deleted", "deleted": True})
        await client.delete("mka1:eval_run/r1")
        await client.delete("mka1:eval_schedule/s1")
        assert [(one.method, one.target) for one in server.requests] == [("DELETE", RUN), ("DELETE", SCHEDULE)]


async def test_gone_already_is_done_when_it_was_sent_twice() -> None:
    """The first sending may have deleted it, its answer lost; sent once, not found is an error."""
    async with serving() as (server, client):
        server.on("DELETE", RUN, DROP, error(404))
        await client.delete("mka1:eval_run/r1")
        assert len(server.requests) == 2
    async with serving() as (server, client):
        server.on("DELETE", RUN, error(503), error(404))
        await client.delete("mka1:eval_run/r1")
    async with serving() as (server, client):
        server.on("DELETE", RUN, error(404))
        with pytest.raises(JobNotFound) as caught:
            await client.delete("mka1:eval_run/r1")
        assert str(caught.value.ref) == "mka1:eval_run/r1"


async def test_what_is_not_deleted_is_an_error() -> None:
    """Refused, or answered with `deleted: false`."""
    async with serving() as (server, client):
        server.on("DELETE", RUN, error(409))
        with pytest.raises(Conflict):
            await client.delete("mka1:eval_run/r1")
        server.on("DELETE", RUN, {**GONE, "deleted": False})
        with pytest.raises(UpstreamError, match="not deleted"):
            await client.delete("mka1:eval_run/r1")


async def test_some_kinds_cannot_be_deleted() -> None:
    """Nor paused, nor resumed; nothing is sent."""
    async with serving() as (server, client):
        with pytest.raises(UnsupportedOperation, match="cannot delete"):
            await client.delete("mka1:file_batch/vs/b")
        with pytest.raises(UnsupportedOperation, match="cannot pause"):
            await client.pause("mka1:eval_run/r1")
        with pytest.raises(UnsupportedOperation, match="cannot resume"):
            await client.resume("mka1:eval_run/r1")
        assert server.requests == []
