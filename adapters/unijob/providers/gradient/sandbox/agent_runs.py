"""Evaluation runs of agents: a test case, run against each of some agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.gradient.sandbox import evaluations
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Plan, moment
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record

KIND = "gradient:evaluation_run"
TEST_CASE = "gradient:evaluation_test_case"

LIFE = Life(
    outcomes=evaluations.OUTCOMES,
    settings={
        **evaluations.SETTINGS,
        "passed": Setting(default=True, type=bool, about="whether the agent passes, where the run ends well"),
    },
    example={"test_case_uuid": "case", "agent_uuids": ["agent"]},
)


def create(call: Call) -> Reply:
    """Start a run for each agent."""
    body: dict[str, Any] = call.body or {}
    case = body.get("test_case_uuid")
    agents = [("agent_uuid", uuid) for uuid in body.get("agent_uuids", ())]
    agents += [("agent_deployment_name", name) for name in body.get("agent_deployment_names", ())]
    if not case or not agents:
        name = "agent_uuids" if case else "test_case_uuid"
        raise Refusal("invalid", f"{name} is required", parameter=name)
    if call.world.is_absent(TEST_CASE, case):
        raise Refusal("not_found", "test case not found")
    return Reply({"evaluation_run_uuids": [_begin(call, case, agent, body.get("run_name")) for agent in agents]})


def _begin(call: Call, case: str, agent: tuple[str, str], name: str | None) -> str:
    data = {"case": case, "agent": agent, "name": name or f"run of {case}"}
    return call.world.create(KIND, call.world.ids.next_uuid(KIND), call.now, data).id


def get(call: Call) -> Reply:
    """Read a run."""
    record = call.world.find(KIND, call.path["evaluation_run_uuid"], call.now)
    if record is None:
        raise Refusal("not_found", "evaluation run not found")
    return Reply({"evaluation_run": _view(record, call)})


def _view(record: Record, call: Call) -> dict[str, Any]:
    ids, script = call.world.ids, record.script
    plan = Plan(
        created_at=record.created_at,
        outcome=script["outcome"],
        items=2,
        queued=script["queued"],
        duration=script["duration"],
        finalizing=0.4,
    )
    found = moment(plan, record.events, call.now)
    attribute, agent = record.data["agent"]
    view: dict[str, Any] = {
        "evaluation_run_uuid": record.id,
        "run_name": record.data["name"],
        "status": f"EVALUATION_RUN_{evaluations.status(found)}",
        "test_case_uuid": record.data["case"],
        "test_case_name": f"test case {ids.of('case', record.data['case'])[:6]}",
        "test_case_version": 1,
        attribute: agent,
        "agent_name": f"agent {ids.of('agent', agent)[:6]}",
        "agent_version_hash": ids.of("version", agent),
        "agent_deleted": False,
        "created_by_user_id": str(ids.number_of(1_000_000, 99_999_999, "user")),
        "created_by_user_email": "user@sandbox.invalid",
        **evaluations.times(found, "queued_at", "finished_at"),
    }
    if found.outcome in {"partial", "failed"}:
        view["error_description"] = script["message"]
    if found.outcome in {"succeeded", "partial"}:
        low, high = (80, 99) if script["passed"] else (20, 60)
        score = float(ids.number_of(low, high, "score", record.id))
        star = evaluations.result(ids.uuid_of("metric"), evaluations.METRIC, score)
        view |= {"pass_status": script["passed"], "star_metric_result": star, "run_level_metric_results": [star]}
    return view


HANDLERS: Mapping[str, Handler] = {
    "genai_run_evaluation_test_case": create,
    "genai_get_evaluation_run": get,
}
