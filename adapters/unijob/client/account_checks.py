"""What the settings of an account may be. Each check names the setting that is wrong, and never shows a credential."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from unijob import registry
from unijob.errors import ConfigError, InvalidArgument
from unijob.ref import JobRef

if TYPE_CHECKING:
    from unijob.client.accounts import Account
    from unijob.provider import Provider

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
_OWN_HEADERS = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "proxy-authorization",
        "transfer-encoding",
    }
)


def known_provider(name: str) -> Provider:
    """The provider of an account."""
    try:
        return registry.provider(name)
    except InvalidArgument as error:
        raise ConfigError(str(error), setting="provider") from None


def check_name(provider: str, name: str | None) -> None:
    """An account's name is what a reference can hold."""
    try:
        JobRef(provider, "job", (), name)
    except InvalidArgument as error:
        raise ConfigError(str(error), setting="name") from None


def check_key(key: str, setting: str) -> None:
    """A key is visible ASCII, so that it fits a header and nothing slipped in with it."""
    if not key:
        raise ConfigError(f"{setting} is empty: set it to a key, or do not set it", setting=setting)
    if not _VISIBLE.fullmatch(key):
        raise ConfigError(
            f"{setting} may hold visible ASCII characters only: no spaces, no line breaks", setting=setting
        )


def _split(url: str, setting: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_url = parts.hostname is not None and parts.port != 0
    except ValueError:
        parts, is_url = SplitResult("", "", "", "", ""), False
    if not is_url or parts.scheme not in {"http", "https"} or not _VISIBLE.fullmatch(url):
        raise ConfigError(f"{setting} must be an http:// or https:// URL with a host", setting=setting)
    return parts


def checked_url(url: str, setting: str) -> str:
    """A base URL without the slash at its end."""
    parts = _split(url, setting)
    if parts.username is not None or parts.password is not None:
        raise ConfigError(f"{setting} must hold no user and no password: the key has a setting", setting=setting)
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ConfigError(f"{setting} must have no query and no fragment", setting=setting)
    if {".", ".."} & set(parts.path.split("/")):
        raise ConfigError(f"{setting} must have no '.' or '..' in its path", setting=setting)
    return url.rstrip("/")


def check_proxy(proxy: str) -> None:
    """A proxy is a scheme, a host and a port, with credentials where it needs them."""
    parts = _split(proxy, "proxy")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigError("proxy must be http://host:port, with user:password@ where it needs them", setting="proxy")


def check_revision(provider: str, revision: str, setting: str) -> None:
    """A revision is one of the provider's."""
    known = registry.revisions(provider)
    if revision not in known:
        raise ConfigError(f"{setting} names no revision of {provider}: it may be {', '.join(known)}", setting=setting)


def check_on_behalf_of(provider: Provider, user: str | None) -> None:
    """An end user is a header's text, for providers that have such a header."""
    if user is None:
        return
    if provider.on_behalf_of is None:
        raise ConfigError(f"{provider.name} has no calls on behalf of others", setting="on_behalf_of")
    if not user.strip() or not _HEADER_VALUE.fullmatch(user):
        raise ConfigError("on_behalf_of may hold printable ASCII characters only", setting="on_behalf_of")


def check_tls(account: Account) -> None:
    """The settings of TLS do not contradict each other."""
    if account.ssl_context is not None and (account.ca_file is not None or not account.verify):
        raise ConfigError("ssl_context takes the place of ca_file and verify: give one of them", setting="ssl_context")
    if account.ca_file is not None and not account.verify:
        raise ConfigError("ca_file says whom to trust, and verify=False not to check: give one", setting="ca_file")
    if account.ca_file is not None and not Path(account.ca_file).is_file():
        raise ConfigError(f"ca_file names no file: {str(account.ca_file)!r}", setting="ca_file")


def check_header(name: str, value: str) -> None:
    """A header of an account's own is well-formed, and none that the client sends itself."""
    if not _HEADER_NAME.fullmatch(name):
        raise ConfigError("headers holds a name that is no HTTP header name", setting="headers")
    if name.lower() in _OWN_HEADERS:
        raise ConfigError(f"headers must not hold {name}: the client sends its own", setting="headers")
    if not _HEADER_VALUE.fullmatch(value):
        raise ConfigError(f"headers: {name} may hold printable ASCII characters only", setting="headers")
