"""A machine that does to a client whatever users and networks do, and holds what it gives against the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import aclosing, closing
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule

from tests.stateful.judge import GRACE, Call, Judge
from tests.stateful.loop import ClientClock, SteppedLoop
from tests.stateful.model import MADE_UP, Model, brief, plain
from tests.stateful.starts import KINDS, arguments, is_listed_whole, lives
from tests.stateful.upstream import ONE_WAY, Upstream
from unijob import Account, Job, JobClient, JobRef, Poll, UnijobError, registry

T = TypeVar("T")

REQUEST_TIMEOUT = 10.0
STEADY = Poll(initial=5, factor=1, jitter=0)
LISTED = tuple(name for name in KINDS if is_listed_whole(name))
jobs: Bundle[JobRef] = Bundle("jobs")
watches: Bundle[asyncio.Task[None]] = Bundle("watches")
faults = st.one_of(
    st.sampled_from(["drop", "lose", "gateway", "unknown_value", "extra_field"]).map(lambda effect: (effect, {})),
    st.sampled_from([408, 500, 502, 503, 504]).map(lambda status: ("error", {"status": status})),
    st.sampled_from([0, 1, 7, 70]).map(lambda seconds: ("rate_limit", {"retry_after": seconds})),
    st.sampled_from([0.5, 5.0, 15.0]).map(lambda seconds: ("latency", {"seconds": seconds})),
    st.booleans().map(lambda framed: ("truncated", {"framed": framed})),
    st.sampled_from([200, 503]).map(lambda status: ("not_json", {"status": status})),
)
waits = st.fixed_dictionaries(
    {},
    optional={
        "timeout": st.sampled_from([None, 0.0, 0.015, 2.5, 30.0, 600.0]),
        "poll": st.just(STEADY),
        "on_unknown": st.sampled_from(["wait", "raise", "return"]),
        "stall_timeout": st.sampled_from([None, 12.0]),
    },
)


class JobMachine(RuleBasedStateMachine):
    """One client, all providers."""

    client_type: type[JobClient] = JobClient

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.turn = 0
        self.running: list[Call] = []
        self.tasks: list[asyncio.Task[None]] = []

    @initialize(
        target=jobs, data=st.data(), revision=st.sampled_from(registry.revisions("mka1")), kind=st.sampled_from(KINDS)
    )
    def begin(self, data: st.DataObject, revision: str, kind: str) -> Any:
        """Serve, connect, and start a job, since most else is about one."""
        self.loop = SteppedLoop()
        self.upstream = Upstream(self.loop, self.model.take, revisions={"mka1": revision})
        self.model.upstream = self.upstream
        self.run(self.upstream.start())
        self.judge = Judge(self.model)
        accounts = [
            Account(name, base_url=self.upstream.url(name), key=self.upstream.token, revision=served)
            for name, served in self.upstream.revisions.items()
        ]
        self.client = self.client_type(
            accounts, env={}, clock=ClientClock(self.loop), random=Random(1), request_timeout=REQUEST_TIMEOUT
        )
        self.run(self.client.__aenter__())
        return self._start(data, kind)

    # --- What users do --------------------------------------------------------------------------------------------

    @rule(target=jobs, data=st.data(), kind=st.sampled_from(KINDS), lost=st.booleans())
    def start(self, data: st.DataObject, kind: str, *, lost: bool) -> Any:
        """Start a job, whether its answer is lost or not: once, or not at all, and told which."""
        operation = registry.job_kind(kind).start
        if lost and self.can(kind, operation):
            self.upstream.fault("lose", provider=kind.partition(":")[0], operation=operation)
        return self._start(data, kind)

    def can(self, kind: str, operation: str | None) -> bool:
        """Whether the revision that is served knows an operation."""
        provider = kind.partition(":")[0]
        return operation in registry.package(provider, self.upstream.revisions[provider]).operations

    def _start(self, data: st.DataObject, kind: str) -> Any:
        if not self.can(kind, registry.job_kind(kind).start):
            return multiple(*tuple[JobRef]())
        life = self.upstream.life(kind)
        self.upstream.script(kind, **data.draw(lives(life)))
        self.turn += 1
        call = self.ask("start", lambda: self.client.start(kind, **arguments(kind, self.turn)), kind=kind)
        self.upstream.scripts.clear()
        found: Iterable[Job] = [call.given] if call.error is None else getattr(call.error, "candidates", ())
        return multiple(*(job.ref for job in found))

    @rule(ref=jobs)
    def get(self, ref: JobRef) -> None:
        """Read a job."""
        self.ask("get", lambda: self.client.get(ref), [ref])

    @rule(kind=st.sampled_from(LISTED), size=st.sampled_from([None, 1, 2]))
    def list(self, kind: str, size: int | None) -> None:
        """List the jobs of a kind."""

        async def all_of() -> list[Job]:
            async with aclosing(self.client.list(kind, page_size=size)) as found:
                return [job async for job in found]

        if self.can(kind, registry.kind(kind).lists[0].operation):
            self.ask("list", all_of, kind=kind)

    @rule(ref=jobs)
    def cancel(self, ref: JobRef) -> None:
        """Ask a job to stop."""
        self.ask("cancel", lambda: self.client.cancel(ref), [ref])

    @rule(ref=jobs, failed_items_only=st.booleans())
    def retry(self, ref: JobRef, *, failed_items_only: bool) -> None:
        """Run a job again."""
        self.ask("retry", lambda: self.client.retry(ref, failed_items_only=failed_items_only), [ref])

    @rule(ref=jobs, options=waits)
    def wait(self, ref: JobRef, options: Any) -> None:
        """Wait until a job has ended."""
        self.ask("wait", lambda: self.client.wait(ref, **options), [ref], options=options)

    @rule(refs=st.lists(jobs, min_size=1, max_size=4), options=waits)
    def wait_all(self, refs: Any, options: Any) -> None:
        """Wait until many have ended."""
        with self.loop.busy(len(refs) - 1):
            self.ask("wait_all", lambda: self.client.wait_all(refs, **options), refs, options=options)

    @rule(ref=jobs, options=waits)
    def watch(self, ref: JobRef, options: Any) -> None:
        """Watch a job to its end."""
        self.run(self._watch(self.new("watch", [ref], options=options)))

    @rule(target=watches, ref=jobs, options=waits)
    def begin_to_watch(self, ref: JobRef, options: Any) -> asyncio.Task[None]:
        """Watch a job while other things happen."""
        call = self.new("watch", [ref], options=options)

        async def beside() -> None:
            with self.loop.busy():
                await self._watch(call)

        async def begin() -> asyncio.Task[None]:
            return asyncio.ensure_future(beside())

        task = self.run(begin())
        self.tasks.append(task)
        return task

    @rule(watch=watches)
    def stop_watching(self, watch: asyncio.Task[None]) -> None:
        """Lose interest."""
        watch.cancel()
        self.run(asyncio.wait([watch]))

    # --- What else happens ----------------------------------------------------------------------------------------

    @rule(fault=faults, provider=st.sampled_from(registry.provider_names()), times=st.integers(1, 5))
    def go_wrong(self, fault: tuple[str, Any], provider: str, times: int) -> None:
        """Have the next requests go wrong."""
        effect, settings = fault
        if effect == "gateway":
            self.upstream.gateway += [504] * times
            return
        if effect == "unknown_value":
            settings = {"value": MADE_UP}
        self.upstream.fault(effect, provider=provider, times=times, **dict[str, Any](settings))

    @rule()
    def mend(self) -> None:
        """Have nothing go wrong any more."""
        self.upstream.faults.clear()
        self.upstream.gateway.clear()

    @rule(seconds=st.sampled_from([0.3, 4.0, 60.0]))
    def pass_time(self, seconds: float) -> None:
        """Let time pass. While nobody waits, nothing is asked."""
        quiet, began, so_far = not self.running, self.loop.time(), len(self.model.log)
        self.run(self.loop.sleep(seconds))
        asked = [one for one in self.model.log[so_far:] if one.came > began + ONE_WAY]
        assert not quiet or not asked, "nobody waits, and asked was " + "; ".join(map(str, asked))

    @rule(seconds=st.sampled_from([0.0, 0.2, 20.0]))
    def restart(self, seconds: float) -> None:
        """Restart the upstream: connections break, it is gone for a while, state and address stay."""

        async def restart() -> None:
            await self.upstream.close()
            await self.loop.sleep(seconds)
            await self.upstream.start()

        self.judge.down.append((self.loop.time(), self.loop.time() + seconds + 1))
        self.run(restart())

    # --- Inside ---------------------------------------------------------------------------------------------------

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something, and with it all that goes on beside it, for as long as it takes."""
        self.loop.renew()
        with self.loop.busy():
            result = self.loop.run_until_complete(coroutine)
        if self.model.breach is not None:
            raise self.model.breach
        for call in [call for call in self.running if call.ended is not None]:
            self.running.remove(call)
            self.judge.judge(call)
        return result

    def new(self, name: str, refs: Iterable[JobRef] = (), *, kind: str = "", options: Any = None) -> Call:
        """Something that is asked of the client."""
        call = Call(
            name=name,
            kind=kind,
            refs=tuple(refs),
            options=options or {},
            began=self.loop.time(),
            log=len(self.model.log),
            before=self.model.count(kind) if kind else 0,
        )
        self.running.append(call)
        self.judge.calls.append(call)
        return call

    def ask(
        self,
        name: str,
        question: Callable[[], Coroutine[Any, Any, Any]],
        refs: Iterable[JobRef] = (),
        *,
        kind: str = "",
        options: Any = None,
    ) -> Call:
        """Ask something of the client, and judge what it gives."""
        call = self.new(name, refs, kind=kind, options=options)

        async def kept() -> None:
            try:
                call.given = await question()
            except UnijobError as error:
                call.error = error
            self.end(call)

        self.run(kept())
        return call

    def end(self, call: Call) -> None:
        """Note that a call has ended."""
        call.ended, call.log_end = self.loop.time(), len(self.model.log)

    async def _watch(self, call: Call) -> None:
        try:
            async with aclosing(self.client.watch(call.refs[0], **call.options)) as changes:
                async for job in changes:
                    call.yields.append(job)
        except UnijobError as error:
            call.error = error
        except asyncio.CancelledError:
            call.stopped = True
            raise
        finally:
            self.end(call)

    def teardown(self) -> None:
        """All jobs end, as was foretold; then nothing remains."""
        if not hasattr(self, "loop"):
            return
        with closing(self.loop):
            try:
                if hasattr(self, "client"):
                    self._wind_up()
            finally:
                self.loop.run_until_complete(self._close())

    def _wind_up(self) -> None:
        self.mend()
        refs = list(dict.fromkeys(told.job.ref for told in self.model.told))
        self.pass_time(GRACE)  # after which no end is disbelieved any more
        outcomes = self.ask("wait_all", lambda: self.client.wait_all(refs), refs).given or ()
        for outcome in outcomes:
            if outcome.job is not None:
                truth = self.upstream.truth(outcome.job.ref)
                assert plain(outcome.job) == plain(truth), f"waited for {brief(outcome.job)}, but it is {brief(truth)}"
        if self.tasks:
            self.run(asyncio.wait(self.tasks))
        assert not self.running, "some who watched were not told of the end"

    async def _close(self) -> None:
        """Close the client, then the upstream; each leaves nothing."""
        for watch in self.tasks:
            watch.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if hasattr(self, "client"):
            await self.client.__aexit__(None, None, None)
        await self.loop.sleep(1)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if left:
            await asyncio.wait(left, timeout=60)
        await self.upstream.close()
        await self.loop.sleep(1)
        assert not left, f"tasks remain: {left}"
        assert not self.loop.sockets, "sockets remain"
        assert not self.upstream.breaches, self.upstream.breaches
