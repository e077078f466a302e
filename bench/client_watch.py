"""Waits for very many jobs to their end, one way, and prints what that took. Run by `bench.client`, one process a way.

`python -m bench.client_watch WAY` reads where and which from its input, as `bench.client_server` printed it.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from importlib import import_module
from itertools import pairwise
from typing import Any

PACE = 10.0
"""Seconds from one look at a job to the next, in both ways."""


async def unijob_way(where: dict[str, Any]) -> dict[str, int]:
    """All in one `wait_all`."""
    from unijob import Account, Hooks, JobClient, Poll  # noqa: PLC0415  each way imports its own client only

    account = Account("gradient", base_url=where["urls"]["gradient"], key=where["token"])
    refs = [f"gradient:indexing_job/{uuid}" for uuid in where["jobs"]]
    times: list[float] = []
    hooks = Hooks(on_request=lambda _: times.append(time.monotonic()))
    async with JobClient([account], env={}, hooks=hooks) as client:
        outcomes = await client.wait_all(refs, poll=Poll(initial=PACE, factor=1, maximum=PACE), timeout=600)
    rounds = 1 + sum(1 for before, after in pairwise(times) if after - before > PACE / 2)
    first = next((n for n, (a, b) in enumerate(pairwise(times), 1) if b - a > PACE / 2), len(times))
    return {"done": sum(1 for one in outcomes if one.job is not None and one.job.succeeded)} | {
        "rounds": rounds,
        "first_round": first,
    }


async def vendor_way(where: dict[str, Any]) -> dict[str, int]:
    """A task with the vendor's own wait for each job; one whose poll failed too often has ended, without its job."""
    from gradient import AsyncGradient  # noqa: PLC0415

    async with AsyncGradient(access_token=where["token"], base_url=where["urls"]["gradient"], timeout=60) as client:
        waiting = client.knowledge_bases.indexing_jobs.wait_for_completion
        waits = [waiting(uuid, poll_interval=PACE, timeout=600) for uuid in where["jobs"]]
        ended = await asyncio.gather(*waits, return_exceptions=True)
    found = [one.job for one in ended if not isinstance(one, BaseException)]
    return {"done": sum(1 for job in found if job is not None and job.phase == "BATCH_JOB_PHASE_SUCCEEDED")}


WAYS = {"unijob": (unijob_way, "unijob"), "vendor": (vendor_way, "gradient")}


def main(way: str) -> None:
    """Wait, and print the number of jobs that succeeded, seconds, seconds of CPU, and the highest memory in MB."""
    where, (wait, client) = json.load(sys.stdin), WAYS[way]
    import_module(client)  # not a cost of each job
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    done = asyncio.run(wait(where))
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = {**done, "seconds": time.monotonic() - began, "cpu": spent, "megabytes": after.ru_maxrss / 1024}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
