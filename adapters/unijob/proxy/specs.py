"""Finds and compiles the contracts that a proxy's upstreams are held against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from unijob import registry
from unijob.contract import Contract
from unijob.errors import ConfigError, InvalidArgument, UnusableProvider
from unijob.jsontypes import is_list, is_object
from unijob.proxy.config import WrongSettings
from unijob.proxy.config_checks import Problem, key_path
from unijob.proxy.policy import modes_of

if TYPE_CHECKING:
    from unijob.proxy.settings import ProxySettings, UpstreamSettings

_REFERENCE = "unijob.contract.reference:ReferenceContract"
_YAML = frozenset({".yaml", ".yml"})
_YAML_FLOAT = re.compile(r"[-+]?(?:\d[\d_]*\.\d*|\.\d+)(?:[eE][-+]?\d+)?$|[-+]?\d+[eE][-+]?\d+$")


def load_contracts(settings: ProxySettings) -> dict[str, Contract]:
    """Compile the contract of each upstream, whole, so that a bad one is found now and not by a request.

    Returns:
        The contracts by the upstream's name; an upstream that checks nothing and has no contract is left out.

    Raises:
        WrongSettings: names each contract that cannot be used and each operation that its contract does not have.
    """
    contracts: dict[str, Contract] = {}
    problems: list[Problem] = []
    for upstream in settings.upstreams:
        if _needs_none(upstream, settings):
            continue
        try:
            contract = contracts[upstream.name] = _contract(upstream, settings)
        except WrongSettings as error:
            problems.extend(error.problems)
        else:
            problems.extend(_unknown_operations(upstream, contract))
    if problems:
        raise WrongSettings(problems)
    return contracts


def describe_spec(upstream: UpstreamSettings) -> str:
    """Say in a few words where an upstream's contract comes from."""
    if upstream.spec is not None:
        return upstream.spec
    provider = _provider(upstream)
    of = "" if provider == upstream.name else f" of {provider}"
    return f"bundled{of}, revision {upstream.revision or registry.revisions(provider)[-1]}"


def _provider(upstream: UpstreamSettings) -> str:
    return upstream.name if upstream.provider is None else upstream.provider


def _needs_none(upstream: UpstreamSettings, settings: ProxySettings) -> bool:
    if upstream.spec is not None or upstream.provider is not None or upstream.name in registry.provider_names():
        return False
    policies = [(upstream.policy, settings.policy)]
    modes = [modes_of(each) for each in policies + [(one, *policies[0]) for one in upstream.operations.values()]]
    return not any(one.checks_request or one.checks_response for one in modes)


def _contract(upstream: UpstreamSettings, settings: ProxySettings) -> Contract:
    document = _bundled(upstream) if upstream.spec is None else _read(upstream, Path(upstream.spec))
    engine: type[Contract] = Contract
    if settings.engine == "reference":
        try:
            engine = registry.load(_REFERENCE)
        except ConfigError as error:
            raise WrongSettings([Problem("engine", str(error))]) from None
    try:
        contract = engine(
            document,
            closed_enums=settings.closed_enums if upstream.closed_enums is None else upstream.closed_enums,
            unique_keys=settings.unique_keys if upstream.unique_keys is None else upstream.unique_keys,
            security=upstream.check_security,
            prefixes=upstream.base_paths,
        )
        contract.compile()
    except ConfigError as error:
        raise _wrong(upstream, "spec", str(error)) from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise _wrong(upstream, "spec", f"is not a usable OpenAPI document: {error}") from error
    return contract


def _bundled(upstream: UpstreamSettings) -> dict[str, Any]:
    provider = _provider(upstream)
    setting = "spec" if upstream.provider is None else "provider"
    try:
        registry.provider(provider)
    except InvalidArgument:
        bundled = ", ".join(registry.provider_names()) or "none"
        told = f"no contract of that name is bundled (there is {bundled}): give a file with --spec {upstream.name}=FILE"
        if upstream.provider is None:
            told += f", or say whose it is with --provider {upstream.name}=PROVIDER"
        raise _wrong(upstream, setting, told) from None
    except UnusableProvider as error:
        raise _wrong(upstream, setting, str(error)) from None
    known = registry.revisions(provider)
    revision = known[-1] if upstream.revision is None else upstream.revision
    if revision not in known:
        raise _wrong(upstream, "revision", f"must be one of {', '.join(known)}")
    return registry.package(provider, revision).document()


def _read(upstream: UpstreamSettings, path: Path) -> dict[str, Any]:
    for setting in ("revision", "provider"):
        if getattr(upstream, setting) is not None:
            raise _wrong(upstream, setting, "is for a bundled contract, and `spec` names a file")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _wrong(upstream, "spec", f"{path} cannot be read: {error.strerror or type(error).__name__}") from None
    document = _yaml(upstream, path, raw) if path.suffix.lower() in _YAML else _json(upstream, path, raw)
    if not is_object(document):
        raise _wrong(upstream, "spec", f"{path} holds no object")
    return document


def _json(upstream: UpstreamSettings, path: Path, raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _wrong(upstream, "spec", f"{path} is not JSON: {error}") from None


def _yaml(upstream: UpstreamSettings, path: Path, raw: bytes) -> Any:
    try:
        import yaml  # noqa: PLC0415  not a dependency: who has JSON does without
    except ImportError:
        told = f"{path} is YAML, and PyYAML is not installed: pip install pyyaml, or give the contract as JSON"
        raise _wrong(upstream, "spec", told) from None
    try:
        return _plain(yaml.load(raw, Loader=_loader(yaml)))  # noqa: S506  a loader of plain data
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, TypeError, ValueError) as error:
        raise _wrong(upstream, "spec", f"{path} is not YAML: {' '.join(str(error).split())}") from None


def _loader(yaml: Any) -> Any:
    """A safe loader that reads JSON's types only: no dates, no `yes` for true, no base 60."""

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
        yaml_implicit_resolvers: Mapping[str, Any] = {}

    add = Loader.add_implicit_resolver
    add("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
    add("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
    add("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9]\d*)$"), list("-0123456789"))
    add("tag:yaml.org,2002:float", _YAML_FLOAT, list("-+.0123456789"))
    add("tag:yaml.org,2002:merge", re.compile(r"<<$"), ["<"])
    return Loader


def _plain(value: Any) -> Any:
    """Turn the keys of objects into text, as JSON has them: `200:` is a number in YAML."""
    if is_object(value):
        return {_key(name): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if is_list(value) else value


def _key(name: Any) -> str:
    return name if isinstance(name, str) else orjson.dumps(name).decode()


def _unknown_operations(upstream: UpstreamSettings, contract: Contract) -> list[Problem]:
    problems: list[Problem] = []
    for name in upstream.operations.keys() - contract.operations.keys():
        near = get_close_matches(name, contract.operations, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        setting = key_path(("upstreams", upstream.name, "operations", name))
        problems.append(Problem(setting, f"the contract has no such operation{meant}"))
    return sorted(problems, key=str)


def _wrong(upstream: UpstreamSettings, setting: str, message: str) -> WrongSettings:
    return WrongSettings([Problem(key_path(("upstreams", upstream.name, setting)), message)])
