"""JobClient: one client for the jobs of all providers."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from unijob import catalog
from unijob.client.accounts import Account, Accounts
from unijob.client.base import R, S
from unijob.client.clock import Clock, SystemClock
from unijob.client.connections import Connections, Options
from unijob.client.hooks import Hooks
from unijob.client.job_calls import JobCalls
from unijob.client.pace import PollOptions, Settings
from unijob.client.retries import Retry
from unijob.client.schedule_calls import ScheduleCalls
from unijob.client.wait_calls import WaitCalls
from unijob.errors import UnijobError

if TYPE_CHECKING:
    from unijob.job import Job
    from unijob.kinds import JobKind

logger = logging.getLogger("unijob")


class JobClient(ScheduleCalls, WaitCalls, JobCalls):  # the reference shows the last one's calls first
    """Starts, watches and ends jobs of all providers.

    Used as `async with JobClient() as client:`. One client serves any number of tasks of one event loop.

    Args:
        accounts: accounts by provider and name. A provider with none here is set up by the environment.
        env: the environment; the process' own by default.
        strict: whether any breach of a contract is an error, not only one of a job's identity and status.
        request_timeout: seconds for one request and its answer.
        connect_timeout: seconds to connect.
        retry: how often and how fast a failed request is sent again.
        max_connections: open connections an account at most.
        max_answer_bytes: bytes of an answer, decompressed, at most.
        max_requests_per_second: requests an account at most; None for as many as its upstream allows, which is learned.
        on_behalf_of: the end user for whom all calls are made, instead of the accounts'.
        hooks: who is told of requests and polls.
        clock: tells the time and waits.
        random: jitters pauses.

    Raises:
        ConfigError: names the setting that is wrong.
    """

    def __init__(
        self,
        accounts: Iterable[Account] = (),
        *,
        env: Mapping[str, str] | None = None,
        strict: bool = False,
        request_timeout: float = 30.0,
        connect_timeout: float = 10.0,
        retry: Retry | None = None,
        max_connections: int = 20,
        max_answer_bytes: int = 64 * 2**20,
        max_requests_per_second: float | None = None,
        on_behalf_of: str | None = None,
        hooks: Hooks | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        clock = clock or SystemClock()
        random = random or Random()  # noqa: S311  it spreads requests out, and keeps nothing secret
        options = Options(
            strict=strict,
            request_timeout=request_timeout,
            connect_timeout=connect_timeout,
            retry=retry or Retry(),
            max_connections=max_connections,
            max_answer_bytes=max_answer_bytes,
            max_requests_per_second=max_requests_per_second,
            hooks=hooks or Hooks(),
            clock=clock,
            random=random,
        )
        found = Accounts(accounts, dict(os.environ if env is None else env))
        super().__init__(Connections(found, options), clock, random, on_behalf_of)

    @staticmethod
    def kinds() -> tuple[catalog.KindInfo, ...]:
        """Every kind of every installed provider, with what it can do in each revision. Needs no account."""
        return catalog.kinds()

    async def run(
        self,
        kind: str | JobKind[S, R],
        request: Any = None,
        /,
        *,
        account: str | None = None,
        wait: PollOptions | None = None,
        raise_on_failure: bool = True,
        raise_on_partial: bool = False,
        **arguments: Any,
    ) -> Job[S, R]:
        """Start a job and wait until it has ended. Stopping to wait leaves the job alone.

        Args:
            kind: `mka1:eval_run`, or a kind's declaration, by which the result is typed.
            request: the whole body; as for `start`.
            account: the named account.
            wait: how to wait, `{"timeout": 600}`; what `wait` takes as options.
            raise_on_failure: raise when it ends as failed, cancelled or timed out.
            raise_on_partial: raise when it ends as partial.
            arguments: the job's own; as for `start`.

        Raises:
            InvalidArgument: something in `wait` or the job's arguments is wrong; nothing was sent.
            UnsupportedOperation, StartUncertain: as `start`.
            JobFailed, JobCancelled, JobTimedOut, JobPartial, WaitTimeout, JobStalled, JobUnknown: as `wait`.
            UpstreamError, TransportError, ContractViolation: as both. Once the job was started, a note of the error
                (`__notes__`) has its reference.
        """
        options = wait or PollOptions()
        Settings(**options)
        job = await self.start(kind, request, account=account, **arguments)
        logger.info("started %s", job.ref)
        try:
            return await self.wait(job, raise_on_failure=raise_on_failure, raise_on_partial=raise_on_partial, **options)
        except UnijobError as error:
            error.add_note(f"The job was started: {job.ref}")
            raise
