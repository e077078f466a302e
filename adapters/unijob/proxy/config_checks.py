"""What the values of a proxy's settings may be. Each check says what is wrong in words, and quotes no credential."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from unijob.proxy.proxy import is_loopback
from unijob.proxy.settings import ProxySettings
from unijob.redact import is_secret_name

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VISIBLE = re.compile(r"[\x20-\x7e]+")
_KEY = re.compile(r"[\x21-\x7e]+")
_SECRET_HEADER = re.compile(r"(?i)auth|key|token|secret|cookie|password|credential")
_NOT_SET = frozenset({
    "connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade", "via",
})  # fmt: skip
_MAY_BE_ZERO = frozenset(
    {"upstream_idle_seconds", "validation_ms_per_second", "backlog_bytes", "drain_seconds", "check_bytes"}
)
_HIGHEST_PORT = 65535
_SHORTEST_KEY = 16


@attrs.frozen
class Problem:
    """One setting that is wrong.

    Attributes:
        setting: its name: the path in the TOML file, `limits.check_bytes`, or the flag.
        message: what is wrong, and what it may be.
    """

    setting: str
    message: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.message}"


def key_path(keys: tuple[str, ...]) -> str:
    """Write keys as TOML does: `upstreams.mka1.operations."GET /v1/runs"`."""
    return ".".join(key if _BARE_KEY.fullmatch(key) else '"' + key.replace('"', '\\"') + '"' for key in keys)


def may_be_zero(limit: str) -> bool:
    """Whether a limit may be 0."""
    return limit in _MAY_BE_ZERO


def find_wrong(keys: tuple[str, ...], value: Any) -> str | None:
    """Say what is wrong with a value of the right type, or None."""
    if value is None:
        return None
    if keys[0] == "limits" and keys[1:]:
        return _limit(keys[-1], value)
    check = _CHECKS.get((keys[0], *keys[2:]) if keys[0] == "upstreams" else keys)
    return None if check is None else check(value)


def check_header(keys: tuple[str, ...], *, has_variable: bool) -> str | None:
    """Say what is wrong with a header that the proxy sets, or an inbound key, as written in the file."""
    if keys[0] == "inbound_keys":
        return None if has_variable else 'must be "${NAME}", NAME an environment variable: no keys in the file'
    name = keys[-1]
    if not _HEADER_NAME.fullmatch(name):
        return "is no name of an HTTP header"
    if name.lower() in _NOT_SET or name.lower().startswith("unijob-"):
        return "is a header that the proxy makes itself"
    if not has_variable and (is_secret_name(name) or _SECRET_HEADER.search(name)):
        return 'must take its secret from an environment variable: "${NAME}" or "Bearer ${NAME}"'
    return None


def check_whole(settings: ProxySettings) -> list[Problem]:
    """Check what concerns several settings at once."""
    problems: list[Problem] = []
    adding = [upstream.name for upstream in settings.upstreams if upstream.headers]
    if adding and not settings.inbound_keys and not is_loopback(settings.host):
        told = f"upstreams.{adding[0]}.headers makes the proxy act with its own credentials for whoever reaches it"
        problems.append(Problem("host", f"must be a loopback address unless inbound_keys is set, since {told}"))
    if settings.port and settings.port == settings.admin_port and settings.host == settings.admin_host:
        problems.append(Problem("admin_port", f"must not be the port of the proxy itself, {settings.port}"))
    return problems


def _limit(name: str, value: float) -> str | None:
    lowest_is_zero = may_be_zero(name)
    if 0 < value < float("inf") or (lowest_is_zero and value == 0):
        return None
    return "must be 0 or more" if lowest_is_zero else "must be more than 0"


def _port(value: int) -> str | None:
    return None if 0 <= value <= _HIGHEST_PORT else f"must lie between 0 (any that is free) and {_HIGHEST_PORT}"


def _host(value: str) -> str | None:
    return None if value and not value.isspace() else "must be an address or a name; 0.0.0.0 for all of IPv4"


def _name(value: str) -> str | None:
    return None if _BARE_KEY.fullmatch(value) else "an upstream's name is made of letters, digits, - and _"


def _url(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not _KEY.fullmatch(value):
        return "must be a URL such as https://api.example.com"
    if "@" in urlsplit(value).netloc:
        return "must not hold a user or password: set the Authorization header under `headers`"
    if "?" in value or "#" in value:
        return "must have no query and no fragment"
    return None


def _base_paths(value: tuple[str, ...]) -> str | None:
    if not value:
        return 'must name one at least; [""] where nothing stands before the paths'
    fits = all(not path or (path.startswith("/") and not path.endswith("/")) for path in value)
    return None if fits else 'each must begin with / and not end with it; "" for nothing'


def _ca_file(value: str) -> str | None:
    return None if Path(value).is_file() else f"there is no file {value}"


def _headers(value: Mapping[str, str]) -> str | None:
    if len({name.lower() for name in value}) < len(value):
        return "names a header twice"
    return None if all(map(_VISIBLE.fullmatch, value.values())) else "a value may hold printable ASCII only"


def _inbound_keys(value: tuple[str, ...]) -> str | None:
    if all(len(key) >= _SHORTEST_KEY and _KEY.fullmatch(key) for key in value):
        return None
    return f"each must have {_SHORTEST_KEY} characters or more, printable ASCII without spaces"


def _upstreams(value: tuple[Any, ...]) -> str | None:
    return None if value else "there must be one at least: give --upstream NAME=URL"


_CHECKS: Mapping[tuple[str, ...], Callable[[Any], str | None]] = {
    ("host",): _host,
    ("admin_host",): _host,
    ("port",): _port,
    ("admin_port",): _port,
    ("inbound_keys",): _inbound_keys,
    ("upstreams",): _upstreams,
    ("upstreams", "name"): _name,
    ("upstreams", "url"): _url,
    ("upstreams", "base_paths"): _base_paths,
    ("upstreams", "headers"): _headers,
    ("upstreams", "ca_file"): _ca_file,
}
