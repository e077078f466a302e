"""Knowledge bases: those of the seed, those that were created, and those that jobs were started for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.gradient.sandbox import bases, data_sources, jobs, lists
from unijob.sandbox.clock import START, rfc3339
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply

KIND = bases.KIND
PATH = "/v2/gen-ai/knowledge_bases"
_SEEDED = 2
_SETTABLE = ("database_id", "embedding_model_uuid", "name", "project_id", "region", "reranking_config", "tags")


def create(call: Call) -> Reply:
    """Create a knowledge base with its data sources; its database takes a while to be online."""
    body: dict[str, Any] = call.body or {}
    if not body.get("name"):
        raise Refusal("invalid", "name is required", parameter="name")
    wanted = [data_sources.checked(call, source) for source in body.get("datasources", ())]
    record = call.world.create(KIND, call.world.ids.next_uuid(KIND), call.now, bases.new())
    record.data["fields"] = {name: body[name] for name in _SETTABLE if name in body}
    for source in wanted:
        data_sources.add(call, record.id, source)
    return _written(record.id, call)


def get(call: Call) -> Reply:
    """Read a knowledge base, with its last job."""
    uuid = bases.check(call, call.path["uuid"])
    record = call.world.find(KIND, uuid, call.now)
    is_creating = record is not None and call.now < record.created_at + record.script["creating"]
    status = "CREATING" if is_creating else "ONLINE"
    return Reply({"database_status": status, "knowledge_base": _view(uuid, call)})


def list_all(call: Call) -> Reply:
    """List knowledge bases."""
    seeded = [call.world.ids.uuid_of("knowledge base", place) for place in range(_SEEDED)]
    kept = [record.id for record in call.world.all(KIND, call.now)]
    used = [record.data["base"] for record in call.world.all(jobs.KIND, call.now)]
    known = [uuid for uuid in dict.fromkeys((*seeded, *kept, *used)) if not bases.is_gone(call.world, uuid, call.now)]
    return Reply(lists.page(call, "knowledge_bases", [_view(uuid, call) for uuid in known], PATH))


def update(call: Call) -> Reply:
    """Change a knowledge base; what is absent stays."""
    uuid = call.path["uuid"]
    body: dict[str, Any] = call.body or {}
    lists.check_same(body, uuid=uuid)
    record = bases.kept(call, uuid)
    record.data["fields"].update({name: body[name] for name in _SETTABLE if name in body})
    record.data["updated_at"] = call.now
    return _written(uuid, call)


def delete(call: Call) -> Reply:
    """Delete a knowledge base; its jobs can still be read."""
    record = bases.kept(call, call.path["uuid"])
    record.data["deleted"] = True
    return Reply({"uuid": record.id})


def _written(uuid: str, call: Call) -> Reply:
    return Reply({"knowledge_base": _view(uuid, call)})


def _view(uuid: str, call: Call) -> dict[str, Any]:
    ids, record = call.world.ids, call.world.find(KIND, uuid, call.now)
    created = rfc3339(START.timestamp() if record is None else record.created_at)
    view: dict[str, Any] = {
        "uuid": uuid,
        "name": f"knowledge-base-{ids.of('name', uuid)[:6]}",
        "project_id": ids.uuid_of("project"),
        "database_id": ids.uuid_of("database"),
        "embedding_model_uuid": ids.uuid_of("embedding model"),
        "region": "tor1",
        "tags": [],
        "is_public": False,
        "user_id": str(ids.number_of(1_000_000, 99_999_999, "user")),
        "created_at": created,
        "updated_at": created,
    }
    if record is not None:
        view.update(record.data["fields"])
        if record.data["updated_at"] is not None:
            view["updated_at"] = rfc3339(record.data["updated_at"])
    last = next((job for job in reversed(call.world.all(jobs.KIND, call.now)) if job.data["base"] == uuid), None)
    if last is not None:
        view["last_indexing_job"] = jobs.view(last, call)
        view["updated_at"] = max(view["updated_at"], view["last_indexing_job"]["updated_at"])
    return view


HANDLERS: Mapping[str, Handler] = {
    "genai_list_knowledge_bases": list_all,
    "genai_create_knowledge_base": create,
    "genai_get_knowledge_base": get,
    "genai_update_knowledge_base": update,
    "genai_delete_knowledge_base": delete,
}
