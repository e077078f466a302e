"""The suite for authors of providers, run on those that come with the library."""

from __future__ import annotations

from unijob import registry
from unijob.job import JobState
from unijob.testing.suite import ProviderSuite


class TestGradient(ProviderSuite):
    provider = "gradient"
    ends = {"gradient:indexing_job": {"no_changes": JobState.SUCCEEDED, "error": JobState.FAILED}}


class TestMka1(ProviderSuite):
    provider = "mka1"
    ends = {
        "mka1:feedback_export": {"terminated": JobState.CANCELLED},
        "mka1:batch": {"expired": JobState.TIMED_OUT},
        "mka1:compute_job": {"terminated": JobState.CANCELLED},
    }


def test_every_provider_is_under_test() -> None:
    """A provider that is added runs through the suite."""
    assert {TestGradient.provider, TestMka1.provider} == set(registry.provider_names())
