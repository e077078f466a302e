"""What a proxy works by at one moment: its mounts with their contracts and modes. Replaced as a whole."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING, Protocol

import attrs
from yarl import URL

from unijob.errors import ConfigError
from unijob.proxy.fields import secrets_of
from unijob.proxy.policy import Modes, modes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from unijob.contract import Match
    from unijob.contract.checks import Headers
    from unijob.errors import Violation
    from unijob.proxy.settings import ProxySettings, UpstreamSettings

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Checker(Protocol):
    """What the proxy asks of a contract; `unijob.contract.Contract` is one."""

    @property
    def operations(self) -> Mapping[str, Any]:
        """Every operation by its id."""
        ...

    def route(self, method: str, raw_path: str) -> Match[Any]:
        """Find the operation behind a method and a raw path."""
        ...

    def check_request(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        headers: Headers = (),
        body: bytes | None = None,
        content_type: str | None = None,
    ) -> tuple[Violation, ...]:
        """Give all that is wrong or new in a request."""
        ...

    def check_response_bytes(
        self,
        operation_id: str,
        status: int,
        body: bytes,
        *,
        content_type: str | None = "application/json",
        headers: Headers | None = None,
    ) -> tuple[Violation, ...]:
        """Give all that is wrong or new in a response."""
        ...

    def check_response(
        self, operation_id: str, status: int, value: Any, *, media_type: str = "application/json"
    ) -> tuple[Violation, ...]:
        """Give all that is wrong or new in a response whose body is parsed, or in one event of a stream."""
        ...


@attrs.frozen
class Mount:
    """One upstream, ready to be asked."""

    settings: UpstreamSettings
    base: URL
    prefix: str
    checker: Checker | None
    modes: Modes
    """The modes of what has no operation."""
    by_operation: Mapping[str, Modes]
    own_fields: tuple[tuple[str, str], ...]
    own_secrets: tuple[str, ...]
    tls: ssl.SSLContext | bool

    @property
    def name(self) -> str:
        """Its name."""
        return self.settings.name

    def target(self, rest: str) -> str:
        """Give the target of a request to the upstream, byte for byte behind the mount."""
        target = self.prefix + rest
        return target if target.startswith("/") else "/" + target

    def modes_for(self, operation_id: str) -> Modes:
        """Give the modes of an operation."""
        return self.by_operation.get(operation_id, self.modes)


@attrs.frozen
class Plan:
    """All mounts, with the settings that they came from."""

    settings: ProxySettings
    mounts: Mapping[str, Mount]


def make_plan(settings: ProxySettings, contracts: Mapping[str, Checker]) -> Plan:
    """Build a plan.

    Args:
        settings: the settings.
        contracts: the compiled contract of each upstream, by its name. One that checks nothing needs none.

    Raises:
        ConfigError: a setting is wrong; names it.
    """
    if not settings.upstreams:
        raise ConfigError("there must be at least one upstream", setting="upstreams")
    mounts: dict[str, Mount] = {}
    for upstream in settings.upstreams:
        if upstream.name in mounts:
            raise ConfigError(f"there are two upstreams named {upstream.name!r}", setting="upstreams.name")
        mounts[upstream.name] = _mount(settings, upstream, contracts.get(upstream.name))
    return Plan(settings, mounts)


def _mount(settings: ProxySettings, upstream: UpstreamSettings, checker: Checker | None) -> Mount:
    where = f"upstreams.{upstream.name}"
    if not _NAME.fullmatch(upstream.name):
        raise ConfigError("an upstream's name has letters, digits, '-' and '_' only", setting=f"{where}.name")
    base = _base(upstream.url, f"{where}.url")
    modes = modes_of((upstream.policy, settings.policy))
    by_operation = {
        name: modes_of((one, upstream.policy, settings.policy)) for name, one in upstream.operations.items()
    }
    if checker is None and any(one.checks_request or one.checks_response for one in (modes, *by_operation.values())):
        raise ConfigError(f"the upstream {upstream.name!r} has no contract to check against", setting=f"{where}.spec")
    for name in by_operation if checker is not None else ():
        if checker is not None and name not in checker.operations:
            raise ConfigError(f"the contract has no operation {name!r}", setting=f"{where}.operations")
    own = _own_fields(upstream, f"{where}.headers")
    return Mount(
        settings=upstream,
        base=base,
        prefix=base.raw_path.rstrip("/"),
        checker=checker,
        modes=modes,
        by_operation=by_operation,
        own_fields=own,
        own_secrets=secrets_of((b"authorization", value.encode()) for _, value in own),
        tls=_tls(upstream, f"{where}.ca_file"),
    )


def _base(url: str, setting: str) -> URL:
    try:
        base = URL(url, encoded=True)
    except ValueError:
        raise ConfigError("is no URL", setting=setting) from None
    if base.scheme not in {"http", "https"} or not base.raw_host:
        raise ConfigError("an upstream's URL begins with http:// or https:// and a host", setting=setting)
    if base.raw_user or base.raw_password or "?" in url or "#" in url:
        raise ConfigError("an upstream's URL has no user, password, query or fragment", setting=setting)
    return base


def _own_fields(upstream: UpstreamSettings, setting: str) -> tuple[tuple[str, str], ...]:
    for name, value in upstream.headers.items():
        if not _FIELD_NAME.fullmatch(name) or not value.isascii() or not value.isprintable():
            raise ConfigError(f"the header {name!r} cannot be sent", setting=setting)
    return tuple(upstream.headers.items())


def _tls(upstream: UpstreamSettings, setting: str) -> ssl.SSLContext | bool:
    if upstream.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=upstream.ca_file)
    except OSError:
        raise ConfigError("is no readable file of certificates", setting=setting) from None
