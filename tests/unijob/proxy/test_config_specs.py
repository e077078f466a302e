"""Contracts found by name or read from files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from tests.unijob.proxy.wires import SPEC
from unijob import registry
from unijob.errors import ConfigError
from unijob.proxy.config import WrongSettings
from unijob.proxy.settings import Policy, ProxySettings, UpstreamSettings
from unijob.proxy.specs import describe_spec, load_contracts

BUNDLED = registry.provider_names()[0]


def one(**changes: Any) -> ProxySettings:
    fields: dict[str, Any] = {"name": "api", "url": "http://x", **changes}
    return ProxySettings(upstreams=(UpstreamSettings(**fields),))


def wrong(settings: ProxySettings) -> dict[str, str]:
    with pytest.raises(WrongSettings) as caught:
        load_contracts(settings)
    return {problem.setting: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize("name", registry.provider_names())
def test_a_bundled_contract_is_found_by_name(name: str) -> None:
    """The newest revision, or the one asked for."""
    known = registry.revisions(name)
    newest = one(name=name)
    expected = registry.contract(name, known[-1]).operations.keys()
    assert load_contracts(newest)[name].operations.keys() == expected
    assert known[-1] in describe_spec(newest.upstreams[0])
    oldest = one(name=name, revision=known[0])
    assert load_contracts(oldest)[name].operations.keys() == registry.contract(name, known[0]).operations.keys()


def test_a_revision_that_is_not_there() -> None:
    """Says which there are."""
    told = wrong(one(name=BUNDLED, revision="1999-01"))[f"upstreams.{BUNDLED}.revision"]
    assert told == f"must be one of {', '.join(registry.revisions(BUNDLED))}"


def test_a_provider_under_another_name() -> None:
    """One provider can be mounted twice, each with a contract of its own."""
    known = registry.revisions(BUNDLED)
    settings = one(name="staging", provider=BUNDLED, revision=known[0])
    assert (
        load_contracts(settings)["staging"].operations.keys() == registry.contract(BUNDLED, known[0]).operations.keys()
    )
    assert describe_spec(settings.upstreams[0]) == f"bundled of {BUNDLED}, revision {known[0]}"
    assert "is bundled" in wrong(one(provider="nobody"))["upstreams.api.provider"]
    assert "and `spec` names a file" in wrong(one(provider=BUNDLED, spec="x.json"))["upstreams.api.provider"]


def test_a_contract_that_is_not_bundled() -> None:
    """Asks for a file."""
    assert "--spec api=FILE" in wrong(one())["upstreams.api.spec"]


def test_an_upstream_that_checks_nothing_needs_no_contract() -> None:
    """Whatever its name is."""
    off = Policy(mode="off")
    assert load_contracts(one(policy=off)) == {}
    assert wrong(one(policy=off, operations={"x": Policy(request="report")}))


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".YML", ".txt"])
def test_a_contract_from_a_file(suffix: str, tmp_path: Path) -> None:
    """JSON, or YAML by its suffix."""
    file = tmp_path / f"spec{suffix}"
    text = yaml.safe_dump(dict(SPEC)) if "y" in suffix.lower() else json.dumps(SPEC)
    file.write_text(text, encoding="utf-8")
    settings = one(spec=str(file))
    contract = load_contracts(settings)["api"]
    assert "get_item" in contract.operations
    assert contract.check_response_bytes("get_item", 200, b'{"id": "x"}')
    assert describe_spec(settings.upstreams[0]) == str(file)


def test_yaml_is_read_as_json_has_it(tmp_path: Path) -> None:
    """A status is text, a date stays text, `on` is no truth."""
    file = tmp_path / "spec.yaml"
    text = """
openapi: 3.0.3
info: {title: t, version: 2024-01-01}
paths:
  /x:
    get:
      operationId: x
      responses:
        200:
          description: d
          content:
            application/json:
              schema: {type: string, enum: [on, 2024-01-01]}
"""
    file.write_text(text, encoding="utf-8")
    contract = load_contracts(one(spec=str(file)))["api"]
    assert contract.check_response_bytes("x", 200, b'"on"') == ()
    assert contract.check_response_bytes("x", 200, b'"2024-01-01"') == ()
    assert contract.check_response_bytes("x", 200, b"true")


def test_yaml_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Says what to install, and that JSON does without."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    file = tmp_path / "spec.yaml"
    file.touch()
    assert "pip install pyyaml" in wrong(one(spec=str(file)))["upstreams.api.spec"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", "{", "is not JSON"),
        ("a.json", "[]", "holds no object"),
        ("a.json", "{}", "is not an OpenAPI 3.0 or 3.1 document"),
        ("a.json", '{"openapi": "3.1.0", "paths": 3}', ""),
        ("a.json", '{"openapi": "3.1.0", "paths": {"/x": {"$ref": "other.json"}}}', "reference out of the document"),
        ("a.yaml", "a: [", "is not YAML"),
        ("a.yaml", "!!python/object:os.system {}", "is not YAML"),
        ("a.json", None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_contract(name: str, content: str | None, told: str, tmp_path: Path) -> None:
    """Is refused, and named by its setting."""
    file = tmp_path / name
    if content is not None:
        file.write_text(content, encoding="utf-8")
    if not told:
        assert load_contracts(one(spec=str(file)))["api"].operations == {}
        return
    assert told in wrong(one(spec=str(file)))["upstreams.api.spec"]


def test_a_schema_that_is_not_valid_is_found_at_the_start(tmp_path: Path) -> None:
    """Not by the first request that needs it."""
    spec = json.loads(json.dumps(SPEC))
    spec["paths"]["/items"]["post"]["requestBody"]["content"]["application/json"]["schema"] = {"type": "nonsense"}
    file = tmp_path / "a.json"
    file.write_text(json.dumps(spec), encoding="utf-8")
    assert list(wrong(one(spec=str(file)))) == ["upstreams.api.spec"]


def test_operations_with_settings_of_their_own_must_exist(tmp_path: Path) -> None:
    """The nearest name is told."""
    file = tmp_path / "a.json"
    file.write_text(json.dumps(SPEC), encoding="utf-8")
    settings = one(spec=str(file), operations={"get_itme": Policy(), "watch": Policy(), "zzz zzz": Policy()})
    assert wrong(settings) == {
        "upstreams.api.operations.get_itme": "the contract has no such operation; did you mean get_item?",
        'upstreams.api.operations."zzz zzz"': "the contract has no such operation",
    }


def test_a_revision_is_not_for_files(tmp_path: Path) -> None:
    """Since a file is one revision."""
    assert list(wrong(one(spec=str(tmp_path / "a.json"), revision="1"))) == ["upstreams.api.revision"]


def test_the_reference_engine_can_be_chosen() -> None:
    """Or says what it needs, by its setting."""
    settings = attrs.evolve(one(name=BUNDLED), engine="reference")
    try:
        engine = registry.load("unijob.contract.reference:ReferenceContract")
    except ConfigError:
        assert "openapi-core" in wrong(settings)["engine"]
    else:
        assert isinstance(load_contracts(settings)[BUNDLED], engine)
