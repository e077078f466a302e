"""From a payload to a Job: lenient, strict, and by which revision."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unijob.providers.payloads import NEWEST, load, text
from unijob import registry
from unijob.errors import ContractViolation, InvalidArgument, JobNotFound
from unijob.job import Job, JobState
from unijob.parsing import interpret, parse, read, read_items
from unijob.ref import JobRef
from unijob.schedule import Schedule

RUN = "mka1:eval_run"
RUN_ID = "eval_run_aa87e2b1112a455b8deabed784372198"
ALL_KINDS = ", ".join(registry.kind_names())


def run(**fields: Any) -> dict[str, Any]:
    """The documented run of 2026-10, with other fields."""
    found: dict[str, Any] = load("2026-10/eval_run_list")["data"][0]
    return found | fields


def nested(depth: int) -> Any:
    """Arrays in arrays."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


# --- What is read ------------------------------------------------------------------------------------------------


def as_bytearray(text: str) -> bytearray:
    """Text in a buffer."""
    return bytearray(text, "utf-8")


@pytest.mark.parametrize("form", [str, str.encode, as_bytearray, json.loads])
@pytest.mark.parametrize("kind", [RUN, f"{RUN}/{RUN_ID}", JobRef("mka1", "eval_run", (RUN_ID,))])
def test_bytes_text_and_data_read_alike(form: Callable[[str], Any], kind: str | JobRef) -> None:
    """A payload is taken as bytes, text or decoded, for a kind or a reference."""
    assert parse(kind, form(json.dumps(run()))) == parse(RUN, run())


@pytest.mark.parametrize(
    ("kind", "name", "what"),
    [
        ("mka1:feedback_export", "seeds/feedback_export", Job),
        ("mka1:file_batch", "seeds/file_batch", Job),
        ("mka1:eval_schedule", "seeds/eval_schedule", Schedule),
        ("gradient:indexing_job", "seeds/indexing_job", Job),
    ],
)
def test_the_seeds_fit_their_contracts(kind: str, name: str, what: type) -> None:
    """Each documented payload is read strictly, by kind and by its own reference, to the same thing."""
    found = parse(kind, text(name), strict=True)
    assert isinstance(found, what)
    assert parse(str(found.ref), text(name), strict=True) == found


@pytest.mark.parametrize(
    "payload", [b"", b"{", "", " ", "nonsense", b"\xff", "NaN", "[" * 100_000, '{"a":}', "\ufeff{}"]
)
@pytest.mark.parametrize("strict", [True, False])
def test_what_is_no_json(payload: bytes | str, strict: bool) -> None:  # noqa: FBT001
    """Bytes or text that are no JSON are a violation."""
    with pytest.raises(ContractViolation, match="not JSON") as caught:
        parse(RUN, payload, strict=strict)
    assert [violation.keyword for violation in caught.value.violations] == ["parse"]


@pytest.mark.parametrize("payload", [None, True, 5, 1.5, [], {}, [run()], {"job": run()}, {1: 2}, object()])
def test_what_is_no_answer(payload: Any) -> None:
    """Decoded data of another form is a violation, whatever it is."""
    with pytest.raises(ContractViolation):
        parse(RUN, payload)


# --- Names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("mka1:eval_runs", "there is no kind 'mka1:eval_runs': did you mean mka1:eval_run?"),
        ("openai:batch/b1", f"there is no kind 'openai:batch': it may be {ALL_KINDS}"),
        ("eval_run", "write 'provider:kind/id'"),
        ("", "write 'provider:kind/id'"),
        ("mka1@prod:eval_run", "write 'mka1:eval_run/{run_id}'"),
        ("mka1:eval_run/a/b", "write 'mka1:eval_run/{run_id}'"),
        ("mka1:file_batch/vs", "write 'mka1:file_batch/{vector_store_id}/{batch_id}'"),
        ("mka1:feedback_export/a/b", "write 'mka1:feedback_export/{start_time}'"),
    ],
)
def test_wrong_kinds_and_references(kind: str, hint: str) -> None:
    """What names no kind is refused with what it may be."""
    with pytest.raises(InvalidArgument) as caught:
        parse(kind, run())
    assert hint in str(caught.value)


def test_an_unknown_revision() -> None:
    """A revision that there is not is refused with those that there are."""
    with pytest.raises(InvalidArgument, match=r"no revision '2025-01': it may be 2026-07, 2026-10"):
        parse(RUN, run(), revision="2025-01")


# --- Lenient -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", [name for name in run() if name not in {"id", "object", "status"}])
@pytest.mark.parametrize("value", ["absent", None, True, -1, 1.5, "x", [], [None], {}, {"a": {}}])
def test_anything_but_identity_and_status_may_be_missing_or_garbage(field: str, value: Any) -> None:
    """No other field stops a wait; each breach of the contract is a warning that names its place."""
    payload = run(status="completed", **{field: value})
    if value == "absent":
        del payload[field]
    found = parse(RUN, payload, revision="2026-10")
    assert isinstance(found, Job)
    assert found.is_terminal
    breaches = registry.contract("mka1", "2026-10").check_response("getEvalRun", 200, payload)
    for breach in breaches:
        assert breach.drift or any(warning.startswith(breach.target) for warning in found.warnings), breach


def test_a_whole_object_of_garbage() -> None:
    """Identity and status suffice."""
    found = parse(RUN, {"id": "a", "object": "eval.run", "status": "failed"}, revision="2026-10")
    assert isinstance(found, Job)
    assert (found.state, str(found.ref)) == (JobState.FAILED, "mka1:eval_run/a")
    assert len([warning for warning in found.warnings if warning.endswith("is missing")]) == len(run()) - 3


def test_undocumented_fields_are_kept_without_a_word() -> None:
    """What the contract does not know is in the source, and no reason to warn."""
    found = parse(RUN, run(brand_new=[1]))
    assert found.warnings == ()
    assert found.source.additional_properties == {"brand_new": [1]}


def test_unknown_values_elsewhere_are_warned_of() -> None:
    """An enum value that no contract lists is a warning, once."""
    found = parse("mka1:eval_schedule", load("seeds/eval_schedule") | {"overlap_policy": "merge"})
    assert isinstance(found, Schedule)
    assert found.overlap_policy == "merge"
    assert len(found.warnings) == 1
    assert "overlap_policy" in found.warnings[0]


def test_an_unlisted_status_is_warned_of_once() -> None:
    """The unknown status is one warning, not one of the table and one of the contract."""
    assert parse(RUN, run(status="brand_new")).warnings == ("status: 'brand_new' is not a listed value",)


def test_integers_beyond_64_bits_are_unreadable() -> None:
    """A number that JSON allows and 64 bits do not hold is left out with a warning, wherever it stands."""
    for number in (2**64, 1e30, -(2**70)):
        found = parse(RUN, json.dumps(run(generation={"max_output_tokens": number})), revision="2026-10")
        assert found.source.status == "in_progress"
        assert any("/generation/max_output_tokens" in warning for warning in found.warnings)
        with pytest.raises(ContractViolation):
            parse(RUN, json.dumps(run(generation={"max_output_tokens": number})), strict=True)


@pytest.mark.parametrize("depth", [90, 150, 900, 5000])
def test_deep_nesting(depth: int) -> None:
    """However deep an error nests, the job is read and printed; what no writer of JSON can hold is left out."""
    found = parse(RUN, run(error={"at": nested(depth)}))
    printed = json.dumps(found.to_dict())
    assert (json.dumps(nested(depth))[1:-1] in printed) == (depth < 100) if depth < 900 else printed


def test_numbers_that_json_does_not_have() -> None:
    """NaN and Infinity in decoded data are not printed."""
    found = parse(RUN, run(error={"at": [float("nan"), float("inf"), 1.5]}, cost_usd=float("nan"), status="failed"))
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["error"]["details"] == {"at": [None, None, 1.5]}


# --- Strict ------------------------------------------------------------------------------------------------------


def test_strict_raises_with_all_violations() -> None:
    """Under strict every breach is raised at once, each with its JSON pointer; the message shows the first ones."""
    payload = run(created_at="x", models=[1, "a", 2], object="run", request_counts={"total": 1.5, "completed": 0})
    del payload["metadata"]
    with pytest.raises(ContractViolation) as caught:
        parse(RUN, payload, revision="2026-10", strict=True)
    assert {violation.target for violation in caught.value.violations} == {
        "/created_at",
        "/models/0",
        "/models/2",
        "/object",
        "/request_counts/total",
        "/request_counts/failed",
        "/metadata",
    }
    assert caught.value.revision == "2026-10"
    assert "and 4 more" in str(caught.value)


def test_strict_takes_drift() -> None:
    """What the contract does not know is no breach: an undocumented field, a new value of an enum."""
    found = parse(RUN, run(brand_new=1, status="brand_new"), strict=True)
    assert found.source.status == "brand_new"


def test_strict_in_an_envelope_points_into_the_answer() -> None:
    """The pointers of violations are those of the whole answer."""
    with pytest.raises(ContractViolation) as caught:
        parse("gradient:indexing_job", {"uuid": "u", "tokens": "x"}, strict=True)
    assert [violation.pointer for violation in caught.value.violations] == ["/job/tokens"]


def test_violations_do_not_quote_values() -> None:
    """A breach tells its place and what is wrong, not what stood there."""
    with pytest.raises(ContractViolation) as caught:
        parse(RUN, run(created_at="sk-secret", cost_usd="sk-secret", status=["sk-secret"]))
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(caught.value.violations)


# --- Revisions ---------------------------------------------------------------------------------------------------


def without(payload: dict[str, Any], *names: str) -> dict[str, Any]:
    """A payload without some of its fields."""
    return {name: value for name, value in payload.items() if name not in names}


@pytest.mark.parametrize(
    ("payload", "revision"),
    [
        (run(), NEWEST),
        (load("seeds/eval_run_list")["data"][0], "2026-07"),
        # one breach of the newest, none of the oldest, which has some fields undocumented
        (without(run(), "cost_usd"), "2026-07"),
        # a breach in both: then the fewest undocumented fields
        (without(run(), "cost_usd", "metrics") | {"created_at": None}, "2026-07"),
        (run(created_at=None), NEWEST),
    ],
)
def test_choice_of_revision(payload: dict[str, Any], revision: str) -> None:
    """The revision with the fewest violations, then the fewest undocumented fields, then the newest."""
    assert parse(RUN, payload).revision == revision


@pytest.mark.parametrize("revision", ["2026-07", "2026-10"])
def test_a_named_revision_is_taken(revision: str) -> None:
    """Who names a revision gets that one, fit or not."""
    assert parse(RUN, run(), revision=revision).revision == revision


# --- Answers -----------------------------------------------------------------------------------------------------


def test_a_page_of_jobs() -> None:
    """Each item of a page is a job, with the account that was asked; warnings stay with their item."""
    kind = registry.job_kind(RUN)
    page = load("2026-10/eval_run_list")
    page["data"] = [run(id="a"), run(id="b", created_at="x"), run(id="c")]
    del page["has_more"]
    answer = interpret("mka1", "listEvalRuns", 200, page, revision="2026-10")
    jobs = list(read_items(kind, kind.lists[0], answer, account="prod"))
    assert [str(job.ref) for job in jobs] == [f"mka1@prod:eval_run/{name}" for name in "abc"]
    assert [bool(job.warnings) for job in jobs] == [False, True, False]


@pytest.mark.parametrize("data", [[{"id": "a"}], [None], [5], "x", None, {}])
def test_a_page_of_garbage(data: Any) -> None:
    """An item without identity or status is a violation, and a page without items is read as empty or is one."""
    kind = registry.job_kind(RUN)
    page = load("2026-10/eval_run_list") | {"data": data}
    answer = interpret("mka1", "listEvalRuns", 200, page)
    if isinstance(data, list):
        with pytest.raises(ContractViolation):
            list(read_items(kind, kind.lists[0], answer))
    else:
        assert list(read_items(kind, kind.lists[0], answer)) == []


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_an_undocumented_success_is_read_as_the_documented_one(status: int) -> None:
    """A 2xx that the contract does not know carries what the one that it knows carries."""
    answer = interpret("mka1", "startExportFeedback", status, {"started": True, "status": "RUNNING"})
    assert answer.model.started is True
    assert answer.violations == ()
    broken = interpret("mka1", "getEvalRun", status, run(created_at="x"), revision="2026-10")
    assert [violation.target for violation in broken.violations] == ["/created_at"]


def test_another_operations_answer_is_read_by_the_same_kind() -> None:
    """A cancel answers with the batch; it is read as `get`'s answer is."""
    answer = interpret("mka1", "cancelVectorStoreFileBatch", 200, load("seeds/file_batch"))
    kind = registry.job_kind("mka1:file_batch")
    assert read(kind, answer) == parse("mka1:file_batch", load("seeds/file_batch"))


def test_a_job_not_found_is_not_a_violation() -> None:
    """NOT_FOUND fits the contract, and is an error all the same."""
    with pytest.raises(JobNotFound):
        parse("mka1:feedback_export", {"status": "NOT_FOUND"}, strict=True)


MODEL_RUN = "gradient:model_evaluation_run"


def test_what_is_wrong_beside_the_job_is_told() -> None:
    """A breach beside what the answer envelops is a warning, and under strict an error, as one within it is."""
    payload = {"run": {"eval_run_uuid": "e", "status": "MODEL_EVALUATION_RUN_QUEUED"}, "meta": None}
    job = parse(MODEL_RUN, payload)
    assert [warning for warning in job.warnings if warning.startswith("/meta: ")]
    with pytest.raises(ContractViolation):
        parse(MODEL_RUN, payload, strict=True)


def test_an_answer_without_its_job_is_no_job() -> None:
    """What has another property of the answer is the answer, not the job by itself."""
    with pytest.raises(ContractViolation) as caught:
        parse(f"{MODEL_RUN}/e", {"meta": None}, strict=True)
    assert [violation.pointer for violation in caught.value.violations] == ["/meta"]
    assert parse(f"{MODEL_RUN}/e", {"meta": {}}, strict=True).source == parse(f"{MODEL_RUN}/e", {}).source
