"""The open connections of a client, one an account, made when first used."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import attrs

from unijob import registry
from unijob.client.account_checks import check_on_behalf_of
from unijob.client.connection import Connection
from unijob.client.limits import RateLimit
from unijob.client.observing import Observer, RequestObserver
from unijob.client.retries import Retry, Sender
from unijob.errors import ConfigError
from unijob.redact import Redactor

if TYPE_CHECKING:
    from unijob.client.accounts import Accounts
    from unijob.client.clock import Clock
    from unijob.client.hooks import Hooks
    from unijob.client.http import Upstream


def _check_positive(_: object, field: attrs.Attribute[Any], value: float) -> None:
    if not value > 0:
        raise ConfigError(f"{field.name} must be more than 0", setting=field.name)


@attrs.frozen(kw_only=True)
class Options:
    """How a client talks to its upstreams.

    Args:
        strict: whether any breach of a contract is an error.
        request_timeout: seconds for one request and its answer.
        connect_timeout: seconds to connect.
        retry: how often and how fast a failed request is sent again.
        max_connections: open connections an account at most.
        max_answer_bytes: the largest answer that is read.
        max_requests_per_second: requests an account at most; None for as many as its upstream allows.
        hooks: who is told of what happens.
        clock: tells the time and waits.
        random: jitters pauses.

    Raises:
        ConfigError: names the setting that is wrong.
    """

    strict: bool
    request_timeout: float = attrs.field(validator=_check_positive)
    connect_timeout: float = attrs.field(validator=_check_positive)
    retry: Retry
    max_connections: int = attrs.field(validator=_check_positive)
    max_answer_bytes: int = attrs.field(validator=_check_positive)
    max_requests_per_second: float | None = attrs.field(validator=attrs.validators.optional(_check_positive))
    hooks: Hooks
    clock: Clock
    random: Random


class Connections:
    """What a client has open.

    Args:
        accounts: the accounts that may be used.
        options: how they are talked to.
    """

    def __init__(self, accounts: Accounts, options: Options) -> None:
        self._accounts = accounts
        self._options = options
        self.observer = Observer(options.hooks, options.clock)
        self._is_open = False
        self._open: dict[tuple[str, str | None], tuple[Upstream, Connection]] = {}

    def open(self) -> None:
        """Allow connections."""
        self._is_open = True

    async def close(self) -> None:
        """Close all connections, and allow no more."""
        self._is_open = False
        opened, self._open = self._open, {}
        for upstream, _ in opened.values():
            await upstream.close()

    def find(self, provider: str, account_name: str | None, user: str | None = None) -> Connection:
        """The connection to an account; without a name to the provider's default or only one.

        Args:
            provider: the provider's name.
            account_name: the account's.
            user: the end user for whom calls are made, instead of the account's.

        Raises:
            ConfigError: there is no such account, or its provider has no calls on behalf of others.
            RuntimeError: the client is not open.
        """
        if not self._is_open:
            raise RuntimeError("the JobClient is not open: use it in 'async with JobClient(...) as client:'")
        account = self._accounts.find(provider, account_name)
        key = (account.provider, account.name)
        if key not in self._open:
            # Here and not above: `import unijob` must not import aiohttp, which takes longer than all the rest.
            from unijob.client.http import Limits, Upstream  # noqa: PLC0415

            options, redactor = self._options, Redactor(account.secrets())
            limits = Limits(
                connect_timeout=options.connect_timeout,
                max_connections=options.max_connections,
                max_answer_bytes=options.max_answer_bytes,
            )
            upstream = Upstream(account, limits, options.clock, redactor)
            connection = Connection(
                account=account,
                sender=Sender(
                    upstream.exchange,
                    options.retry,
                    limit=RateLimit(options.clock, options.max_requests_per_second),
                    observer=RequestObserver(observer=self.observer, account=account, redactor=redactor),
                    clock=options.clock,
                    random=options.random,
                ),
                clock=options.clock,
                redactor=redactor,
                strict=options.strict,
                timeout=options.request_timeout,
            )
            self._open[key] = upstream, connection
        connection = self._open[key][1]
        if user is None:
            return connection
        check_on_behalf_of(registry.provider(provider), user)
        return attrs.evolve(connection, on_behalf_of=user)
