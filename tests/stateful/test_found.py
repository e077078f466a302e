"""What the machine has found, each as an example of its own."""

from __future__ import annotations

from tests.stateful.scenes import begun, drawn, first
from unijob import StartUncertain


def test_a_last_answer_that_is_slow_ends_a_wait_for_many() -> None:
    """The wait went round in circles, with nobody left to ask for."""
    machine = begun("gradient:indexing_job", duration=0.0)
    machine.go_wrong(("latency", {"seconds": 5.0}), "gradient", 1)
    machine.wait_all([first(machine)], {})
    machine.teardown()


def test_a_start_whose_answer_is_no_json() -> None:
    """It was told as an answer that breaks its contract, as if nothing ran."""
    machine = begun("mka1:eval_run")
    machine.go_wrong(("not_json", {"status": 200}), "mka1", 1)
    machine.start(drawn({}), "mka1:eval_run", lost=False)
    assert isinstance(machine.judge.calls[-1].error, StartUncertain)
    machine.teardown()


def test_an_export_that_started_and_cannot_be_read() -> None:
    """It was told as an error, as if nothing ran."""
    machine = begun("mka1:feedback_export", duration=0.0)
    operation = "getExportStatus"
    machine.upstream.fault("error", provider="mka1", operation=operation, after=1, times=4)
    machine.start(drawn({}), "mka1:feedback_export", lost=False)
    assert machine.judge.calls[-1].error is None
    machine.teardown()
