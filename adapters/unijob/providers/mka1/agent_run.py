"""`mka1:agent_run`: an agent at work on one input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from unijob.job import Job, JobState
from unijob.kinds import JobKind, Listing, OffsetPages, StatusTable

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.mka1 import models

STATUS = StatusTable(
    enum="AgentRunStatus",
    states={
        "queued": JobState.QUEUED,
        # The agent works while the gateway has the request: there is no other word for that.
        "submitting": JobState.RUNNING,
        "completed": JobState.SUCCEEDED,
        "failed": JobState.FAILED,
        "cancelled": JobState.CANCELLED,
        # A limit or an interruption ended it; there is an answer, though not a whole one.
        "incomplete": JobState.PARTIAL,
    },
)


@attrs.frozen(kw_only=True)
class AgentRunResult:
    """The answer of an ended run, as the gateway gave it."""

    response_id: str | None = None
    response: Any = None


def normalize(run: models.AgentRun, reading: Reading) -> Job[models.AgentRun, AgentRunResult]:
    """Read a run; the API does not tell when it began."""
    state = reading.status(STATUS, run.status, "status") or JobState.UNKNOWN
    response = AgentRunResult(
        response_id=reading.text(run.gateway_response_id), response=reading.present(run.gateway_response)
    )
    return Job(
        ref=reading.ref((run.agent_id, run.id)),
        state=state,
        raw_status=reading.text(run.status),
        created_at=reading.rfc3339(run.created_at, "created_at"),
        finished_at=reading.rfc3339(run.completed_at, "completed_at") if state.is_terminal else None,
        error=reading.failure_of(run.error),
        result=response if state.is_terminal else None,
        warnings=reading.noted(),
        revision=reading.revision,
        source=run,
    )


KIND = JobKind(
    name="mka1:agent_run",
    title="run of an agent",
    ids=("agent_id", "run_id"),
    get="getAgentRun",
    # Revision 2026-07 has no offset: there, only the first page can be had.
    lists=(Listing(operation="listAgentRuns", items="data", pages=OffsetPages(offset="offset", size="limit")),),
    start="createAgentRun",
    cancel="cancelAgentRun",
    vital=("id", "object", "agent_id", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
