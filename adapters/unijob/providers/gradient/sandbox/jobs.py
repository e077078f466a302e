"""Indexing jobs: what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.providers.gradient.sandbox import bases, lists
from unijob.providers.gradient.sandbox.indexing import DATA_SOURCE, ENDS, PHASES, Indexing
from unijob.sandbox.pages import Views
from unijob.sandbox.scripts import Life, Script, Setting
from unijob.sandbox.timeline import Event
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record, World

KIND = "gradient:indexing_job"
PATH = "/v2/gen-ai/indexing_jobs"
_UPLOAD = "file_upload_data_source"

LIFE = Life(
    outcomes=tuple(ENDS),
    settings={
        "items": Setting(
            default=None, type=int, minimum=1, maximum=1_000, about="data sources where a request names none; 2 if null"
        ),
        "files": Setting(default=10, type=int, maximum=100_000, about="files in a data source"),
        "queued": Setting(default=1.0, type=float, about="seconds before it starts"),
        "duration": Setting(default=6.0, type=float, about="seconds of work on all data sources"),
        "failed_items": Setting(default=None, type=int, about="data sources that fail where it ends partially"),
        "phase": Setting(
            default=None,
            type=str,
            choices=PHASES,
            about="its last phase, to contradict the outcome; null for the usual",
        ),
        "status_lag": Setting(default=0.0, type=float, about="seconds by which the status follows the phase"),
        "zero_times": Setting(
            default=False, type=bool, about="write times that are not yet as 0001-01-01T00:00:00Z, as Go does"
        ),
        "message": Setting(default="The data source could not be read.", type=str, about="what a failed source says"),
    },
    example={"knowledge_base_uuid": "kb", "data_source_uuids": ["a", "b", "c"]},
)


def create(call: Call) -> Reply:
    """Start a job."""
    body: dict[str, Any] = call.body or {}
    base = body.get("knowledge_base_uuid")
    if not base:
        raise Refusal("invalid", "knowledge_base_uuid is required", parameter="knowledge_base_uuid")
    named = tuple(dict.fromkeys(body.get("data_source_uuids") or ()))
    return _job(begin(call.world, bases.check(call, base), named, call.now), call)


def begin(world: World, base: str, named: tuple[str, ...], at: float, script: Script | None = None) -> Record:
    """Bring a job into being. Without named sources it reads all of the knowledge base, made up where it has none."""
    known = {source.id: source.data["shown"] for source in sources_of(world, base, at)}
    uploads = {name: shown[_UPLOAD] for name, shown in known.items() if _UPLOAD in shown}
    data = {
        "base": base,
        "sources": named or tuple(known),
        "uploaded": {name: int(upload["size_in_bytes"]) for name, upload in uploads.items()},
    }
    record = world.create(KIND, world.ids.next_uuid(KIND), at, data, script)
    if not data["sources"]:
        count = record.script["items"] or 2
        record.data["sources"] = tuple(world.ids.uuid_of("source", base, place) for place in range(count))
    return record


def sources_of(world: World, base: str, now: float) -> list[Record]:
    """The data sources of a knowledge base, in the order in which they were added."""
    return [record for record in world.all(DATA_SOURCE, now) if record.data["base"] == base]


def get(call: Call) -> Reply:
    """Read a job."""
    return _job(_found(call, "uuid"), call)


def cancel(call: Call) -> Reply:
    """Cancel a job that is under way."""
    record = _found(call, "uuid")
    body: dict[str, Any] = call.body or {}
    lists.check_same(body, uuid=record.id)
    if Indexing(record, call.world).moment(call.now).ended:
        raise Refusal("conflict", "the indexing job has already ended")
    record.events.append(Event("cancel", call.now))
    return _job(record, call)


def list_all(call: Call) -> Reply:
    """List jobs, the newest first."""
    return Reply(lists.page(call, "jobs", _newest_first(call, call.world.all(KIND, call.now)), PATH))


def list_of_base(call: Call) -> Reply:
    """List the jobs of a knowledge base, all on one page."""
    base = bases.check(call, call.path["knowledge_base_uuid"])
    records = [record for record in call.world.all(KIND, call.now) if record.data["base"] == base]
    return Reply(lists.whole("jobs", _newest_first(call, records)))


def data_sources(call: Call) -> Reply:
    """List the data sources of a job."""
    record = _found(call, "indexing_job_uuid")
    return Reply({"indexed_data_sources": Indexing(record, call.world).sources(call.now)})


def details_url(call: Call) -> Reply:
    """Give the link to the report of a job that has one."""
    record = _found(call, "indexing_job_uuid")
    if not view(record, call)["is_report_available"]:
        raise Refusal("not_found", "the indexing job has no report yet")
    signature = call.world.ids.of("signature", record.id, int(call.now))
    address = f"https://reports.sandbox.invalid/{record.id}.csv"
    return Reply({"signed_url": f"{address}?X-Amz-Expires=900&X-Amz-Signature={signature}"})


def view(record: Record, call: Call) -> dict[str, Any]:
    """A job as the wire has it."""
    return Indexing(record, call.world).view(call.now)


def _job(record: Record, call: Call) -> Reply:
    return Reply({"job": view(record, call)})


def _newest_first(call: Call, records: list[Record]) -> Views[Record, dict[str, Any]]:
    return Views(records[::-1], lambda record: view(record, call))


def _found(call: Call, parameter: str) -> Record:
    record = call.world.find(KIND, call.path[parameter], call.now)
    if record is None:
        raise Refusal("not_found", "indexing job not found")
    return record


HANDLERS: Mapping[str, Handler] = {
    "genai_list_indexing_jobs": list_all,
    "genai_create_indexing_job": create,
    "genai_get_indexing_job": get,
    "genai_cancel_indexing_job": cancel,
    "genai_list_indexing_job_data_sources": data_sources,
    "genai_get_indexing_job_details_signed_url": details_url,
    "genai_list_indexing_jobs_by_knowledge_base": list_of_base,
}
