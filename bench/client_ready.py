"""One request by one client, in a fresh interpreter. Run by `bench.client`.

`python -m bench.client_ready WAY URL` sends one request and prints when it began, on the machine's monotonic clock; the
server notes when the request came. `unijob` and `unijob.sync` ask for an indexing job, as `gradient` does, and
`meetkai_mka1` for an eval run.
"""

# ruff: noqa: E402, PLC0415  the clock is read before anything is imported
from time import monotonic

BEGAN = monotonic()

import sys


def by_unijob(url: str) -> None:
    """With `async with`."""
    import asyncio

    from unijob import Account, JobClient

    async def ask() -> None:
        async with JobClient([Account("gradient", base_url=url, key="k")], env={}) as client:
            await client.get("gradient:indexing_job/j1")

    asyncio.run(ask())


def by_unijob_sync(url: str) -> None:
    """Without."""
    from unijob import Account
    from unijob.sync import JobClient

    with JobClient([Account("gradient", base_url=url, key="k")], env={}) as client:
        client.get("gradient:indexing_job/j1")


def by_gradient(url: str) -> None:
    """DigitalOcean's client."""
    from gradient import Gradient

    with Gradient(access_token="k", base_url=url) as client:
        client.knowledge_bases.indexing_jobs.retrieve("j1")


def by_mka1(url: str) -> None:
    """MKA1's client."""
    from meetkai_mka1 import SDK

    with SDK(bearer_auth="k", server_url=url) as client:
        client.llm.evals.get_run(run_id="r1")


WAYS = {"unijob": by_unijob, "unijob.sync": by_unijob_sync, "gradient": by_gradient, "meetkai_mka1": by_mka1}

if __name__ == "__main__":
    try:
        WAYS[sys.argv[1]](sys.argv[2])
    finally:
        print(BEGAN)
