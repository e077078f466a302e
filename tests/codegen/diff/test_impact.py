"""What becomes of the job kinds that read what changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.codegen.diff.making import ROOT, spec
from unijob_codegen.diff.changes import Impact
from unijob_codegen.diff.report import report

MKA1, GRADIENT = "specs/mka1/2026-10.yaml", "specs/gradient/2026-08.yaml"

Edit = Callable[[dict[str, Any], dict[str, Any]], object]


class Find(Protocol):
    """Gives the impact of an edit of a spec's schemas (and of its document)."""

    def __call__(self, edit: Edit, path: str = ..., **info: Any) -> list[Impact]: ...


@pytest.fixture
def impact(tmp_path: Path) -> Find:
    """Give the impact of an edit of a spec's schemas (and of its document)."""

    def find(edit: Edit, path: str = MKA1, **info: Any) -> list[Impact]:
        content = spec(path)
        content["info"].update(info)
        files = [tmp_path / "old.json", tmp_path / "new.json"]
        files[0].write_text(json.dumps(content))
        edited = copy.deepcopy(content)
        edit(edited["components"]["schemas"], edited)
        files[1].write_text(json.dumps(edited))
        (comparison,) = report(ROOT, str(files[0]), str(files[1]))
        assert comparison.changes
        assert comparison.note is None
        return [each for change in comparison.changes for each in change.impact]

    return find


def remove(schema: dict[str, Any], name: str) -> None:
    del schema["properties"][name]
    schema["required"] = [each for each in schema.get("required", []) if each != name]


def test_removed(impact: Find) -> None:
    """A property that the adapter reads and that went: the Job would lack what was made of it."""
    (found,) = impact(lambda schemas, _: remove(schemas["FeedbackExport"], "start_time"))
    assert found.text == "`mka1:feedback_export` reads `start_time`: now absent; its Job would have no started_at"
    assert (found.kind, found.effect, found.reads) == ("mka1:feedback_export", "lost", "start_time")
    assert (found.fields, found.settled) == (("started_at",), False)


def test_renamed_otherwise(impact: Find) -> None:
    """A property under quite another name is absent for the adapter."""

    def edit(schemas: dict[str, Any], _: object) -> None:
        properties = schemas["FeedbackExport"]["properties"]
        properties["began"] = properties.pop("start_time")

    (found,) = impact(edit)
    assert found.fields == ("started_at",)


def test_renamed_with_another_type(impact: Find) -> None:
    """A rename to the same attribute with another type, that no generated revision has yet, is work to do."""

    def edit(schemas: dict[str, Any], _: object) -> None:
        properties = schemas["FeedbackExport"]["properties"]
        del properties["start_time"]
        properties["startTime"] = {"type": "integer"}

    (found,) = impact(edit)
    assert (found.effect, found.fields, found.settled) == ("lost", ("started_at",), False)
    assert "now integer; its Job would have no started_at" in found.text


def test_not_read(impact: Find) -> None:
    """A property that no adapter reads touches no kind."""
    assert impact(lambda schemas, _: remove(schemas["EvalRun"], "judge_model")) == []


def test_nested(impact: Find) -> None:
    """A change deep in the answer is traced to the field of the Job, through envelopes and lists."""
    (found,) = impact(lambda schemas, _: remove(schemas["IndexedDataSource"], "started_at"), GRADIENT)
    assert (found.kind, found.fields) == ("gradient:indexing_job", ("parts[].started_at",))


def test_identity(impact: Find) -> None:
    """Without its identity or status a Job cannot be read."""
    (found,) = impact(lambda schemas, _: remove(schemas["EvalRun"], "status"))
    assert found.effect == "unreadable"
    assert found.text.startswith("`mka1:eval_run` reads `status`: now absent; its Job could not be read")


def test_optional_and_nullable(impact: Find) -> None:
    """What may be missing now might be missing from the Job."""

    def optional(schemas: dict[str, Any], _: object) -> None:
        schemas["EvalRun"]["required"].remove("cost_usd")

    (found,) = impact(optional)
    assert found.text == (
        "`mka1:eval_run` reads `cost_usd`: may now be absent; its Job might have no result.usage.cost_usd"
    )

    def nullable(schemas: dict[str, Any], _: object) -> None:
        schemas["EvalRun"]["properties"]["created_at"]["type"] = ["integer", "null"]

    (found,) = impact(nullable)
    assert found.fields == ("created_at",)
    assert "may now be null; its Job might have no created_at" in found.text


@pytest.mark.parametrize("schema", [{"type": "string"}, {"type": "boolean"}, {"type": "array", "items": {}}])
def test_type(impact: Find, schema: dict[str, Any]) -> None:
    """A value of another type that the adapter cannot read is lost."""

    def edit(schemas: dict[str, Any], _: object) -> None:
        schemas["EvalSchedule"]["properties"]["next_run_at"] = schema

    (found,) = impact(edit)
    assert (found.kind, found.effect, found.fields) == ("mka1:eval_schedule", "lost", ("next_run_at",))


def test_only_one_of_two_is_set(impact: Find) -> None:
    """What is read only while something else is missing is found too."""
    (found,) = impact(lambda schemas, _: remove(schemas["EvalSchedule"], "interval_seconds"))
    assert found.fields == ("trigger",)


def test_unlisted_status(impact: Find) -> None:
    """A status that no table lists names the table, its module and the state."""
    (found,) = impact(lambda schemas, _: schemas["EvalRunStatus"]["enum"].append("paused"))
    assert (found.effect, found.settled) == ("unlisted", False)
    assert found.text == (
        "`mka1:eval_run` does not list `paused` in its table of EvalRunStatus (unijob.providers.mka1.eval_run): "
        "its Job would be `unknown`"
    )


def test_listed_status(impact: Find, tmp_path: Path) -> None:
    """A status that came and that a table lists already says which state it has."""
    content = spec(MKA1)
    values = content["components"]["schemas"]["FeedbackExportStatus"]["enum"]
    values.remove("TIMED_OUT")
    values.remove("NOT_FOUND")
    (tmp_path / "old.json").write_text(json.dumps(content))
    (comparison,) = report(ROOT, str(tmp_path / "old.json"), MKA1)
    assert sorted(each.text for change in comparison.changes for each in change.impact) == [
        "`mka1:feedback_export` lists `NOT_FOUND` already: no such job",
        "`mka1:feedback_export` lists `TIMED_OUT` already: state `timed_out`",
    ]
    assert impact(lambda schemas, _: schemas["FeedbackExportStage"]["enum"].append("resting")) == []


def test_second_signal(impact: Find) -> None:
    """Each of several status tables of one kind is found by its values."""
    (found,) = impact(
        lambda schemas, _: schemas["DataSourceStatus"]["enum"].append("DATA_SOURCE_STATUS_LOST"), GRADIENT
    )
    assert "in its table of DataSourceStatus (unijob.providers.gradient.indexing_job)" in found.text


def test_operation_removed(impact: Find) -> None:
    """A kind whose operation went loses a capability."""

    def edit(_: object, content: dict[str, Any]) -> None:
        del content["paths"]["/api/v1/llm/evals/runs/{run_id}/cancel"]

    (found,) = impact(edit)
    assert (found.effect, found.text) == ("capability-lost", "`mka1:eval_run` could no longer cancel")


def test_request(impact: Find) -> None:
    """A kind that sends what changed for the worse is named; for an addition it may leave out, not."""

    def edit(schemas: dict[str, Any], _: object) -> None:
        schemas["EvalRunRequest"]["properties"]["budget"] = {"type": "number"}

    assert impact(edit) == []

    def must(schemas: dict[str, Any], content: dict[str, Any]) -> None:
        edit(schemas, content)
        schemas["EvalRunRequest"]["required"].append("budget")

    (found,) = impact(must)
    assert (found.effect, found.text) == ("request", "`mka1:eval_run` sends createEvalRun (start)")


def test_provider_by_operations(impact: Find) -> None:
    """A document that names no provider is matched by its operation ids."""
    told: dict[str, Any] = {"x-unijob-provider": None, "x-unijob-revision": None}
    (found,) = impact(lambda schemas, _: remove(schemas["FeedbackExport"], "start_time"), path=MKA1, **told)
    assert found.fields == ("started_at",)


def test_unknown_provider(tmp_path: Path) -> None:
    """Of a document that belongs to no provider the report says that no impact is known."""
    text = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {operationId: %s, responses: {}}}}\n"
    for name in ("old", "new"):
        (tmp_path / f"{name}.yaml").write_text(text % name)
    (comparison,) = report(ROOT, str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"))
    assert comparison.note == "no impact on job kinds: these are no documents of a provider that unijob knows"


def test_broken_adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    """While adapters and generated code do not fit together, the changes are told all the same."""

    def broken(*_: object) -> None:
        raise AttributeError("module has no attribute 'EvalRun'")

    monkeypatch.setattr("unijob_codegen.diff.impact.with_impact", broken)
    (comparison,) = report(ROOT, "mka1@2026-07", "mka1@2026-10")
    assert len(comparison.changes) == 48
    assert comparison.note is not None
    assert "no attribute 'EvalRun'" in comparison.note
