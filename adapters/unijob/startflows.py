"""Ways of starting that kinds share, beyond an operation whose answer is the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from unijob.job import Job, JobState
from unijob.kinds import Api, Started, StartFlow


def started_by_id(operation: str, ids_of: Callable[[Any], object]) -> StartFlow:
    """Start what the answer only names: the job is accepted, and nothing more is known of it yet.

    Args:
        operation: the operation that starts it.
        ids_of: the id, or the array of ids, in the model of its answer. Where it starts several, the first is the job,
            and a warning names the others.
    """

    async def start(api: Api, arguments: Mapping[str, Any]) -> Started:
        answer = await api.start(operation, arguments)
        reading = api.reading(answer)
        found = ids_of(answer.model)
        first, *others = [reading.ref((one,)) for one in (reading.texts(found) or (found,))]
        if others:
            reading.warn("start")(f"it started {len(others)} more: {', '.join(map(str, others))}")
        job = Job(
            ref=first,
            state=JobState.QUEUED,
            warnings=reading.noted(),
            revision=reading.revision,
            source=answer.model,
        )
        return Started(job=job)

    return start
