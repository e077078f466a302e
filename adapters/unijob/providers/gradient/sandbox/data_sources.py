"""Data sources of knowledge bases: what is asked of them. Their secrets are not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob.jsontypes import is_object
from unijob.providers.gradient.sandbox import bases, jobs, lists, uploads
from unijob.providers.gradient.sandbox.indexing import DATA_SOURCE, Indexing
from unijob.sandbox.clock import rfc3339
from unijob.sandbox.scripts import Script
from unijob.sandbox.vendor import Call, Handler, Refusal, Reply
from unijob.sandbox.world import Record

_SOURCES = (
    "file_upload_data_source",
    "spaces_data_source",
    "aws_data_source",
    "web_crawler_data_source",
    "dropbox_data_source",
    "google_drive_data_source",
    "bucket_name",
)
_SHOWN = (*_SOURCES, "item_path", "chunking_algorithm", "chunking_options")
_CHUNKING = ("chunking_algorithm", "chunking_options")
_SECRETS = frozenset({"key_id", "secret_key", "refresh_token"})


def checked(call: Call, source: Mapping[str, Any]) -> dict[str, Any]:
    """A source that can be read, as it will be shown.

    Raises:
        Refusal: it names no source or several, or a file that was not uploaded.
    """
    if len([name for name in _SOURCES if name in source]) != 1:
        raise Refusal("invalid", f"exactly one of {', '.join(_SOURCES)} is required", parameter="data_source")
    shown = {name: _without_secrets(source[name]) for name in _SHOWN if name in source}
    if "bucket_region" in source:
        shown["region"] = source["bucket_region"]
    upload = shown.get("file_upload_data_source")
    if upload is not None:
        key = upload.get("stored_object_key")
        size = uploads.size_of(call.world, key)
        if size is None:
            raise Refusal("invalid", f"no file was uploaded as {key}", parameter="stored_object_key")
        shown["file_upload_data_source"] = {**upload, "size_in_bytes": str(size)}
    return shown


def _without_secrets(value: Any) -> Any:
    return {name: each for name, each in value.items() if name not in _SECRETS} if is_object(value) else value


def add(call: Call, base: str, shown: Mapping[str, Any]) -> Record:
    """Give a knowledge base one more source."""
    data = {"base": base, "shown": dict(shown), "updated_at": call.now}
    identity = call.world.ids.next_uuid(DATA_SOURCE)
    return call.world.create(DATA_SOURCE, identity, call.now, data, Script(DATA_SOURCE, {}))


def create(call: Call) -> Reply:
    """Add a source to a knowledge base."""
    body: dict[str, Any] = call.body or {}
    base = bases.check(call, call.path["knowledge_base_uuid"])
    lists.check_same(body, knowledge_base_uuid=base)
    return _written(add(call, base, checked(call, body)), call)


def list_all(call: Call) -> Reply:
    """List the sources of a knowledge base, in the order in which they were added."""
    base = bases.check(call, call.path["knowledge_base_uuid"])
    views = [_view(record, call) for record in jobs.sources_of(call.world, base, call.now)]
    path = f"/v2/gen-ai/knowledge_bases/{base}/data_sources"
    return Reply(lists.page(call, "knowledge_base_data_sources", views, path))


def update(call: Call) -> Reply:
    """Change how a source is cut into chunks."""
    record = _found(call)
    body: dict[str, Any] = call.body or {}
    lists.check_same(body, knowledge_base_uuid=record.data["base"], data_source_uuid=record.id)
    record.data["shown"].update({name: body[name] for name in _CHUNKING if name in body})
    record.data["updated_at"] = call.now
    return _written(record, call)


def delete(call: Call) -> Reply:
    """Take a source out of a knowledge base."""
    record = _found(call)
    call.world.remove(record)
    return Reply({"data_source_uuid": record.id, "knowledge_base_uuid": record.data["base"]})


def _found(call: Call) -> Record:
    base = bases.check(call, call.path["knowledge_base_uuid"])
    record = call.world.find(DATA_SOURCE, call.path["data_source_uuid"], call.now)
    if record is None or record.data["base"] != base:
        raise Refusal("not_found", "data source not found")
    return record


def _written(record: Record, call: Call) -> Reply:
    return Reply({"knowledge_base_data_source": _view(record, call)})


def _view(record: Record, call: Call) -> dict[str, Any]:
    view = {
        "uuid": record.id,
        **record.data["shown"],
        "created_at": rfc3339(record.created_at),
        "updated_at": rfc3339(record.data["updated_at"]),
    }
    for job in reversed(call.world.all(jobs.KIND, call.now)):
        for source in Indexing(job, call.world).sources(call.now):
            if source["data_source_uuid"] == record.id:
                return {**view, "last_datasource_indexing_job": source}
    return view


HANDLERS: Mapping[str, Handler] = {
    "genai_create_data_source_file_upload_presigned_urls": uploads.create,
    "genai_list_knowledge_base_data_sources": list_all,
    "genai_create_knowledge_base_data_source": create,
    "genai_update_knowledge_base_data_source": update,
    "genai_delete_knowledge_base_data_source": delete,
}
