"""Retries: what is sent again, after how long, and what never is."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from tests.unijob.client.test_http import reading
from tests.unijob.upstream import START, FakeClock, Middle
from unijob.client import Account, Hooks
from unijob.client.limits import RateLimit
from unijob.client.observing import Observer, RequestObserver
from unijob.client.replies import Reply
from unijob.client.retries import NoAnswerError, Resend, Retry, Sender, is_lost
from unijob.errors import InvalidArgument
from unijob.redact import Redactor
from unijob.request import Request
from unijob_models.runtime import Parameter

LOST, UNSENT = NoAnswerError("lost", maybe_received=True), NoAnswerError("no connection", maybe_received=False)


def request(method: str, *, with_key: bool = False) -> Request:
    base = reading()
    keys = (
        Parameter(
            name="Idempotency-Key",
            argument="idempotency_key",
            location="header",
            required=False,
            style="simple",
            explode=False,
        ),
    )
    operation = attrs.evolve(base.operation, method=method, parameters=keys if with_key else ())
    return attrs.evolve(base, operation=operation)


class Line:
    """What sendings bring, in order; the last goes on."""

    def __init__(self, *steps: int | NoAnswerError, **headers: str) -> None:
        self.steps = list(steps)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.sent: list[Request] = []
        self.clock = FakeClock()

    async def exchange(self, request: Request, _seconds: float) -> Reply:
        self.sent.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, NoAnswerError):
            raise NoAnswerError(str(step), maybe_received=step.maybe_received, hopeless=step.hopeless)
        return Reply(request=request, status=step, headers=self.headers, body=b"", received_at=START)

    async def send(self, request: Request, policy: Retry | None = None, **options: Any) -> Reply:
        observer = Observer(Hooks(), self.clock)
        sender = Sender(
            self.exchange,
            policy or Retry(),
            limit=RateLimit(self.clock),
            observer=RequestObserver(observer=observer, account=Account("mka1"), redactor=Redactor(())),
            clock=self.clock,
            random=Middle(),
        )
        return await sender.send(request, seconds=1, **options)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("step", [408, 429, 500, 502, 503, 504, LOST, UNSENT])
async def test_idempotent_requests_are_sent_again(method: str, step: int | NoAnswerError) -> None:
    """By RFC 9110: twice is the same as once."""
    line = Line(step, step, 200)
    assert (await line.send(request(method))).status == 200
    assert len(line.sent) == 3


@pytest.mark.parametrize("step", [429, UNSENT])
async def test_a_post_is_sent_again_when_it_was_not_received(step: int | NoAnswerError) -> None:
    """Without a connection, and when refused for its rate."""
    line = Line(step, 200)
    assert (await line.send(request("POST"))).status == 200


@pytest.mark.parametrize("step", [408, 500, 502, 503, 504])
async def test_a_post_is_sent_once_when_it_was_answered(step: int) -> None:
    """An answer other than 429 may come after the work was done."""
    line = Line(step)
    assert (await line.send(request("POST"))).status == step
    assert len(line.sent) == 1


async def test_a_post_is_sent_once_when_it_may_have_been_received() -> None:
    """A lost answer is no reason to start twice."""
    line = Line(LOST)
    with pytest.raises(NoAnswerError) as caught:
        await line.send(request("POST"))
    assert len(line.sent) == 1
    assert caught.value.maybe_received


async def test_a_post_with_an_idempotency_key_is_sent_again_with_the_same_key() -> None:
    """One key a logical call; another call has another key; the caller's own is kept."""
    line = Line(LOST, 503, 200)
    await line.send(request("POST", with_key=True))
    keys = {sent.headers["Idempotency-Key"] for sent in line.sent}
    assert (len(line.sent), len(keys)) == (3, 1)
    again = Line(200)
    await again.send(request("POST", with_key=True))
    assert again.sent[0].headers["Idempotency-Key"] not in keys
    own = attrs.evolve(request("POST", with_key=True), headers={"Idempotency-Key": "mine"})
    await again.send(own)
    assert again.sent[1].headers["Idempotency-Key"] == "mine"


async def test_that_an_earlier_sending_may_have_been_received_is_kept() -> None:
    """A later failure to connect does not make the first sending certain."""
    line = Line(LOST, UNSENT)
    with pytest.raises(NoAnswerError) as caught:
        await line.send(request("POST", with_key=True))
    assert caught.value.maybe_received
    line = Line(UNSENT, 429, 200)
    assert not (await line.send(request("GET"))).resent
    line = Line(LOST, 200)
    assert (await line.send(request("GET"))).resent


async def test_attempts_are_bounded() -> None:
    """After the last the answer stands, or the failure."""
    line = Line(503)
    assert (await line.send(request("GET"), Retry(attempts=3))).status == 503
    assert len(line.sent) == 3
    line = Line(UNSENT)
    with pytest.raises(NoAnswerError):
        await line.send(request("GET"), attempts=2)
    assert len(line.sent) == 2


async def test_hopeless_failures_are_not_repeated() -> None:
    """A certificate does not become trusted."""
    line = Line(NoAnswerError("certificate", maybe_received=False, hopeless=True))
    with pytest.raises(NoAnswerError):
        await line.send(request("GET"))
    assert len(line.sent) == 1


async def test_other_errors_stand() -> None:
    """A 404 is an answer."""
    line = Line(404)
    assert (await line.send(request("GET"))).status == 404
    assert len(line.sent) == 1


async def test_a_caller_may_know_better_than_the_method() -> None:
    """A POST that twice is the same as once is sent again."""
    line = Line(LOST, 200)
    await line.send(request("POST"), resend=Resend.ALWAYS)
    assert len(line.sent) == 2


async def test_pauses_grow_with_full_jitter() -> None:
    """A random part of 0.5, 1, 2, … seconds, capped."""
    line = Line(503)
    await line.send(request("GET"), Retry(attempts=6, initial=0.5, maximum=3))
    assert line.clock.sleeps == [0.25, 0.5, 1.0, 1.5, 1.5]


@pytest.mark.parametrize(("header", "pause"), [("7", 7.0), ("3600", 60.0)])
async def test_retry_after_is_heeded_and_capped(header: str, pause: float) -> None:
    """What the upstream asks counts, up to the policy's limit."""
    line = Line(429, retry_after=header)
    await line.send(request("GET"), Retry(attempts=2))
    assert line.clock.sleeps == [pause]


async def test_retries_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A warning says what failed and when it is tried again."""
    await Line(503, UNSENT, 200).send(request("GET"))
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "503; again in 0.25 s (attempt 1)" in caplog.text


def test_gateways_lose_answers() -> None:
    """502, 504 and some of a CDN's own say that the answer behind them was lost; 503 is an answer."""
    replies = {
        status: Reply(request=reading(), status=status, headers={}, body=b"", received_at=START)
        for status in (500, *range(502, 505), *range(520, 528))
    }
    assert [status for status, reply in replies.items() if is_lost(reply)] == [502, 504, 520, 522, 524]


@pytest.mark.parametrize("policy", [{"attempts": 0}, {"initial": -1}, {"maximum": -1}, {"longest_hint": -1}])
def test_wrong_policies_are_named(policy: dict[str, int]) -> None:
    """An InvalidArgument says which."""
    with pytest.raises(InvalidArgument, match=next(iter(policy))):
        Retry(**policy)
