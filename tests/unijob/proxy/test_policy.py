"""Off, report and enforce: which holds where, and what each does with what it finds."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

from tests.unijob.proxy.wires import (
    JSON,
    MODES,
    OK,
    Message,
    Seen,
    Upstream,
    dial,
    exchange,
    proxied,
    request,
    settings,
)
from unijob.contract import Contract
from unijob.errors import ConfigError
from unijob.proxy import Policy, Proxy, ProxySettings, UpstreamSettings
from unijob.proxy.policy import Modes, modes_of
from unijob.proxy.settings import Mode

BAD_ITEM = b'{"id": "one", "state": "on"}'
NEW_STATE = b'{"id": 1, "state": "paused"}'


def answer(body: bytes, status: bytes = b"200 OK", content_type: bytes = b"application/json") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        status,
        content_type,
        len(body),
        body,
    )


def create(body: bytes, *fields: str) -> bytes:
    return request("POST", "/items", "Content-Type: application/json", *fields, body=body)


def violations(message: Message) -> list[tuple[str, str, str]]:
    told: dict[str, Any] = json.loads(message.body)
    return [(one["place"], one["pointer"], one["keyword"]) for one in told["violations"]]


@pytest.mark.parametrize(
    ("policies", "modes"),
    [
        ([], ("report", "report", "report")),
        ([Policy(mode="enforce")], ("enforce", "enforce", "report")),
        ([Policy(mode="off")], ("off", "off", "off")),
        ([Policy(mode="enforce", response="report")], ("enforce", "report", "report")),
        ([Policy(mode="enforce", drift="enforce")], ("enforce", "enforce", "enforce")),
        ([Policy(), Policy(mode="off")], ("off", "off", "off")),
        ([Policy(mode="report"), Policy(request="enforce", drift="enforce")], ("report", "report", "report")),
        ([Policy(request="off"), Policy(mode="enforce")], ("off", "enforce", "report")),
        ([Policy(drift="off"), Policy(response="off"), Policy(mode="enforce")], ("enforce", "off", "off")),
    ],
)
def test_the_most_specific_policy_wins(policies: list[Policy], modes: tuple[Mode, Mode, Mode]) -> None:
    """A nearer place before a farther one, and in one place a category before the whole."""
    assert modes_of(policies) == Modes(*modes)


async def test_an_operation_beats_its_upstream() -> None:
    """One operation may be strict where the rest is not."""
    operations = {"create_item": Policy(mode="enforce")}
    async with Upstream(answer(BAD_ITEM)) as upstream, proxied(upstream, "off", up_operations=operations) as proxy:
        assert (await exchange(proxy, request("GET", "/items/1"))).status == 200
        assert (await exchange(proxy, create(b"{}"))).status == 400


async def test_off_says_nothing_of_violations() -> None:
    """It did not look."""
    seen = Seen()
    async with Upstream(answer(BAD_ITEM)) as upstream, proxied(upstream, "off", seen) as proxy:
        got = await exchange(proxy, create(b"{}"))
        assert (got.status, got.body, got.all("Unijob-Violations")) == (200, BAD_ITEM, [])
        told = await seen.one()
        assert (told.operation, told.violations, told.checked_request) == ("create_item", (), False)


async def test_report_changes_no_answer() -> None:
    """It tells of the request in the header, and of the rest to the observer."""
    seen = Seen()
    async with Upstream(answer(BAD_ITEM)) as upstream, proxied(upstream, "report", seen) as proxy:
        got = await exchange(proxy, create(b'{"state": "new", "x": 1}'))
        assert (got.status, got.body, got.get("Unijob-Source")) == (200, BAD_ITEM, "upstream")
        assert got.get("Unijob-Violations") == "2"
        assert upstream.only.body == b'{"state": "new", "x": 1}'
        told = await seen.one()
        assert told.request_id == got.get("Unijob-Request-Id")
        assert sorted((one.place, one.target, one.keyword) for one in told.violations) == [
            ("request.body", "/id", "required"),
            ("request.body", "/state", "enum"),
            ("response.body", "/id", "type"),
        ]
        assert [one.pointer for one in told.drift] == ["/x"]
        assert (told.outcome, told.checked_request, told.checked_response) == ("complete", True, True)


async def test_enforce_refuses_a_bad_request_with_all_that_is_wrong() -> None:
    """400 with a problem; the upstream sees nothing."""
    seen = Seen()
    async with Upstream() as upstream, proxied(upstream, "enforce", seen) as proxy:
        got = await exchange(proxy, create(b'{"id": 1.5, "state": "new"}'))
        assert (got.status, got.get("Content-Type")) == (400, "application/problem+json")
        assert (got.get("Unijob-Source"), got.get("Unijob-Violations")) == ("proxy", "2")
        assert sorted(violations(got)) == [("request.body", "/id", "type"), ("request.body", "/state", "enum")]
        told = json.loads(got.body)
        assert (told["status"], told["operation"], told["upstream"]) == (400, "create_item", "up")
        assert upstream.requests == []
        finished = await seen.one()
        assert (finished.outcome, finished.cause, len(finished.violations)) == ("refused", "violations", 2)


@pytest.mark.parametrize(
    ("target", "body", "fields", "found"),
    [
        ("/items", b"{", ["Content-Type: application/json"], ("request.body", "", "parse")),
        ("/items", b'{"id": NaN}', ["Content-Type: application/json"], ("request.body", "", "parse")),
        ("/items", b'{"id": "\xff"}', ["Content-Type: application/json"], ("request.body", "", "parse")),
        ("/items", b"id=1", ["Content-Type: text/plain"], ("request.body", "", "media-type")),
        ("/items", b"", ["Content-Type: application/json"], ("request.body", "", "required")),
    ],
)
async def test_enforce_refuses_a_body_that_is_none(
    target: str, body: bytes, fields: list[str], found: tuple[str, str, str]
) -> None:
    """Not JSON, not UTF-8, not of the type, not there."""
    async with Upstream() as upstream, proxied(upstream, "enforce") as proxy:
        got = await exchange(proxy, request("POST", target, *fields, body=body))
        assert (got.status, violations(got)) == (400, [found])


async def test_enforce_checks_parameters() -> None:
    """Each with its name; an undocumented one is drift and passes."""
    seen = Seen()
    async with Upstream(JSON) as upstream, proxied(upstream, "enforce", seen) as proxy:
        got = await exchange(proxy, request("GET", "/items/1?deep=perhaps"))
        assert violations(got) == [("request.query", "/deep", "type")]
        assert (await exchange(proxy, request("GET", "/items/1?deep=true&new=1"))).status == 200
        assert [one.pointer for one in seen.exchanges[-1].drift] == ["/new"]


async def test_enforce_holds_a_bad_answer_back() -> None:
    """502 with a problem, and nothing of the answer."""
    async with Upstream(answer(BAD_ITEM)) as upstream, proxied(upstream, "enforce") as proxy:
        got = await exchange(proxy, request("GET", "/items/1"))
        assert (got.status, got.get("Unijob-Source"), got.get("Unijob-Violations")) == (502, "proxy", "1")
        assert violations(got) == [("response.body", "/id", "type")]
        assert b"one" not in got.body


async def test_drift_is_told_and_not_refused() -> None:
    """An unknown value, a new field, an undocumented status."""
    seen = Seen()
    async with Upstream(answer(NEW_STATE)) as upstream, proxied(upstream, "enforce", seen) as proxy:
        got = await exchange(proxy, request("GET", "/items/1"))
        assert (got.status, got.body, got.get("Unijob-Violations")) == (200, NEW_STATE, "0")
        upstream.answer = answer(b"{}", b"203 Odd")
        assert (await exchange(proxy, request("GET", "/items/1"))).status == 203
        assert [(one.place, one.pointer) for told in seen.exchanges for one in told.drift] == [
            ("response.body", "/state"),
            ("response.status", ""),
        ]


async def test_drift_is_refused_where_that_is_asked_for() -> None:
    """502 for an answer, 400 for a request."""
    policy = Policy(drift="enforce")
    async with Upstream(answer(NEW_STATE)) as upstream, proxied(upstream, policy=policy) as proxy:
        got = await exchange(proxy, request("GET", "/items/1"))
        assert (got.status, violations(got)) == (502, [("response.body", "/state", "enum")])
        assert (await exchange(proxy, request("GET", "/items/1?new=1"))).status == 400
        assert (await exchange(proxy, request("GET", "/nowhere"))).status == 404
        assert len(upstream.requests) == 1
        upstream.answer = answer(BAD_ITEM)
        assert (await exchange(proxy, request("GET", "/items/1"))).status == 200


@pytest.mark.parametrize(
    ("method", "target", "status", "cause", "allow"),
    [
        ("GET", "/nowhere", 404, "undocumented-path", ""),
        ("PUT", "/items", 405, "undocumented-method", "POST"),
        ("HEAD", "/items", 405, "undocumented-method", "POST"),
    ],
)
async def test_what_is_not_documented(method: str, target: str, status: int, cause: str, allow: str) -> None:
    """Enforce refuses it unless told to pass it; report tells of it."""
    seen = Seen()
    async with Upstream(OK[:-2] if method == "HEAD" else OK) as upstream:
        async with proxied(upstream, "enforce", seen) as proxy, dial(proxy) as wire:
            await wire.send(request(method, target))
            got = await wire.answer(bodiless=method == "HEAD")
            assert (got.status, got.get("Allow"), (await seen.one()).cause) == (status, allow, cause)
            assert upstream.requests == []
        for mode in MODES:
            told = Seen()
            async with proxied(upstream, mode, told, up_pass_undocumented=mode == "enforce") as proxy:
                assert (await exchange(proxy, request(method, target))).status == 200
                drift = [one.keyword for one in (await told.one()).drift]
                assert drift == ([] if mode == "off" else [cause.removeprefix("undocumented-")])


@pytest.mark.parametrize("target", ["/items/a%2Fb", "/items/..", "//items/1", "/items/1#x", "/items/%00", "/items/%zz"])
async def test_an_odd_target(target: str) -> None:
    """Enforce refuses it, report tells of it."""
    seen = Seen()
    async with Upstream(JSON) as upstream:
        async with proxied(upstream, "enforce") as proxy:
            got = await exchange(proxy, request("GET", target))
            assert (got.status, violations(got)) == (400, [("request.path", "", "canonical")])
            assert upstream.requests == []
        async with proxied(upstream, "report", seen) as proxy:
            assert (await exchange(proxy, request("GET", target))).status == 200
            assert "canonical" in [one.keyword for one in (await seen.one()).violations]


@pytest.mark.parametrize("mode", MODES)
async def test_the_engine_that_fails_fails_nothing(mode: Mode) -> None:
    """A check that breaks is skipped, counted, and the message passes."""

    class Broken(Contract):
        def check_response_bytes(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError

    seen = Seen()
    document = {
        "openapi": "3.1.0",
        "info": {"title": "", "version": ""},
        "paths": {"/echo": {"get": {"operationId": "get", "responses": {"200": {"description": ""}}}}},
    }
    async with (
        Upstream() as upstream,
        Proxy(settings(upstream.url, mode), {"up": Broken(document)}, seen) as proxy,
    ):
        assert (await exchange(proxy, request("GET", "/echo"))).status == 200
        skips = [skip.reason for skip in (await seen.one()).skips]
        assert skips == ([] if mode == "off" else ["failed"])
        proxy.replace(attrs.evolve(proxy.settings, too_large="refuse"), {"up": Broken(document)})
        assert (await exchange(proxy, request("GET", "/echo"))).status == (502 if mode == "enforce" else 200)


@pytest.mark.parametrize(
    ("upstreams", "setting"),
    [
        ([], "upstreams"),
        ([UpstreamSettings(name="a", url="http://x"), UpstreamSettings(name="a", url="http://y")], "upstreams.name"),
        ([UpstreamSettings(name="a/b", url="http://x")], "upstreams.a/b.name"),
        ([UpstreamSettings(name="a", url="ftp://x")], "upstreams.a.url"),
        ([UpstreamSettings(name="a", url="http://u:p@x")], "upstreams.a.url"),
        ([UpstreamSettings(name="a", url="http://x?q=1")], "upstreams.a.url"),
        ([UpstreamSettings(name="other", url="http://x")], "upstreams.other.spec"),
        ([UpstreamSettings(name="a", url="http://x", operations={"no": Policy()})], "upstreams.a.operations"),
        ([UpstreamSettings(name="a", url="http://x", headers={"A b": "c"})], "upstreams.a.headers"),
        ([UpstreamSettings(name="a", url="http://x", headers={"A": "c\r\nX: d"})], "upstreams.a.headers"),
        ([UpstreamSettings(name="a", url="http://x", ca_file="/nowhere")], "upstreams.a.ca_file"),
    ],
)
def test_a_wrong_setting_is_named(upstreams: list[UpstreamSettings], setting: str) -> None:
    """The start stops."""
    contract = Contract({"openapi": "3.1.0", "info": {}, "paths": {}})
    with pytest.raises(ConfigError) as caught:
        Proxy(ProxySettings(upstreams=tuple(upstreams)), {"a": contract, "a/b": contract})
    assert caught.value.setting == setting


@pytest.mark.parametrize(
    ("host", "keys", "headers", "is_fine"),
    [
        ("0.0.0.0", (), {}, True),
        ("0.0.0.0", (), {"Authorization": "Bearer own"}, False),
        ("::", (), {"Authorization": "Bearer own"}, False),
        ("0.0.0.0", ("key",), {"Authorization": "Bearer own"}, True),
        ("127.0.0.1", (), {"Authorization": "Bearer own"}, True),
        ("localhost", (), {"Authorization": "Bearer own"}, True),
    ],
)
def test_own_credentials_are_not_lent_to_everybody(
    host: str, keys: tuple[str, ...], headers: dict[str, str], *, is_fine: bool
) -> None:
    """With credentials of its own it listens on loopback only, unless callers must send a key."""
    upstream = UpstreamSettings(name="up", url="http://x", headers=headers)
    made = ProxySettings(upstreams=(upstream,), host=host, inbound_keys=keys, policy=Policy(mode="off"))
    if is_fine:
        Proxy(made, {})
    else:
        with pytest.raises(ConfigError) as caught:
            Proxy(made, {})
        assert caught.value.setting == "inbound_keys"
