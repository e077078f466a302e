"""Knowledge bases: there for any id; listed are two of the seed, and those that jobs were started for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.gradient.sandbox import jobs, lists
from unijob.sandbox.clock import START, rfc3339
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply

KIND = jobs.KNOWLEDGE_BASE
PATH = "/v2/gen-ai/knowledge_bases"
_SEEDED = 2


def get(call: Call) -> Reply:
    """Read a knowledge base, with its last job."""
    uuid = call.path["uuid"]
    if call.world.is_absent(KIND, uuid):
        raise Refusal("not_found", "knowledge base not found")
    return Reply({"database_status": "ONLINE", "knowledge_base": _view(uuid, call)})


def list_all(call: Call) -> Reply:
    """List knowledge bases."""
    seeded = [call.world.ids.uuid_of("knowledge base", place) for place in range(_SEEDED)]
    used = [record.data["base"] for record in call.world.all(jobs.KIND, call.now)]
    known = [uuid for uuid in dict.fromkeys((*seeded, *used)) if not call.world.is_absent(KIND, uuid)]
    return Reply(lists.page(call, "knowledge_bases", [_view(uuid, call) for uuid in known], PATH))


def _view(uuid: str, call: Call) -> dict[str, Any]:
    ids = call.world.ids
    records = [record for record in call.world.all(jobs.KIND, call.now) if record.data["base"] == uuid]
    created = rfc3339(START.timestamp())
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
    if records:
        view["last_indexing_job"] = jobs.view(records[-1], call)
        view["updated_at"] = view["last_indexing_job"]["updated_at"]
    return view


HANDLERS: Mapping[str, Handler] = {
    "genai_list_knowledge_bases": list_all,
    "genai_get_knowledge_base": get,
}
