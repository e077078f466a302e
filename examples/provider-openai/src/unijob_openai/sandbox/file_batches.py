"""File batches of vector stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Event, Moment, Plan, moment
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record

from unijob_openai.sandbox.answers import found, page

KIND = "openai:file_batch"
STORE = "openai:vector_store"

LIFE = Life(
    outcomes=("succeeded", "partial", "failed", "cancelled"),
    settings={
        "duration": Setting(default=6.0, type=float, about="seconds of work on all files"),
        "failed_items": Setting(default=None, type=int, about="files that fail where it ends partially"),
        "message": Setting(default="The file could not be read.", type=str, about="what a failed file says"),
    },
    example={"file_ids": ["file-1", "file-2", "file-3"]},
)
_ENDED = {"succeeded": "completed", "partial": "completed"}


def create(call: Call) -> Reply:
    """Add the files of a request to a store."""
    store = _store(call)
    if ("file_ids" in call.body) == ("files" in call.body):
        raise Refusal("invalid", "Give either 'file_ids' or 'files'.", parameter="file_ids")
    wanted: list[dict[str, Any]] = call.body.get("files") or [
        {"file_id": name, "attributes": call.body.get("attributes")} for name in call.body["file_ids"]
    ]
    data = {"store": store, "files": list({file["file_id"]: file for file in wanted}.values())}
    record = call.world.create(KIND, f"vsfb_{call.world.ids.next(KIND)}", call.now, data)
    return Reply(_view(record, call.now))


def get(call: Call) -> Reply:
    """Read a file batch."""
    return Reply(_view(_found(call), call.now))


def cancel(call: Call) -> Reply:
    """Stop a file batch at once; one that ended stays as it is."""
    record = _found(call)
    if not _standing(record, call.now).ended:
        record.events.append(Event("cancel", call.now))
    return Reply(_view(record, call.now))


def files(call: Call) -> Reply:
    """List the files of a batch."""
    record = _found(call)
    views = [_file(record, place, call.now) for place in range(len(record.data["files"]))]
    if call.query.get("order", "desc") == "desc":
        views.reverse()
    wanted = call.query.get("filter")
    return page(call, [view for view in views if wanted is None or view["status"] == wanted])


def _store(call: Call) -> str:
    store = call.path["vector_store_id"]
    if call.world.is_absent(STORE, store):
        raise Refusal("not_found", f"Vector store with id '{store}' not found.", parameter="vector_store_id")
    return store


def _found(call: Call) -> Record:
    store = _store(call)
    record = found(call, KIND, "file batch", "batch_id")
    if record.data["store"] != store:
        raise Refusal("not_found", f"No file batch found with id '{record.id}'.", parameter="batch_id")
    return record


def _standing(record: Record, now: float) -> Moment:
    plan = Plan(
        created_at=record.created_at,
        outcome=record.script["outcome"],
        items=len(record.data["files"]),
        duration=record.script["duration"],
        failed_items=record.script["failed_items"],
        all_fail=True,
    )
    return moment(plan, record.events, now)


def _view(record: Record, at: float) -> dict[str, Any]:
    now = _standing(record, at)
    cancelled = now.left if now.outcome == "cancelled" else 0
    return {
        "id": record.id,
        "object": "vector_store.file_batch",
        "created_at": int(record.created_at),
        "vector_store_id": record.data["store"],
        "status": "in_progress" if now.outcome is None else _ENDED.get(now.outcome, now.outcome),
        "file_counts": {
            "in_progress": now.left - cancelled,
            "completed": now.completed,
            "failed": now.failed,
            "cancelled": cancelled,
            "total": now.total,
        },
    }


def _file(record: Record, place: int, at: float) -> dict[str, Any]:
    status = _file_status(_standing(record, at), place)
    file = record.data["files"][place]
    return {
        "id": file["file_id"],
        "object": "vector_store.file",
        "usage_bytes": 1024 if status == "completed" else 0,
        "created_at": int(record.created_at),
        "vector_store_id": record.data["store"],
        "status": status,
        "last_error": {"code": "invalid_file", "message": record.script["message"]} if status == "failed" else None,
        "attributes": file.get("attributes"),
        "chunking_strategy": file.get("chunking_strategy")
        or {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}},
    }


def _file_status(now: Moment, place: int) -> str:
    """The first files fail, the next are completed: as many as the batch counts."""
    if place < now.failed:
        return "failed"
    if place < now.failed + now.completed:
        return "completed"
    return "cancelled" if now.outcome == "cancelled" else "in_progress"


HANDLERS: Mapping[str, Handler] = {
    "createVectorStoreFileBatch": create,
    "getVectorStoreFileBatch": get,
    "cancelVectorStoreFileBatch": cancel,
    "listFilesInVectorStoreBatch": files,
}
