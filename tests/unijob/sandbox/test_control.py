"""The sandbox's own settings over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.sandbox.plain import RUN, RUNS, Plain
from unijob import registry
from unijob.sandbox import Sandbox


async def test_it_describes_itself(sandbox: Sandbox, plain: Plain) -> None:
    """Where the providers are, what scripts and faults may be, which paths there are."""
    about = await plain.get("-/", token=None)
    assert about["providers"]["mka1"] == {"url": sandbox.url("mka1"), "revision": registry.revisions("mka1")[-1]}
    assert about["now"] == "2026-01-01T00:00:00Z"
    assert about["scripts"]["mka1:eval_run"]["outcomes"] == ["succeeded", "partial", "failed", "cancelled"]
    assert about["faults"]["rate_limit"]["retry_after"]["default"] == 1
    assert "mka1:vector_store" in about["parents"]
    for path, methods in about["paths"].items():
        if "GET" in methods:
            await plain.get(path[1:])


async def test_the_clock_is_moved(plain: Plain) -> None:
    """Time moves by what was asked."""
    assert await plain.post("-/clock", {"advance": 30.5}) == {"now": "2026-01-01T00:00:30.5Z"}
    assert await plain.get("-/clock") == {"now": "2026-01-01T00:00:30.5Z"}


async def test_scripts_are_put_in_force_and_taken_back(plain: Plain) -> None:
    """A script set over HTTP is that of the next job."""
    made = await plain.post("-/scripts", {"kind": "mka1:eval_run", "items": 7})
    assert (made["times"], made["items"], made["outcome"]) == (1, 7, "succeeded")
    assert [each["items"] for each in (await plain.get("-/scripts"))["scripts"] if each["times"] == 1] == [7]
    assert (await plain.post(RUNS, RUN))["request_counts"]["total"] == 7
    await plain.post("-/scripts", {"kind": "mka1:eval_run", "items": 8, "times": None})
    await plain.send("DELETE", "-/scripts")
    assert (await plain.post(RUNS, RUN))["request_counts"]["total"] == 20


async def test_faults_are_put_in_force_and_taken_back(plain: Plain) -> None:
    """A fault set over HTTP strikes; each, or all, can be taken back."""
    one = await plain.post("-/faults", {"effect": "error", "operation": "listEvalRuns", "status": 502, "times": 9})
    two = await plain.post("-/faults", {"effect": "drop"})
    assert (await plain.send("GET", RUNS)).status == 502
    assert [(each["id"], each["hits"]) for each in (await plain.get("-/faults"))["faults"]] == [
        (one["id"], 1),
        (two["id"], 0),
    ]
    assert (await plain.send("DELETE", f"-/faults/{one['id']}")).json == {"removed": one["id"]}
    gone = await plain.send("DELETE", f"-/faults/{one['id']}")
    assert (gone.status, gone.json["error"]) == (404, "there is no fault 'fault-1': there are fault-2")
    assert (await plain.send("DELETE", "-/faults")).json == {"faults": []}
    assert (await plain.send("GET", RUNS)).status == 200


async def test_parents_are_taken_away(plain: Plain) -> None:
    """A suite that is not there has no runs."""
    absent = await plain.post("-/absent", {"kind": "mka1:eval_suite", "id": RUN["suite_id"]})
    assert absent == {"absent": [{"kind": "mka1:eval_suite", "id": RUN["suite_id"]}]}
    assert (await plain.send("POST", RUNS, json=RUN)).status == 404
    await plain.send("DELETE", "-/absent")
    assert (await plain.send("POST", RUNS, json=RUN)).status == 200


async def test_requests_are_listed_without_credentials(sandbox: Sandbox, plain: Plain) -> None:
    """Each request to a provider, with what it led to; never a token; nothing of `/-/`."""
    await plain.get(f"{RUNS}?limit=5", headers={"X-On-Behalf-Of": "someone"})
    await plain.send("GET", "mka1/nowhere", token="another-token")
    reply = await plain.send("GET", "-/requests")
    first, second = reply.json["requests"]
    assert (first["provider"], first["method"], first["operation"], first["status"]) == (
        "mka1",
        "GET",
        "listEvalRuns",
        200,
    )
    assert (first["path"], first["query"]) == ("/api/v1/llm/evals/runs", "limit=5")
    assert (second["operation"], second["status"]) == (None, 401)
    assert sandbox.token.encode() not in reply.body
    assert b"another-token" not in reply.body
    assert (await plain.send("DELETE", "-/requests")).json == {"requests": []}


async def test_all_is_forgotten_but_the_time(plain: Plain) -> None:
    """After a reset there is nothing, ids start anew, and the clock goes on."""
    first = await plain.post(RUNS, RUN)
    await plain.post("-/faults", {"effect": "error"})
    await plain.post("-/clock", {"advance": 5})
    assert await plain.post("-/reset") == {"now": "2026-01-01T00:00:05Z"}
    assert (await plain.get(RUNS))["data"] == []
    assert (await plain.post(RUNS, RUN))["id"] == first["id"]


@pytest.mark.parametrize(
    ("path", "body", "argument", "wanted"),
    [
        ("clock", {"advance": "soon"}, "advance", "a number of seconds"),
        ("clock", {"advance": -1}, "advance", "0 or more"),
        ("clock", {"forward": 1}, "forward", "it takes advance"),
        ("scripts", {"items": 3}, "kind", "must name a kind"),
        ("scripts", {"kind": "mka1:walk"}, "kind", "mka1:eval_run"),
        ("scripts", {"kind": "mka1:eval_run", "items": -1}, "items", "a whole number from 0"),
        ("scripts", {"kind": "mka1:eval_run", "times": 0}, "times", "1 or more"),
        ("faults", {}, "effect", "rate_limit"),
        ("faults", {"effect": "error", "operation": "nope"}, "operation", "getEvalRun"),
        ("faults", {"effect": "error", "status": 200}, "status", "from 400 to 599"),
        ("absent", {"kind": "mka1:eval_run"}, "kind", "mka1:eval_suite"),
        ("absent", {"kind": "mka1:eval_suite", "id": 3}, "id", "text"),
        ("reset", {"what": "all"}, "what", "it takes nothing"),
    ],
)
async def test_what_is_wrong_is_told(plain: Plain, path: str, body: Any, argument: str, wanted: str) -> None:
    """400 says what was wrong, where, and what would be right."""
    reply = await plain.send("POST", f"-/{path}", json=body)
    assert (reply.status, reply.json["argument"]) == (400, argument)
    assert wanted in reply.json["error"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"3"])
async def test_a_body_that_is_no_object(plain: Plain, body: bytes) -> None:
    """Only JSON objects are taken."""
    reply = await plain.send("POST", "-/clock", data=body)
    assert (reply.status, reply.json["argument"]) == (400, "body")


async def test_paths_and_methods_that_are_not_there(plain: Plain) -> None:
    """404 lists the paths, 405 the methods."""
    unknown = await plain.send("GET", "-/clocks")
    assert unknown.status == 404
    assert "/-/clock" in unknown.json["error"]
    wrong = await plain.send("PUT", "-/clock")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET, POST")
    assert (await plain.send("GET", "elsewhere/x")).status == 404
