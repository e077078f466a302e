"""Requests: built from operation tables, checked before anything is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from unijob import registry
from unijob.errors import InvalidArgument
from unijob.request import Request, accepted, build, path_arguments
from unijob_models.mka1.v2026_10 import models
from unijob_models.runtime import UNSET


def built(operation_id: str, arguments: dict[str, Any], body: Any = None, *, provider: str = "mka1") -> Request:
    revision = registry.revisions(provider)[-1]
    operation = registry.package(provider, revision).operations[operation_id]
    return build(operation, registry.contract(provider, revision), arguments, body)


def test_arguments_find_their_places() -> None:
    """Path, query, header and body are told apart by name, of Python or of the wire."""
    request = built(
        "createVectorStoreFileBatch",
        {"vector_store_id": "a/b", "X-On-Behalf-Of": "me", "file_ids": ["f1"], "skip_duplicates": True},
    )
    assert request.path == "/api/v1/llm/vector_stores/a%2Fb/file_batches"
    assert request.headers == {"X-On-Behalf-Of": "me"}
    assert json.loads(request.body or b"") == {"file_ids": ["f1"], "skip_duplicates": True}


def test_queries_are_written() -> None:
    """Filters become a query; None is left out."""
    request = built("listEvalRuns", {"suite_id": "a b", "owned_only": True, "after": None, "limit": UNSET})
    assert request.query == "suite_id=a%20b&owned_only=true"
    assert request.body is None


def test_a_model_or_a_mapping_is_sent_as_it_is() -> None:
    """A whole request is not changed, and may carry what its contract does not know yet."""
    model = models.EvalRunRequest(suite_id="s", models=("m",))
    assert json.loads(built("createEvalRun", {}, model).body or b"") == {"suite_id": "s", "models": ["m"]}
    raw = {"suite_id": "s", "models": ["m"], "brand_new": 1}
    assert json.loads(built("createEvalRun", {}, raw).body or b"") == raw


def test_models_inside_keywords_are_written() -> None:
    """A property may be a generated model."""
    strategy = models.AutoChunkingStrategy(type="auto")
    request = built(
        "createVectorStoreFileBatch", {"vector_store_id": "v", "file_ids": ["f"], "chunking_strategy": strategy}
    )
    assert json.loads(request.body or b"")["chunking_strategy"] == {"type": "auto"}


def test_all_that_is_wrong_is_named() -> None:
    """One InvalidArgument carries every violation with its place."""
    with pytest.raises(InvalidArgument) as caught:
        built("createEvalRun", {"suite_id": 3, "metadata": {"a": 1}})
    targets = {one.target for one in caught.value.violations}
    assert targets == {"/models", "/suite_id", "/metadata/a"}
    assert all(target in str(caught.value) for target in targets)


def test_what_a_value_may_be_is_told() -> None:
    """Of what is chosen from a list, the list; wherever in the request it stands."""
    wanted = {"name": "n", "suite_id": "s", "run": {"models": ["m"]}, "overlap_policy": "maybe"}
    with pytest.raises(InvalidArgument) as caught:
        built("createEvalSchedule", wanted)
    assert "/overlap_policy: is not one of the documented values: it may be skip, " in str(caught.value)
    with pytest.raises(InvalidArgument, match="it may be queued, in_progress, finalizing, completed"):
        built("listEvalRuns", {"status": "resting"})


def test_a_missing_path_argument_is_a_violation() -> None:
    """What the path needs is required."""
    with pytest.raises(InvalidArgument, match=r"request\.path /vector_store_id"):
        built("createVectorStoreFileBatch", {"file_ids": ["f"]})


def test_ranges_of_parameters_are_held() -> None:
    """A page of 1000 is refused here, not upstream."""
    with pytest.raises(InvalidArgument, match=r"request\.query /limit"):
        built("listEvalRuns", {"limit": 1000})


def test_an_unknown_keyword_is_named_with_what_may_be() -> None:
    """The error lists parameters and properties."""
    with pytest.raises(InvalidArgument, match=r"does not take modles: .*suite_id, .*models") as caught:
        built("createEvalRun", {"suite_id": "s", "modles": []})
    assert caught.value.argument == "modles"


def test_body_keywords_beside_a_whole_request_are_refused() -> None:
    """A request is given whole or by keywords, not half and half."""
    with pytest.raises(InvalidArgument, match="beside a whole request"):
        built("createEvalRun", {"suite_id": "s"}, {"suite_id": "s", "models": ["m"]})


def test_an_operation_without_body_takes_none() -> None:
    """A request for an operation that has no body is an error."""
    with pytest.raises(InvalidArgument, match="takes no request body"):
        built("startExportFeedback", {}, {"a": 1})


def test_an_optional_body_is_left_out_when_empty() -> None:
    """No keyword, no body, where none is required."""
    assert built("genai_create_indexing_job", {}, provider="gradient").body is None


def test_a_name_in_path_and_body_stands_in_both() -> None:
    """The id of what is to be cancelled goes where the API has it, twice."""
    request = built("genai_cancel_indexing_job", {"uuid": "j1"}, provider="gradient")
    assert request.path.endswith("/j1/cancel")
    assert json.loads(request.body or b"") == {"uuid": "j1"}


def test_what_json_cannot_hold_is_refused() -> None:
    """NaN and foreign objects are an InvalidArgument."""
    for value in (float("nan"), object(), 2**70):
        with pytest.raises(InvalidArgument):
            built("createEvalRun", {"suite_id": "s", "models": ["m"], "metadata": value})


def test_ids_fill_the_path_in_its_order() -> None:
    """The outermost parent first."""
    operations = registry.package("mka1", "2026-10").operations
    assert path_arguments(operations["getVectorStoreFileBatch"], ["v", "b"]) == {
        "vector_store_id": "v",
        "batch_id": "b",
    }
    assert path_arguments(operations["getExportStatus"], ["2026-10-01T12:00:00Z"]) == {}


def test_what_is_accepted_can_be_listed() -> None:
    """Parameters first, then properties, none twice."""
    operations = registry.package("gradient", "2026-08").operations
    assert accepted(operations["genai_cancel_indexing_job"]) == ("uuid",)
    assert accepted(operations["genai_create_indexing_job"]) == ("knowledge_base_uuid", "data_source_uuids")
