"""What a proxy is set up by: plain data. Sizes are in bytes and times in seconds unless a field says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

Mode = Literal["off", "report", "enforce"]
"""`off` checks nothing, `report` tells and changes no answer, `enforce` refuses too."""
Category = Literal["request", "response", "drift"]
Engine = Literal["compiled", "reference"]
TooLarge = Literal["pass", "refuse"]
Streams = Literal["check", "pass", "refuse"]


@attrs.frozen(kw_only=True)
class Policy:
    """How strict to be. The most specific place that says something wins.

    An operation is more specific than its upstream, and that than the whole; in each, a category is more specific
    than `mode`. Where nothing is said, it is `report`.
    """

    mode: Mode | None = None
    """Of requests and responses. `off` is off for drift too; `enforce` reports drift and does not refuse it. Not said
    by default."""
    request: Mode | None = None
    """Of what breaks the contract in a request. Not said by default."""
    response: Mode | None = None
    """Of what breaks the contract in a response. Not said by default."""
    drift: Mode | None = None
    """Of what the contract does not know: an undocumented field, parameter, status, or (in a response) enum value.
    Not said by default."""


@attrs.frozen(kw_only=True)
class Limits:
    """Bounds that protect the proxy and whoever is behind it."""

    check_bytes: int = 4 * 2**20
    """The largest body that is checked, in bytes as sent; what is larger follows `too_large`. Default 4 MiB."""
    decompressed_bytes: int = 16 * 2**20
    """The most that the copy of a compressed body may grow to for its check, in bytes. Default 16 MiB."""
    event_bytes: int = 2**20
    """The largest event of an event stream that is checked, in bytes. Default 1 MiB."""
    request_bytes: int = 2**30
    """The largest request body that is passed, in bytes; a larger one is answered with 413. Default 1 GiB."""
    response_bytes: int = 16 * 2**30
    """The largest response body that is passed, in bytes; a larger one is broken off. Default 16 GiB."""
    line_bytes: int = 16 * 2**10
    """The longest request line and status line, in bytes. Default 16 KiB."""
    field_bytes: int = 16 * 2**10
    """The longest header field, in bytes. Default 16 KiB."""
    header_bytes: int = 64 * 2**10
    """The largest header section of a request, in bytes, all fields together. Default 64 KiB."""
    header_fields: int = 128
    """How many header fields a message may have. Default 128."""
    header_seconds: float = 10.0
    """How long a caller may take for the header section of a request, in seconds. Default 10."""
    keep_alive_seconds: float = 75.0
    """How long a caller's connection may lie idle between requests, in seconds. Default 75."""
    connect_seconds: float = 5.0
    """How long connecting to an upstream may take, name look-up and TLS included, in seconds. Default 5."""
    first_byte_seconds: float = 300.0
    """How long an upstream may take from the whole request to the header of its answer, in seconds. Default 300."""
    idle_seconds: float = 120.0
    """How long a body may stand still, either way, in seconds. Default 120."""
    upstream_idle_seconds: float = 15.0
    """How long an idle connection to an upstream is kept for the next request, in seconds; keep it below the
    upstream's own. 0 opens one for each request. Default 15."""
    concurrent_requests: int = 1000
    """How many requests may be under way; one more is answered with 503. Default 1,000."""
    connections: int = 4000
    """How many callers' connections may be open; one more is closed at once. Default 4,000."""
    validation_ms_per_second: float = 250.0
    """How much of each second checks in report mode may take, in milliseconds; a check that finds it used up is
    skipped and counted. Enforced checks are never skipped for it. Default 250."""
    backlog_bytes: int = 32 * 2**20
    """How much body may wait for its check in report mode, in bytes; what comes on top is skipped and counted.
    Default 32 MiB."""
    drain_seconds: float = 30.0
    """How long `drain()` waits for requests under way before it breaks them off, in seconds. Default 30."""


@attrs.frozen(kw_only=True)
class UpstreamSettings:
    """One upstream API, mounted at `/<name>/`."""

    name: str
    """Its name, the first segment of the path: letters, digits, `-` and `_`."""
    url: str
    """Its base URL, `https://api.example.com` or with a path; no query."""
    spec: str | None = None
    """The file of its contract, OpenAPI 3.0 or 3.1, JSON or YAML. By default the bundled contract of its provider."""
    provider: str | None = None
    """Whose bundled contract it is held against, so that one provider may be mounted twice (`staging`,
    `production`). By default the one of its name."""
    revision: str | None = None
    """The revision of a bundled contract. By default the newest."""
    base_paths: tuple[str, ...] | None = None
    """What stands before the contract's paths in a request behind the mount: `("/v2",)`, `("",)` for nothing. By
    default the paths of the contract's servers."""
    policy: Policy = Policy()
    """How strict to be with this upstream. By default as overall."""
    operations: Mapping[str, Policy] = attrs.field(factory=dict[str, Policy])
    """How strict to be with single operations, by `operationId`. By default as the upstream."""
    pass_undocumented: bool = False
    """Whether enforce passes undocumented paths and methods instead of refusing them. Default false."""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    """Headers that the proxy sets on each request in place of the caller's: its own credentials for this upstream
    (`Authorization = "Bearer …"`). They are masked wherever the proxy tells something. By default none."""
    closed_enums: bool | None = None
    """Whether an unknown value of a string enum in a response is a violation instead of drift. By default as
    overall."""
    unique_keys: bool | None = None
    """Whether a JSON object that has a name twice is a violation. By default as overall."""
    check_security: bool = True
    """Whether credentials are checked for presence and form. Default true."""
    ca_file: str | None = None
    """A PEM file of the authorities that its certificate is checked against. By default the system's."""


@attrs.frozen(kw_only=True)
class ProxySettings:
    """A whole proxy."""

    upstreams: tuple[UpstreamSettings, ...]
    """The upstreams; at least one, each with a name of its own."""
    host: str = "127.0.0.1"
    """The address to listen on. Default 127.0.0.1: this machine only."""
    port: int = 8080
    """The port; 0 for any that is free. Default 8080."""
    admin_host: str = "127.0.0.1"
    """The address of the admin listener. Default 127.0.0.1: this machine only."""
    admin_port: int | None = 8081
    """The port of the admin listener; 0 for any that is free, None for no such listener. Default 8081."""
    policy: Policy = Policy()
    """How strict to be overall. By default report."""
    limits: Limits = Limits()
    """The bounds."""
    engine: Engine = "compiled"
    """Which engine checks: `compiled`, or `reference` (openapi-core: many times slower). Default compiled."""
    too_large: TooLarge = "pass"
    """What enforce does with a body that cannot be checked, because it is too large or in an encoding that is not
    known: `pass` it unchecked and count that, or `refuse` it (413 for a request, 502 for a response). Default pass."""
    streams: Streams = "check"
    """What enforce does with an event stream: `check` its events one by one and break off at the first bad one, `pass`
    it unchecked, or `refuse` it with 502. Default check."""
    forwarded_headers: bool = False
    """Whether to add `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`. Default false."""
    closed_enums: bool = False
    """Whether an unknown value of a string enum in a response is a violation instead of drift. Default false."""
    unique_keys: bool = False
    """Whether a JSON object that has a name twice is a violation; it costs several times the rest of a check. Default
    false."""
    inbound_keys: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Keys, one of which each caller must send, as `Unijob-Key: KEY` or `Authorization: Bearer KEY`; it is not passed
    on. By default none is asked for."""
