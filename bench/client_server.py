"""A sandbox in a process of its own, with very many indexing jobs that end one after the other.

`python -m bench.client_server COUNT SHORTEST LONGEST` prints where it is; each line on its input is answered with the
number of requests so far, by operation.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

from unijob.providers.gradient.sandbox import jobs
from unijob.sandbox import Sandbox

BASE = "123e4567-e89b-12d3-a456-426614174000"


class Counted:
    """Counts what a sandbox receives, and keeps nothing of it."""

    def __init__(self) -> None:
        self.operations: Counter[str] = Counter()

    def append(self, received: object) -> None:
        """Count one request."""
        self.operations[str(getattr(received, "operation", None))] += 1

    def clear(self) -> None:
        """Begin anew."""
        self.operations.clear()


def fill(sandbox: Sandbox, count: int, shortest: float, longest: float) -> list[str]:
    """Put jobs into the sandbox that begin now, each living a little longer than the one before.

    Args:
        sandbox: the sandbox.
        count: how many.
        shortest: seconds that the first works.
        longest: seconds that the last works.
    """
    world, now = sandbox.services["gradient"].world, sandbox.clock.now()
    found: list[str] = []
    for place in range(count):
        sandbox.script(jobs.KIND, duration=shortest + (longest - shortest) * place / count, queued=0.0)
        found.append(jobs.begin(world, BASE, ("source",), now).id)
    return found


async def main(count: int, shortest: float, longest: float) -> None:
    """Serve until the input ends."""
    async with Sandbox(seed=1, providers=["gradient", "mka1"]) as sandbox:
        counted = Counted()
        sandbox.requests = counted  # type: ignore[assignment]  # it keeps ten thousand, which are fewer
        uuids = fill(sandbox, count, shortest, longest)
        where = {name: sandbox.url(name) for name in ("gradient", "mka1")}
        print(json.dumps({"urls": where, "token": sandbox.token, "jobs": uuids}), flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps(counted.operations), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
