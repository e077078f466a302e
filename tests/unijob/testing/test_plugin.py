"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

ALONE = ("-p", "no:asyncio", "-p", "no:anyio")
PATIENCE = 120.0
"""Seconds after which a run hangs: in it, something waits for a time that stands still."""
USERS_CODE = '''
from unijob.sync import JobClient


def index(knowledge_base: str) -> str:
    """What a user of unijob wrote: nothing in it knows of a test."""
    with JobClient() as client:
        job = client.run("gradient:indexing_job", knowledge_base_uuid=knowledge_base, wait={"timeout": 7200})
    left = [part.id for part in job.parts if part.state != "succeeded"]
    return f"{job.state}, {len(left)} of {len(job.parts)} left"
'''
TEST = """
from indexing import index


def test_partial(unijob_sandbox):
    unijob_sandbox.script("gradient:indexing_job", outcome="partial", items=4, duration=3600)
    assert index("20cd8434-6ea1-11f0-bf8f-4e013e2ddde4") == "partial, 1 of 4 left"
"""
ASYNC_BODY = """
    unijob_sandbox.script("mka1:eval_run", outcome="failed", duration=3600)
    async with unijob.JobClient() as client:
        with pytest.raises(unijob.JobFailed):
            await client.run("mka1:eval_run", suite_id="eval_suite_1", models=["auto"])
"""


@pytest.fixture
def users(pytester: pytest.Pytester) -> pytest.Pytester:
    """A user's project."""
    pytester.makepyfile(indexing=USERS_CODE)
    pytester.syspathinsert()
    return pytester


def test_ten_lines_tell_what_becomes_of_a_partial_end(users: pytest.Pytester) -> None:
    """Code that makes its own client reaches the sandbox, and an hour of its time is none of ours."""
    users.makepyfile(test_indexing=TEST)
    users.runpytest_subprocess(*ALONE, "-W", "error", timeout=PATIENCE).assert_outcomes(passed=1)


def test_it_needs_no_other_plugin(users: pytest.Pytester) -> None:
    """Without pytest-asyncio and anyio, an async client runs by `asyncio.run`."""
    users.makepyfile(
        f"import asyncio, pytest, unijob\ndef test(unijob_sandbox):\n  async def run():{ASYNC_BODY}  asyncio.run(run())"
    )
    users.runpytest_subprocess(*ALONE, "-W", "error", timeout=PATIENCE).assert_outcomes(passed=1)


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_it_goes_with_pytest_asyncio(users: pytest.Pytester, mode: str) -> None:
    """An async test takes the fixture as any other, in both modes."""
    users.makepyfile(f"import pytest, unijob\n@pytest.mark.asyncio\nasync def test(unijob_sandbox):{ASYNC_BODY}")
    options = ("-o", f"asyncio_mode={mode}", "-o", "asyncio_default_fixture_loop_scope=function")
    users.runpytest_subprocess(*options, "-W", "error", timeout=PATIENCE).assert_outcomes(passed=1)


def test_it_goes_with_anyio(users: pytest.Pytester) -> None:
    """As with pytest-asyncio."""
    users.makepyfile(
        f"import pytest, unijob\npytestmark = pytest.mark.anyio\nasync def test(unijob_sandbox):{ASYNC_BODY}\n"
        "@pytest.fixture\ndef anyio_backend(): return 'asyncio'"
    )
    users.runpytest_subprocess("-p", "no:asyncio", "-W", "error", timeout=PATIENCE).assert_outcomes(passed=1)


def test_the_marker_says_how_it_is_served(users: pytest.Pytester) -> None:
    """Markers are known, and what they say counts."""
    users.makepyfile("""
        import pytest, unijob.sync

        @pytest.mark.unijob_sandbox(seed=3, revisions={"mka1": "2026-07"}, check=True)
        def test(unijob_sandbox):
            with unijob.sync.JobClient() as client:
                assert client.run("mka1:feedback_export").revision == "2026-07"
    """)
    users.runpytest_subprocess(*ALONE, "-W", "error", "--strict-markers", timeout=PATIENCE).assert_outcomes(passed=1)


def test_a_failure_shows_what_was_received(users: pytest.Pytester) -> None:
    """The requests, what they were answered with and which fault struck; and only beside a failure."""
    users.makepyfile("""
        from unijob.sync import JobClient

        def test_fails(unijob_sandbox):
            unijob_sandbox.fault("error", operation="getEvalRun", status=500)
            with JobClient() as client:
                client.run("mka1:eval_run", suite_id="s", models=["auto"])
            assert False

        def test_fails_early(unijob_sandbox):
            assert False

        def test_holds(unijob_sandbox):
            pass

        def test_fails_without():
            assert False
    """)
    result = users.runpytest_subprocess(*ALONE, "-W", "error", timeout=PATIENCE)
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*- Captured unijob_sandbox call -*",
            "00:00:00 mka1 POST /api/v1/llm/evals/runs -> 200",
            "00:00:* mka1 GET /api/v1/llm/evals/runs/eval_run_* -> 500  (error)",
            "00:00:* mka1 GET /api/v1/llm/evals/runs/eval_run_* -> 200",
            "*- Captured unijob_sandbox call -*",
            "no request was received",
        ]
    )
    assert result.stdout.str().count("Captured unijob_sandbox call") == 2


def test_nothing_is_left_behind(users: pytest.Pytester) -> None:
    """After the test, clients are set up by the environment again, and go by the system's clock."""
    users.makepyfile("""
        import os, threading
        from unijob import SystemClock
        from unijob.client import job_client

        def test_first(unijob_sandbox):
            assert os.environ["MKA1_API_KEY"] == unijob_sandbox.token
            assert os.environ["NO_PROXY"] == "intranet,127.0.0.1"

        def test_then():
            assert "MKA1_API_KEY" not in os.environ
            assert os.environ["NO_PROXY"] == "intranet"
            assert job_client.SystemClock is SystemClock
            assert not [thread for thread in threading.enumerate() if thread.name == "unijob"]
    """)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MKA1_API_KEY", raising=False)
        patch.setenv("NO_PROXY", "intranet")
        users.runpytest_subprocess(*ALONE, "-W", "error", timeout=PATIENCE).assert_outcomes(passed=2)


def test_a_run_that_does_not_use_it_pays_nothing(users: pytest.Pytester) -> None:
    """Neither unijob nor what it needs is imported, and the plugin is a module of its own."""
    users.makepyfile("""
        import sys

        def test():
            heavy = {"unijob", "aiohttp", "attrs", "asyncio.base_events", "hypothesis"}
            assert not heavy & sys.modules.keys()
            assert "_unijob_pytest" in sys.modules
    """)
    others = ("-p", "no:hypothesispytest", "-p", "no:typeguard")
    users.runpytest_subprocess(*ALONE, *others, timeout=PATIENCE).assert_outcomes(passed=1)


def test_testing_needs_no_hypothesis() -> None:
    """Those who only want the sandbox need no extra."""
    code = "import sys; sys.modules['hypothesis'] = sys.modules['pytest'] = None; import unijob.testing"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
