"""Evaluation runs of models: what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.gradient.sandbox import evaluations, lists
from unijob.providers.gradient.sandbox.judging import KIND, Judging
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Event, Stage
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record

DATASET = "gradient:evaluation_dataset"
PATH = "/v2/gen-ai/model_evaluation_runs"

LIFE = Life(
    outcomes=evaluations.OUTCOMES,
    settings={
        **evaluations.SETTINGS,
        "items": Setting(default=20, type=int, minimum=1, maximum=10_000, about="rows of the dataset"),
        "cancelling": Setting(default=1.0, type=float, about="seconds from asking it to stop until it has"),
        "failed_items": Setting(default=None, type=int, about="rows that are not judged where it ends partially"),
    },
    example={"candidate_model_uuid": "model", "judge_model_uuid": "judge", "dataset_uuid": "dataset"},
)
_NEEDED = ("candidate_model_uuid", "judge_model_uuid", "dataset_uuid")


def create(call: Call) -> Reply:
    """Start a run: by a preset, or with the two models and the dataset."""
    body: dict[str, Any] = call.body or {}
    missing = next((name for name in _NEEDED if not body.get(name)), None)
    if missing is not None and not body.get("eval_preset_uuid"):
        raise Refusal("invalid", f"{missing} is required without a preset", parameter=missing)
    if call.world.is_absent(DATASET, body.get("dataset_uuid", "")):
        raise Refusal("not_found", "dataset not found")
    identity = call.world.ids.next_uuid(KIND)
    preset = body.get("eval_preset_uuid")
    made_up = {name: call.world.ids.uuid_of(name, preset) for name in _NEEDED}
    data = {"name": f"run {identity[:6]}", "candidate_model_source": "CANDIDATE_MODEL_SOURCE_SERVERLESS"}
    call.world.create(KIND, identity, call.now, {**data, **made_up, **body})
    return Reply({"eval_run_uuid": identity})


def get(call: Call) -> Reply:
    """Read a run, and a page of what came of its rows."""
    judging = _found(call)
    rows = judging.rows(call.now)
    return Reply({"run": judging.view(call.now), **lists.page(call, "results", rows, f"{PATH}/{judging.record.id}")})


def update(call: Call) -> Reply:
    """Rename a run."""
    judging = _found(call)
    body: dict[str, Any] = call.body or {}
    lists.check_same(body, eval_run_uuid=judging.record.id)
    judging.record.data["name"] = body.get("name", judging.record.data["name"])
    return Reply({"run": judging.summary(call.now)})


def delete(call: Call) -> Reply:
    """Delete a run that has ended. A refusal is no error of HTTP: the answer says so."""
    judging = _found(call)
    if not judging.moment(call.now).ended:
        return Reply({"status": "DELETE_MODEL_EVALUATION_RUN_STATUS_FAIL", "error": "the run is still at work"})
    call.world.remove(judging.record)
    return Reply({"status": "DELETE_MODEL_EVALUATION_RUN_STATUS_SUCCESS"})


def cancel(call: Call) -> Reply:
    """Ask a run to stop. Asking again while it stops changes nothing."""
    judging = _found(call)
    lists.check_same(call.body or {}, eval_run_uuid=judging.record.id)
    now = judging.moment(call.now)
    if now.ended:
        raise Refusal("conflict", "the model evaluation run has already ended")
    if now.stage is not Stage.CANCELLING:
        judging.record.events.append(Event("cancel", call.now))
    return Reply({"run": judging.summary(call.now)})


def list_all(call: Call) -> Reply:
    """List runs by what is asked for, descending (the newest first) unless asked otherwise."""
    records = call.world.all(KIND, call.now)
    found = [_judging(record, call).summary(call.now) for record in reversed(records) if _is_wanted(record, call)]
    statuses, sources = ({view[name] for view in found} for name in ("status", "candidate_model_source"))
    wanted = {*call.query.get("statuses", ()), *filter(None, [call.query.get("status")])}
    views = [view for view in found if not wanted or view["status"] in wanted]
    if call.query.get("sort_by") == "MODEL_EVALUATION_RUN_SORT_FIELD_STATUS":
        views.sort(key=lambda view: view["status"], reverse=True)
    if call.query.get("sort_direction") == "SORT_DIRECTION_ASC":
        views.reverse()
    available = {"available_statuses": sorted(statuses), "available_candidate_types": sorted(sources)}
    return Reply({**available, **lists.page(call, "runs", views, PATH)})


def _is_wanted(record: Record, call: Call) -> bool:
    data, query = record.data, call.query
    return (
        query.get("eval_preset_uuid", data.get("eval_preset_uuid")) == data.get("eval_preset_uuid")
        and data["candidate_model_source"] in query.get("candidate_types", [data["candidate_model_source"]])
        and query.get("search", "").lower() in data["name"].lower()
    )


def _judging(record: Record, call: Call) -> Judging:
    return Judging(record, call.world)


def _found(call: Call) -> Judging:
    record = call.world.find(KIND, call.path["eval_run_uuid"], call.now)
    if record is None:
        raise Refusal("not_found", "model evaluation run not found")
    return _judging(record, call)


HANDLERS: Mapping[str, Handler] = {
    "genai_list_model_evaluation_runs": list_all,
    "genai_create_model_evaluation_run": create,
    "genai_get_model_evaluation_run": get,
    "genai_update_model_evaluation_run": update,
    "genai_delete_model_evaluation_run": delete,
    "genai_cancel_model_evaluation_run": cancel,
}
