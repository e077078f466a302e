"""The specs hold together: they validate, their examples fit, and one thing has one name."""

from __future__ import annotations

import json
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml
from openapi_spec_validator import validate

from unijob.jsontypes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
DATA = ROOT / "tests" / "data"
SOURCES: dict[str, Any] = tomllib.loads((SPECS / "sources.toml").read_text(encoding="utf-8"))["providers"]
FILES = [revision["file"] for provider in SOURCES.values() for revision in provider["revisions"]]
LOCK: list[dict[str, Any]] = tomllib.loads((SPECS / "specs.lock").read_text(encoding="utf-8"))["spec"]
WRITTEN = [entry["file"] for entry in LOCK if entry["origin"] == "written by hand"]
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
FORMATS: dict[str, Callable[[str], bool]] = {
    "int64": lambda text: text.lstrip("-").isdecimal() and -(2**63) <= int(text) < 2**63,
    "uint64": lambda text: text.isdecimal() and int(text) < 2**64,
}

# payload file → (spec, operation, name of the example)
PAYLOADS = {
    "seeds/feedback_export.json": ("mka1/2026-07.yaml", "getExportStatus", "completed"),
    "seeds/file_batch.json": ("mka1/2026-07.yaml", "cancelVectorStoreFileBatch", "cancelled"),
    "seeds/eval_schedule.json": ("mka1/2026-07.yaml", "getEvalSchedule", "nightly"),
    "seeds/eval_run_list.json": ("mka1/2026-07.yaml", "listEvalRuns", "one_run_in_progress"),
    "seeds/indexing_job.json": ("gradient/2026-08.yaml", "genai_get_indexing_job", "every_field"),
    "2026-08/evaluation_run.json": ("gradient/2026-08.yaml", "genai_get_evaluation_run", "passed"),
    "2026-08/model_evaluation_run.json": ("gradient/2026-08.yaml", "genai_get_model_evaluation_run", "partial"),
    "2026-08/scheduled_indexing.json": ("gradient/2026-08.yaml", "genai_get_scheduled_indexing", "weekdays"),
    "2026-07/feedback_export_running.json": ("mka1/2026-07.yaml", "getExportStatus", "running"),
    "2026-07/batch.json": ("mka1/2026-07.yaml", "getBatch", "completed"),
    "2026-07/fine_tuning_job.json": ("mka1/2026-07.yaml", "retrieveFineTuningJob", "succeeded"),
    "2026-07/agent_run.json": ("mka1/2026-07.yaml", "getAgentRun", "completed"),
    "2026-07/compute_job.json": ("mka1/2026-07.yaml", "getJob", "succeeded"),
    "2026-10/batch.json": ("mka1/2026-10.yaml", "getBatch", "completed"),
    "2026-10/fine_tuning_job.json": ("mka1/2026-10.yaml", "retrieveFineTuningJob", "succeeded"),
    "2026-10/agent_run.json": ("mka1/2026-10.yaml", "getAgentRun", "completed"),
    "2026-10/compute_job.json": ("mka1/2026-10.yaml", "getJob", "succeeded"),
    "2026-10/feedback_export.json": ("mka1/2026-10.yaml", "getExportStatus", "completed"),
    "2026-10/feedback_export_running.json": ("mka1/2026-10.yaml", "getExportStatus", "running"),
    "2026-10/file_batch.json": ("mka1/2026-10.yaml", "cancelVectorStoreFileBatch", "cancelled"),
    "2026-10/eval_schedule.json": ("mka1/2026-10.yaml", "getEvalSchedule", "nightly"),
    "2026-10/eval_run_list.json": ("mka1/2026-10.yaml", "listEvalRuns", "one_run_in_progress"),
}


def load(file: str) -> dict[str, Any]:
    """Read one spec."""
    document: dict[str, Any] = yaml.safe_load((SPECS / file).read_text(encoding="utf-8"))
    return document


SPEC = {file: load(file) for file in FILES}
each_spec = pytest.mark.parametrize("file", FILES)
each_written_spec = pytest.mark.parametrize("file", WRITTEN)


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its id, or with method and path where it has none."""
    for path, item in spec["paths"].items():
        for method in METHODS & item.keys():
            yield item[method].get("operationId", f"{method} {path}"), item[method]


def resolve(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Follow the reference that `node` is, if it is one."""
    while "$ref" in node:
        target: Any = spec
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def media(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the media type objects of all requests and responses, with the place of each."""
    for name, operation in operations(spec):
        if "requestBody" in operation:
            for body in resolve(spec, operation["requestBody"])["content"].values():
                yield f"{name} request", body
        for status, response in operation["responses"].items():
            for body in resolve(spec, response).get("content", {}).values():
                yield f"{name} {status}", body


def examples(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Yield every example with its place and the schema that it stands under."""
    for where, body in media(spec):
        if "example" in body:
            yield where, body["schema"], body["example"]
        for name, example in body.get("examples", {}).items():
            yield f"{where} {name}", body["schema"], resolve(spec, example)["value"]


def subschemas(node: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a schema and all schemas inside it."""
    if not is_object(node):
        return
    yield where, node
    for name, child in node.get("properties", {}).items():
        yield from subschemas(child, f"{where}.{name}")
    for key in ("items", "additionalProperties"):
        yield from subschemas(node.get(key), f"{where}.{key}")
    for key in ("anyOf", "oneOf", "allOf"):
        for index, child in enumerate(node.get(key, [])):
            yield from subschemas(child, f"{where}.{key}[{index}]")


def references(node: Any) -> Iterator[str]:
    """Yield the target of every reference below `node`."""
    if is_object(node):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif is_list(node):
        for child in node:
            yield from references(child)


def draft_2020_12(node: Any) -> Any:
    """Translate the `nullable` of OpenAPI 3.0, the one keyword of it that these specs may use."""
    if is_list(node):
        return [draft_2020_12(child) for child in node]
    if not is_object(node):
        return node
    schema = {key: draft_2020_12(child) for key, child in node.items() if key != "nullable"}
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") is True else schema


def validator(spec: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Make a validator for a schema of a spec, formats included."""
    document = {**schema, "components": {"schemas": spec["components"]["schemas"]}}
    if spec["openapi"].startswith("3.0"):
        document = draft_2020_12(document)
    return jsonschema_rs.Draft202012Validator(document, validate_formats=True, formats=FORMATS)


@each_spec
def test_spec_is_valid_openapi(file: str) -> None:
    """Each spec is a valid OpenAPI document."""
    validate(SPEC[file])


@each_spec
def test_revision_and_provider_match_the_file(file: str) -> None:
    """The spec states the provider and the revision that its file name gives."""
    info = SPEC[file]["info"]
    assert f"{info['x-unijob-provider']}/{info['x-unijob-revision']}.yaml" == file


def test_sources_list_every_spec_file() -> None:
    """No spec lies beside the sources without being listed there."""
    there = {path.relative_to(SPECS).as_posix() for path in SPECS.rglob("*.yaml") if path.name != "overlay.yaml"}
    assert set(FILES) == there


@pytest.mark.parametrize("provider", SOURCES)
def test_sources_list_the_operations_of_the_specs(provider: str) -> None:
    """Every revision of a provider holds operations that the sources keep, once each."""
    kept = SOURCES[provider]["operations"]
    for revision in SOURCES[provider]["revisions"]:
        found = [name for name, _ in operations(SPEC[revision["file"]])]
        assert len(set(found)) == len(found), revision["file"]
        assert all(any(fnmatchcase(name, pattern) for pattern in kept) for name in found), revision["file"]


def test_mka1_gained_one_operation() -> None:
    """Between the two revisions of MKA1 one operation came, and none went."""
    old, new = ({name for name, _ in operations(SPEC[f"mka1/{r}.yaml"])} for r in ("2026-07", "2026-10"))
    assert new - old == {"cancelAgentRun"}
    assert old <= new


@each_written_spec
def test_examples_validate(file: str) -> None:
    """Every example fits the schema that it stands under."""
    spec = SPEC[file]
    found = list(examples(spec))
    assert found
    for where, schema, value in found:
        errors = [f"{where}{e.instance_path}: {e.message}" for e in validator(spec, schema).iter_errors(value)]
        assert not errors


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_file_equals_its_example(payload: str) -> None:
    """A payload file of the tests is the example of its operation, to the letter and in order."""
    file, operation, name = PAYLOADS[payload]
    body = dict(operations(SPEC[file]))[operation]["responses"]["200"]["content"]["application/json"]
    text = (DATA / payload).read_text(encoding="utf-8")
    assert text == json.dumps(body["examples"][name]["value"], indent=2) + "\n"


@pytest.mark.parametrize("payload", ["feedback_export", "eval_run_list"])
def test_revisions_of_mka1_reject_each_other(payload: str) -> None:
    """What changed between the revisions of MKA1 is visible to their schemas."""
    file, operation, _ = PAYLOADS[f"2026-10/{payload}.json"]
    body = dict(operations(SPEC[file]))[operation]["responses"]["200"]["content"]["application/json"]
    seed = json.loads((DATA / f"seeds/{payload}.json").read_text(encoding="utf-8"))
    assert not validator(SPEC[file], body["schema"]).is_valid(seed)


@each_spec
def test_bodies_are_named_components(file: str) -> None:
    """Every JSON body, but for an error that upstream leaves untyped, is a named component."""
    for where, body in media(SPEC[file]):
        if where.endswith(" default") and not body:
            continue
        assert body["schema"].keys() == {"$ref"}, where
        assert body["schema"]["$ref"].startswith("#/components/schemas/"), where


@each_spec
def test_enums_and_objects_are_named_components(file: str) -> None:
    """An enum, and an object with properties, is never written inline."""
    spec = SPEC[file]
    inline = [
        where
        for name, schema in spec["components"]["schemas"].items()
        for where, child in subschemas(schema, name)
        if where != name and ({"enum", "properties"} & child.keys())
    ]
    parameters = [
        name
        for name, parameter in spec["components"].get("parameters", {}).items()
        if {"enum", "properties"} & parameter["schema"].keys()
    ]
    assert inline + parameters == []


@each_spec
def test_every_inline_object_is_a_map(file: str) -> None:
    """An object without properties says what its values are."""
    for name, schema in SPEC[file]["components"]["schemas"].items():
        for where, child in subschemas(schema, name):
            if "object" in str(child.get("type")) and "properties" not in child:
                assert "additionalProperties" in child, where


@each_spec
def test_no_component_is_unused(file: str) -> None:
    """Every component is referred to."""
    spec = SPEC[file]
    defined = {
        f"#/components/{kind}/{name}"
        for kind, members in spec["components"].items()
        if kind != "securitySchemes"
        for name in members
    }
    assert defined == set(references(spec))


@each_spec
def test_required_fields_are_declared(file: str) -> None:
    """A required field is among the properties, and required ones keep the order of these."""
    for name, schema in SPEC[file]["components"]["schemas"].items():
        required = schema.get("required", [])
        assert [field for field in schema.get("properties", {}) if field in required] == required, name


@each_spec
def test_operations_are_identified_and_secured(file: str) -> None:
    """Every operation has an id and bearer security."""
    spec = SPEC[file]
    assert spec["components"]["securitySchemes"]["bearerAuth"]["scheme"] == "bearer"
    for name, operation in operations(spec):
        assert operation.get("operationId"), name
        assert operation.get("security", spec.get("security")) == [{"bearerAuth": []}], name


@each_written_spec
def test_operations_have_a_summary(file: str) -> None:
    """Every operation of a spec written by hand says in a line what it does."""
    for name, operation in operations(SPEC[file]):
        assert operation.get("summary"), name


@each_spec
def test_path_parameters_are_declared(file: str) -> None:
    """The parameters in a path template are the path parameters of its operations."""
    spec = SPEC[file]
    for path, item in spec["paths"].items():
        template = [part.split("}")[0] for part in path.split("{")[1:]]
        for method in METHODS & item.keys():
            parameters = [resolve(spec, parameter) for parameter in item[method].get("parameters", [])]
            assert [p["name"] for p in parameters if p["in"] == "path"] == template, f"{method} {path}"


@pytest.mark.parametrize("file", [file for file in FILES if file.startswith("mka1/")])
def test_mka1_operations_take_the_end_user_header(file: str) -> None:
    """Every operation of MKA1 takes X-On-Behalf-Of, and none needs it; one takes an idempotency key, as well."""
    spec = SPEC[file]
    for name, operation in operations(spec):
        headers = [p for p in (resolve(spec, p) for p in operation["parameters"]) if p["in"] == "header"]
        keys = ["Idempotency-Key"] if name == "createJob" else []
        assert [p["name"] for p in headers] == ["X-On-Behalf-Of", *keys], name
        assert not any(p.get("required", False) for p in headers), name


def test_gradient_responses_state_limits_and_errors() -> None:
    """Every Gradient operation has the rate-limit headers on success, and the typed errors."""
    limits = {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"}
    for name, operation in operations(SPEC["gradient/2026-08.yaml"]):
        responses = operation["responses"]
        assert responses["200"]["headers"].keys() == limits, name
        assert responses.keys() == {"200", "401", "404", "429", "500", "default"}, name


@each_spec
def test_unix_times_are_marked(file: str) -> None:
    """An integer field named like an instant declares its unit, and nothing else does."""
    for name, schema in SPEC[file]["components"]["schemas"].items():
        for field, child in schema.get("properties", {}).items():
            is_time = "integer" in str(child.get("type")) and field.endswith(("_at", "At"))
            assert ("x-unijob-time" in child) == is_time, f"{name}.{field}"
