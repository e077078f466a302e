"""The tree of errors: as documented, with data, and fit to cross a process."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from datetime import timedelta
from typing import Any

import pytest

from unijob import errors
from unijob.errors import UnijobError, Violation
from unijob.job import Job, JobState
from unijob.ref import JobRef

REF = JobRef("mka1", "eval_run", ("a",))
JOB: Job[Any, Any] = Job(ref=REF, state=JobState.FAILED, revision="2026-10", source={"id": "a"})
VIOLATION = Violation(place="response.body", pointer="/data", keyword="required", message="misses a/b", missing="a/b")
ENDED = ("JobEnded", "JobFailed", "JobCancelled", "JobTimedOut", "JobPartial", "JobStalled", "JobUnknown")

STATES: dict[str, dict[str, Any]] = {
    "UnijobError": {},
    "ConfigError": {"setting": "MKA1_API_KEY"},
    "UnusableProvider": {"provider": "acme", "distribution": "acme-jobs 1.0", "reason": "it is no Provider"},
    "InvalidArgument": {"argument": "ref", "violations": (VIOLATION,)},
    "TransportError": {},
    "StartUncertain": {"kind": "mka1:eval_run", "arguments": {"suite_id": "s"}, "candidates": (JOB,)},
    "UpstreamError": {"status": 500, "body": {"message": "no"}, "request_id": "req_1"},
    "AuthenticationError": {"status": 401, "body": None, "request_id": None},
    "JobNotFound": {"ref": REF, "status": 404, "body": {"id": "not_found"}, "request_id": "req_2"},
    "JobSuperseded": {"ref": REF, "status": None, "body": None, "request_id": None},
    "Conflict": {"status": 409, "body": "busy", "request_id": None},
    "RateLimited": {"status": 429, "body": None, "request_id": None, "retry_after": 1.5},
    "ContractViolation": {"violations": (VIOLATION,), "revision": "2026-10"},
    "UnsupportedOperation": {"kind": "mka1:file_batch", "operation": "retry", "supported": ("get", "cancel")},
    **{name: {"job": JOB} for name in ENDED},
    "WaitTimeout": {"job": None, "elapsed": timedelta(seconds=3), "polls": 7},
}

# From job-semantics, "Errors": who stands under whom, and what a caller may catch it as.
PROMISED = {
    "ConfigError": UnijobError,
    "UnusableProvider": errors.ConfigError,
    "TransportError": UnijobError,
    "StartUncertain": errors.TransportError,
    "UpstreamError": UnijobError,
    "AuthenticationError": errors.UpstreamError,
    "JobNotFound": errors.UpstreamError,
    "JobSuperseded": errors.JobNotFound,
    "Conflict": errors.UpstreamError,
    "RateLimited": errors.UpstreamError,
    "ContractViolation": UnijobError,
    "UnsupportedOperation": UnijobError,
    "JobFailed": UnijobError,
    "JobCancelled": UnijobError,
    "JobTimedOut": UnijobError,
    "JobPartial": UnijobError,
    "JobStalled": UnijobError,
    "WaitTimeout": TimeoutError,
}


def classes() -> dict[str, type[UnijobError]]:
    """All error classes of the module, by name."""
    return {
        name: found for name, found in vars(errors).items() if inspect.isclass(found) and issubclass(found, UnijobError)
    }


def documented() -> dict[str, str | None]:
    """The tree in the module's docstring: each class with the one that it stands under."""
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([│├└─ ]*)([A-Z]\w+)(?:$|\s{2,}\S)", line.removeprefix("    "))
        if match is None:
            continue
        depth = len(match[1]) // 4
        del path[depth:]
        parents[match[2]] = path[-1] if path else None
        path.append(match[2])
    return parents


def build(name: str) -> UnijobError:
    """An error of a class, with all its data."""
    found: UnijobError = classes()[name]("what went wrong", **STATES[name])
    return found


def test_the_documented_tree_is_the_real_one() -> None:
    """The docstring draws every class under the class that it derives from."""
    real = {
        name: None if found is UnijobError else next(b.__name__ for b in found.__bases__ if issubclass(b, UnijobError))
        for name, found in classes().items()
    }
    assert documented() == real


def test_documented_order_is_the_order_of_definition() -> None:
    """The tree reads in the order in which the module defines its classes."""
    assert list(documented()) == list(classes())


@pytest.mark.parametrize(("name", "base"), PROMISED.items())
def test_what_callers_may_catch(name: str, base: type[BaseException]) -> None:
    """Each error is caught as what job-semantics promises, and as UnijobError."""
    assert issubclass(classes()[name], base)
    assert issubclass(classes()[name], UnijobError)


def test_every_class_is_tried_here() -> None:
    """The states of this module cover all classes."""
    assert STATES.keys() == classes().keys()


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_errors_pickle_with_their_data(name: str, protocol: int) -> None:
    """An error crosses a process with its class, message and data."""
    error = build(name)
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is type(error)
    assert str(again) == "what went wrong"
    assert {key: getattr(again, key) for key in STATES[name]} == STATES[name]


@pytest.mark.parametrize("name", STATES)
def test_errors_copy_and_keep_notes(name: str) -> None:
    """A copied error keeps its data and its notes."""
    error = build(name)
    error.add_note("while polling")
    again = copy.copy(error)
    assert again.__notes__ == ["while polling"]
    assert str(again) == str(error)
    assert {key: getattr(again, key) for key in STATES[name]} == STATES[name]


def test_a_bad_argument_is_a_value_error() -> None:
    """`InvalidArgument` is caught by who expects a ValueError."""
    assert isinstance(build("InvalidArgument"), ValueError)


def test_lists_become_tuples() -> None:
    """What an error holds does not change with the list it was given."""
    assert errors.ContractViolation("no", violations=[VIOLATION]).violations == (VIOLATION,)
    assert errors.UnsupportedOperation("no", kind="k", operation="o", supported=["get"]).supported == ("get",)


@pytest.mark.parametrize(
    ("pointer", "missing", "target"),
    [
        ("", None, ""),
        ("/data/0", None, "/data/0"),
        ("", "id", "/id"),
        ("/data", "a/b", "/data/a~1b"),
        ("/data", "~", "/data/~0"),
    ],
)
def test_a_violation_points_at_its_value(pointer: str, missing: str | None, target: str) -> None:
    """`target` is the JSON pointer of the value itself, also where it is missing."""
    violation = Violation(place="response.body", pointer=pointer, keyword="required", message="", missing=missing)
    assert violation.target == target


def test_a_violation_prints_its_place() -> None:
    """A violation reads as place, pointer, message; the pointer is of what is missing, where something is."""
    assert str(VIOLATION) == "response.body /data/a~1b: misses a/b"
    assert str(Violation(place="response.body", pointer="", keyword="type", message="m")) == "response.body /: m"
