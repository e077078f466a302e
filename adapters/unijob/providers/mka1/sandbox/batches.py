"""File batches of a vector store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.mka1.sandbox.lists import found_in, page_of, parent
from unijob.sandbox.scripts import Life, Setting
from unijob.sandbox.timeline import Event, Moment, Plan, Stage, moment
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record

KIND = "mka1:file_batch"
STORE = "mka1:vector_store"

LIFE = Life(
    outcomes=("succeeded", "partial", "failed", "cancelled"),
    settings={
        "items": Setting(
            default=None,
            type=int,
            maximum=100_000,
            about="files at least; those that the request does not name are made up",
        ),
        "duration": Setting(default=6.0, type=float, about="seconds of work on all files"),
        "failed_items": Setting(default=None, type=int, about="files that fail where it ends partially"),
        "error_code": Setting(
            default="unsupported_file",
            type=str,
            choices=("server_error", "unsupported_file", "invalid_file"),
            about="why a file fails",
        ),
        "message": Setting(default="The file could not be read.", type=str, about="what a failed file says"),
    },
    example={"file_ids": ["file_1", "file_2", "file_3"]},
)
OLD = "2026-07"
"""The revision without chunk counts, and without a word on duplicates."""


def create(call: Call) -> Reply:
    """Add the files of a request to a store."""
    store = _store(call)
    body: dict[str, Any] = call.body
    files = [{"file_id": name} for name in body.get("file_ids", ())] + list(body.get("files", ()))
    if not files:
        raise Refusal("invalid", "Either file_ids or files must name at least one file.", parameter="file_ids")
    new, duplicates = _told_apart(call, store, files)
    identity = f"vsfb_{call.world.ids.next(KIND)}"
    data = {"store": store, "files": new, "duplicates": duplicates, "defaults": body}
    record = call.world.create(KIND, identity, call.now, data)
    missing = (record.script["items"] or 0) - len(new)
    made_up = (call.world.ids.of("file", identity, place) for place in range(missing))
    record.data["files"].extend({"file_id": f"file_{digits}"} for digits in made_up)
    return Reply(_view(record, call.now))


def _told_apart(
    call: Call, store: str, files: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The files that are new to a store, and those that it holds already.

    Raises:
        Refusal: it holds one, or one is named twice, and the request does not say to pass over such.
    """
    unique = {file["file_id"]: file for file in files}
    if call.world.revision == OLD:
        return list(unique.values()), []
    held = _held(call, store)
    duplicates = [file for name, file in unique.items() if name in held]
    if (duplicates or len(unique) < len(files)) and not call.body.get("skip_duplicates"):
        raise Refusal("conflict", "The batch names a file that the vector store already holds.", parameter="file_ids")
    return [file for name, file in unique.items() if name not in held], duplicates


def _held(call: Call, store: str) -> set[str]:
    """Ids of the files in a store, as far as they were not given up."""
    records = [record for record in call.world.all(KIND, call.now) if record.data["store"] == store]
    views = [view for record in records for view in _files(call, record)]
    return {view["id"] for view in views if view["status"] in {"in_progress", "completed"}}


def get(call: Call) -> Reply:
    """Read a batch."""
    return Reply(_view(_found(call), call.now))


def cancel(call: Call) -> Reply:
    """Cancel a batch that is under way."""
    record = _found(call)
    if _moment(record, call.now).ended:
        status = _view(record, call.now)["status"]
        raise Refusal("conflict", f"The file batch is {status} and can no longer be cancelled.", parameter="batch_id")
    record.events.append(Event("cancel", call.now))
    return Reply(_view(record, call.now))


def files(call: Call) -> Reply:
    """List the files of a batch."""
    views = _files(call, _found(call))
    if call.query.get("order", "desc") == "desc":
        views.reverse()
    wanted = call.query.get("filter")
    return page_of(call, [view for view in views if wanted is None or view["status"] == wanted], empty_id="")


def _store(call: Call) -> str:
    return parent(call, STORE, "vector store", "vector_store_id")


def _found(call: Call) -> Record:
    return found_in(call, KIND, "file batch", "batch_id", store=_store(call))


def _plan(record: Record) -> Plan:
    return Plan(
        created_at=record.created_at,
        outcome=record.script["outcome"],
        items=len(record.data["files"]),
        duration=record.script["duration"],
        failed_items=record.script["failed_items"],
        all_fail=True,
    )


def _moment(record: Record, now: float) -> Moment:
    return moment(_plan(record), record.events, now)


def _view(record: Record, now: float) -> dict[str, Any]:
    found = _moment(record, now)
    statuses = {"succeeded": "completed", "partial": "completed"}
    outcome = found.outcome or ""
    cancelled = found.left if outcome == "cancelled" else 0
    passed_over = len(record.data["duplicates"])
    return {
        "id": record.id,
        "object": "vector_store.file_batch",
        "created_at": int(record.created_at),
        "vector_store_id": record.data["store"],
        "status": statuses.get(outcome, outcome) if found.stage is Stage.ENDED else "in_progress",
        "file_counts": {
            "in_progress": found.left - cancelled,
            "completed": found.completed,
            "failed": found.failed,
            "cancelled": cancelled + passed_over,
            "total": found.total + passed_over,
        },
    }


def _file_status(moment: Moment, place: int, failing: int) -> str:
    done = moment.completed + moment.failed
    if place >= done:
        return "cancelled" if moment.outcome == "cancelled" else "in_progress"
    # Failures are spread evenly, as the batch counts them.
    total = moment.total
    return "failed" if (place + 1) * failing // total > place * failing // total else "completed"


def _files(call: Call, record: Record) -> list[dict[str, Any]]:
    """The files of a batch as the wire has them, in the order of the request; those passed over come last."""
    now = _moment(record, call.now)
    failing = moment(_plan(record), (), float("inf")).failed
    error = {"code": record.script["error_code"], "message": record.script["message"]}
    views: list[dict[str, Any]] = []
    for place, wanted in enumerate(record.data["files"]):
        status = _file_status(now, place, failing)
        views.append(_file(call, record, wanted, status, error if status == "failed" else None))
    duplicate = {"code": "duplicate_file", "message": "The vector store already holds this content."}
    views.extend(_file(call, record, wanted, "cancelled", duplicate) for wanted in record.data["duplicates"])
    return views


def _file(
    call: Call, record: Record, wanted: dict[str, Any], status: str, error: dict[str, Any] | None
) -> dict[str, Any]:
    defaults = record.data["defaults"]
    size = call.world.ids.number_of(2_000, 900_000, "file", wanted["file_id"])
    view: dict[str, Any] = {
        "id": wanted["file_id"],
        "object": "vector_store.file",
        "usage_bytes": size if status == "completed" else 0,
        "created_at": int(record.created_at),
        "vector_store_id": record.data["store"],
        "status": status,
        "last_error": error,
        "chunking_strategy": wanted.get("chunking_strategy", defaults.get("chunking_strategy", {"type": "auto"})),
        "attributes": wanted.get("attributes", defaults.get("attributes", {})),
    }
    if call.world.revision != OLD:
        view.update(_chunks(size, status))
    return view


def _chunks(size: int, status: str) -> dict[str, int | None]:
    chunks = 1 + size // 3_200 if status == "completed" else None
    return {
        "chunk_count": chunks,
        "processed_chunk_count": chunks if chunks is not None else 0,
        "page_count": None,
        "processed_page_count": None,
    }


HANDLERS: Mapping[str, Handler] = {
    "createVectorStoreFileBatch": create,
    "getVectorStoreFileBatch": get,
    "cancelVectorStoreFileBatch": cancel,
    "listVectorStoreFilesInBatch": files,
}
