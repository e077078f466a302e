"""The pages on the proxy say what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import attrs
import pytest
from prometheus_client.parser import text_string_to_metric_families

from unijob.errors import Violation
from unijob.proxy.admin_pages import Pages
from unijob.proxy.config import Source
from unijob.proxy.drift import DriftLog
from unijob.proxy.events import Exchange, Skip
from unijob.proxy.history import History
from unijob.proxy.metrics import Metrics
from unijob.proxy.reference_page import page
from unijob.proxy.settings import Limits, Policy, ProxySettings, UpstreamSettings

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = (DOCS / "proxy.md").read_text(encoding="utf-8")


def test_the_reference_is_fresh() -> None:
    """`python -m unijob.proxy.reference_page > docs/proxy-config.md` writes it anew."""
    assert (DOCS / "proxy-config.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("cls", [ProxySettings, UpstreamSettings, Limits, Policy])
def test_the_reference_has_every_setting(cls: type[attrs.AttrsInstance]) -> None:
    """Tables stand as sections."""
    for field in attrs.fields(cls):
        assert f"`{field.name}`" in page() or f"`[{field.name}]`" in page() or field.name in {"upstreams", "name"}


def test_every_example_is_right(tmp_path: Path) -> None:
    """The TOML in the guide is read without a complaint."""
    examples = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert examples
    for example in examples:
        tomllib.loads(example)
        (tmp_path / "proxy.toml").write_text(example, encoding="utf-8")
        environment = dict.fromkeys(re.findall(r"\$\{(\w+)\}", example), "x" * 16)
        assert Source(file=tmp_path / "proxy.toml", environment=environment).read().upstreams


def test_every_metric_is_listed() -> None:
    """And none that does not exist."""
    metrics = Metrics()
    metrics.watch("requests_in_flight", "n", lambda: 0.0)
    metrics.watch("ready", "n", lambda: 0.0)
    names = {
        family.name if family.type != "counter" else f"{family.name}_total"
        for family in text_string_to_metric_families(metrics.exposition().decode())
        if family.name.startswith("unijob_proxy")
    }
    assert set(re.findall(r"^\| `(unijob_proxy_\w+)`", GUIDE, re.MULTILINE)) == names


def test_every_admin_page_is_listed() -> None:
    """With its path."""
    pages = Pages(metrics=Metrics(), history=History(), drift=DriftLog(), state=lambda: "ready")
    for path in re.findall(r"/-/\w+", pages.answer("/", []).body.decode()):
        assert f"`{path}`" in GUIDE


def test_every_event_of_the_log_is_listed() -> None:
    """Those that the code names."""
    code = "".join(
        (DOCS.parent / f"adapters/unijob/proxy/{name}.py").read_text(encoding="utf-8")
        for name in ("logs", "reload", "run")
    )
    named = set(re.findall(r'(?:\.event\(\s*|"event": )"([\w-]+)"', code))
    assert named >= {"started", "request", "reloaded"}
    for name in named:
        assert f"`{name}`" in GUIDE


def test_every_field_of_a_skip_reason_is_told() -> None:
    """The guide lists why checks are skipped."""
    reasons = re.findall(
        r"^- `([\w-]+)`: ", (DOCS.parent / "adapters/unijob/proxy/events.py").read_text(), re.MULTILINE
    )
    assert "backlog" in reasons
    for reason in reasons:
        assert f"`{reason}`" in GUIDE


def test_the_guide_names_labels_as_they_are() -> None:
    """One exchange with all that can be counted gives every label that the guide shows."""
    metrics = Metrics()
    found = Violation(place="request.body", pointer="", keyword="type", message="m")
    metrics.finished(
        Exchange(
            request_id="r",
            started_at=0.0,
            violations=(found,),
            drift=(found,),
            skips=(Skip(part="request", reason="budget"),),
            outcome="failed",
            checked_request=True,
            events=1,
            upstream_seconds=1.0,
            validation_seconds=1.0,
        )
    )
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels[name] = {label for sample in family.samples for label in sample.labels} - {"le"}
    for name, shown in re.findall(r"^\| `(unijob_proxy_\w+)` \| (.*?) \|", GUIDE, re.MULTILINE):
        if labels.get(name):
            assert set(re.findall(r"`(\w+)`", shown)) == labels[name], name
