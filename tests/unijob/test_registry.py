"""Providers, kinds and contracts by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from unijob import registry
from unijob.contract import Contract
from unijob.errors import InvalidArgument
from unijob.kinds import JobKind, ScheduleKind
from unijob.provider import Provider, untyped_error
from unijob.ref import JobRef

KINDS = (
    "gradient:evaluation_run",
    "gradient:indexing_job",
    "gradient:model_evaluation_run",
    "gradient:scheduled_indexing",
    "mka1:agent_run",
    "mka1:batch",
    "mka1:compute_job",
    "mka1:eval_run",
    "mka1:eval_schedule",
    "mka1:feedback_export",
    "mka1:file_batch",
    "mka1:fine_tuning_job",
)


def test_what_is_installed() -> None:
    """Both built-in providers are found by entry point, with all their kinds."""
    assert registry.provider_names() == ("gradient", "mka1")
    assert registry.kind_names() == KINDS


@pytest.mark.parametrize("name", ["gradient", "mka1"])
def test_providers_are_what_they_are_called(name: str) -> None:
    """A provider is found by its name, and has revisions, oldest first."""
    assert registry.provider(name).name == name
    assert list(registry.revisions(name)) == sorted(registry.revisions(name))


@pytest.mark.parametrize("name", KINDS)
def test_kinds_are_what_they_are_called(name: str) -> None:
    """A kind is found by its full name."""
    found = registry.kind(name)
    assert found.name == name
    assert isinstance(found, ScheduleKind if "schedule" in name else JobKind)


def test_unknown_names_say_what_there_is() -> None:
    """A name that there is not is refused with those that there are."""
    with pytest.raises(InvalidArgument, match="no provider 'openai': it may be gradient, mka1"):
        registry.provider("openai")
    for name in ("openai:batch", "mka1", "", ":"):
        with pytest.raises(InvalidArgument, match="it may be gradient:evaluation_run, gradient:indexing_job"):
            registry.kind(name)
    for name in ("mka1:batches", "batch", "mka2:batch"):
        with pytest.raises(InvalidArgument, match=r"did you mean mka1:batch\?"):
            registry.kind(name)
    with pytest.raises(InvalidArgument, match="it may be 2026-08"):
        registry.package("gradient", "2026-10")


def test_jobs_are_no_schedules() -> None:
    """Who needs a kind of jobs is told that a schedule is none, and the other way round."""
    with pytest.raises(InvalidArgument, match="a kind of schedule"):
        registry.job_kind("mka1:eval_schedule")
    with pytest.raises(InvalidArgument, match="a kind of job"):
        registry.schedule_kind("mka1:eval_run")
    assert registry.job_kind("mka1:eval_run").name == "mka1:eval_run"
    assert registry.schedule_kind("mka1:eval_schedule").name == "mka1:eval_schedule"


@pytest.mark.parametrize(
    "line", ["mka1:feedback_export", "mka1:feedback_export/t", "mka1:file_batch/a/b", "mka1:eval_run/a"]
)
def test_references_with_as_many_ids_as_their_kind(line: str) -> None:
    """A reference has the ids of its kind; a singleton's may have none."""
    ref = JobRef.parse(line)
    assert registry.kind_of(ref).name == ref.kind


@pytest.mark.parametrize("line", ["mka1:eval_run", "mka1:file_batch", "mka1:file_batch/a", "mka1:eval_run/a/b"])
def test_references_with_too_few_or_too_many_ids(line: str) -> None:
    """A reference with another number of ids is refused with the right form."""
    with pytest.raises(InvalidArgument, match=r"write 'mka1:\w+(/\{\w+\})+'"):
        registry.kind_of(JobRef.parse(line))


def test_contracts() -> None:
    """A revision has its package, its document and its compiled contract, each made once."""
    package = registry.package("mka1", "2026-07")
    assert (package.provider, package.revision) == ("mka1", "2026-07")
    assert package.document()["openapi"].startswith("3.1")
    contract = registry.contract("mka1", "2026-07")
    assert isinstance(contract, Contract)
    assert registry.contract("mka1", "2026-07") is contract
    assert set(contract.operations) == set(package.operations)


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    """Naming providers imports no kind and no model, and one provider's kind imports nothing of another."""
    code = (
        "import sys; from unijob import registry\n"
        "registry.kind('gradient:indexing_job')\n"
        "print(*sorted(m for m in sys.modules if m.startswith(('unijob.providers.mka1', 'unijob_models.mka1'))))\n"
        "registry.provider_names()\n"
        "print(*sorted(m for m in sys.modules if m.startswith(('unijob.providers.mka1', 'unijob_models.mka1'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\nunijob.providers.mka1 unijob_models.mka1\n"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"error": {"message": "m", "code": "c", "request_id": "r"}}, ("m", "c", "r")),
        ({"message": "m", "id": "i"}, ("m", "i", None)),
        ({"detail": "d", "type": "t"}, ("d", "t", None)),
        ({"error": "e"}, ("e", None, None)),
        ({"title": "t", "message": ""}, ("t", None, None)),
        ({"error": {"message": 5}}, (None, None, None)),
        ("text", ("text", None, None)),
        (None, (None, None, None)),
        ([], (None, None, None)),
        ({}, (None, None, None)),
    ],
)
def test_untyped_errors(body: object, detail: tuple[str | None, ...]) -> None:
    """An error body that no contract types is read by the names that most APIs use."""
    found = untyped_error(body)
    assert (found.message, found.code, found.request_id) == detail


def test_providers_say_where_they_are_found() -> None:
    """The public servers, and the environment names of the settings, are as documented."""
    mka1, gradient = registry.provider("mka1"), registry.provider("gradient")
    assert isinstance(mka1, Provider)
    assert (mka1.key_variables, mka1.base_url_variable, mka1.revision_variable) == (
        ("MKA1_API_KEY",),
        "MKA1_BASE_URL",
        "MKA1_REVISION",
    )
    assert (gradient.key_variables, gradient.base_url_variable) == (
        ("GRADIENT_ACCESS_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"),
        "GRADIENT_BASE_URL",
    )
    assert mka1.on_behalf_of == "X-On-Behalf-Of"
    assert mka1.base_url.startswith("https://")
    assert gradient.base_url.startswith("https://")
