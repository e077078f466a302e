"""Accounts: where a provider is reached, with which key, by which revision, and over what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from unijob import registry
from unijob.client.account_checks import (
    check_header,
    check_key,
    check_name,
    check_on_behalf_of,
    check_proxy,
    check_revision,
    check_tls,
    checked_url,
    known_provider,
)
from unijob.errors import ConfigError
from unijob.redact import MASK, redact_url

if TYPE_CHECKING:
    import ssl


_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def _read_only(headers: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(headers))


def _shown_url(url: str | None) -> str:
    return repr(url if url is None else redact_url(url))


def _hidden(value: object) -> str:
    return repr(MASK) if value else repr(value)


@attrs.frozen
class Account:
    """One account of a provider. What is given here is all there is: nothing is added from the environment.

    Args:
        provider: the provider's name, `mka1`.
        name: what references call this account (`prod` in `mka1@prod:eval_run/…`); None for the provider's default.
        base_url: its server, with a path where the API is mounted below one; the public server by default.
        key: the API key or access token; without one no credential is sent.
        revision: the contract revision that it serves; by default each answer is read by the one that fits it best,
            and requests follow the newest.
        on_behalf_of: the end user for whom all calls are made, for providers that know of that.
        ca_file: a PEM file of the authorities to trust instead of the system's.
        ssl_context: a context of one's own, instead of `ca_file` and `verify`.
        verify: whether the server's certificate is checked.
        proxy: an egress proxy, `http://user:password@host:port`; without one the process' `HTTPS_PROXY`, `HTTP_PROXY`
            and `NO_PROXY` decide.
        headers: sent with every request.

    Raises:
        ConfigError: names the argument that is wrong and what it may be; never shows the key.
    """

    provider: str
    name: str | None = None
    base_url: str = attrs.field(default="", repr=_shown_url)
    key: str | None = attrs.field(default=None, kw_only=True, repr=_hidden)
    revision: str | None = attrs.field(default=None, kw_only=True)
    on_behalf_of: str | None = attrs.field(default=None, kw_only=True)
    ca_file: str | Path | None = attrs.field(default=None, kw_only=True)
    ssl_context: ssl.SSLContext | None = attrs.field(default=None, kw_only=True, repr=_hidden)
    verify: bool = attrs.field(default=True, kw_only=True)
    proxy: str | None = attrs.field(default=None, kw_only=True, repr=_shown_url)
    headers: Mapping[str, str] = attrs.field(
        default=_NO_HEADERS, kw_only=True, hash=False, repr=_hidden, converter=_read_only
    )

    def __attrs_post_init__(self) -> None:
        provider = known_provider(self.provider)
        check_name(self.provider, self.name)
        url = checked_url(self.base_url or provider.base_url, "base_url")
        object.__setattr__(self, "base_url", url)
        if self.key is not None:
            check_key(self.key, "key")
        if self.revision is not None:
            check_revision(self.provider, self.revision, "revision")
        check_on_behalf_of(provider, self.on_behalf_of)
        check_tls(self)
        if self.proxy is not None:
            check_proxy(self.proxy)
        for header, value in self.headers.items():
            check_header(header, value)

    @classmethod
    def from_env(cls, provider: str, env: Mapping[str, str]) -> Account | None:
        """The account that environment variables describe, or None where none of them holds a key.

        Raises:
            ConfigError: names the variable that is wrong and what it may be.
        """
        found = known_provider(provider)
        variable = next((name for name in found.key_variables if name in env), None)
        if variable is None:
            return None
        check_key(env[variable], variable)
        base_url = env.get(found.base_url_variable, "")
        if base_url:
            checked_url(base_url, found.base_url_variable)
        revision = env.get(found.revision_variable) if found.revision_variable else None
        if revision and found.revision_variable:
            check_revision(provider, revision, found.revision_variable)
        return cls(provider, base_url=base_url, key=env[variable], revision=revision or None)

    def secrets(self) -> tuple[str, ...]:
        """What must never be seen: the key, the proxy's password, header values."""
        password = urlsplit(self.proxy).password if self.proxy is not None else None
        found = (self.key, password, *self.headers.values())
        return tuple(secret for secret in found if secret)

    def __str__(self) -> str:
        return self.provider if self.name is None else f"{self.provider}@{self.name}"


class Accounts:
    """The accounts that a client may use: those given in code, and for providers without one, the environment's.

    Args:
        given: the accounts in code.
        env: the environment.

    Raises:
        ConfigError: two accounts of a provider have the same name.
    """

    def __init__(self, given: Iterable[Account], env: Mapping[str, str]) -> None:
        self._env = env
        self._given: dict[str, dict[str | None, Account]] = {}
        for account in given:
            named = self._given.setdefault(account.provider, {})
            if account.name in named:
                raise ConfigError(f"there are two accounts {account}: give each a name", setting="accounts")
            named[account.name] = account

    def find(self, provider: str, name: str | None) -> Account:
        """The account of a reference; without a name the provider's default or only one.

        Raises:
            ConfigError: there is none; says which there are, or how to set one up.
        """
        named = self._given.get(provider) or self._from_env(provider)
        if name in named:
            return named[name]
        if name is None and len(named) == 1:
            return next(iter(named.values()))
        raise _no_account(provider, name, named)

    def _from_env(self, provider: str) -> dict[str | None, Account]:
        account = Account.from_env(provider, self._env)
        if account is None:
            return {}
        return self._given.setdefault(provider, {None: account})


def _no_account(provider: str, name: str | None, named: Mapping[str | None, Account]) -> ConfigError:
    if named:
        names = ", ".join(map(str, named.values()))
        return ConfigError(
            f"{provider} has no account {name!r}: those that are set up are {names}"
            if name is not None
            else f"{provider} has several accounts: write one of {names} in the reference, or pass account=",
            setting="accounts",
        )
    variables = registry.provider(provider).key_variables
    return ConfigError(
        f"there is no account of {provider}: set {' or '.join(variables)}, or give JobClient an Account",
        setting=variables[0],
    )
