"""Reads settings and contracts anew while the proxy serves; what is wrong is told and changes nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import attrs

from unijob.errors import ConfigError
from unijob.proxy.config import WrongSettings
from unijob.proxy.config_checks import Problem
from unijob.proxy.plan import make_plan
from unijob.proxy.specs import describe_spec, load_contracts

if TYPE_CHECKING:
    from unijob.contract import Contract
    from unijob.proxy.config import Source
    from unijob.proxy.logs import Log
    from unijob.proxy.metrics import Metrics
    from unijob.proxy.proxy import Proxy
    from unijob.proxy.settings import Limits, ProxySettings

_ADDRESSES = ("host", "port", "admin_host", "admin_port")
_FIXED_LIMITS = (
    "line_bytes",
    "field_bytes",
    "header_fields",
    "header_seconds",
    "keep_alive_seconds",
    "connections",
    "connect_seconds",
    "upstream_idle_seconds",
)


@attrs.frozen
class Loaded:
    """Settings with the contracts that they name."""

    settings: ProxySettings
    contracts: dict[str, Contract]

    def summary(self) -> list[dict[str, Any]]:
        """Say of each upstream what it is and what it is held against."""
        return [
            {
                "name": upstream.name,
                "url": upstream.url,
                "contract": describe_spec(upstream) if upstream.name in self.contracts else "none",
                "operations": len(self.contracts[upstream.name].operations) if upstream.name in self.contracts else 0,
                "mode": upstream.policy.mode or self.settings.policy.mode or "report",
            }
            for upstream in self.settings.upstreams
        ]


def load(source: Source) -> Loaded:
    """Read the settings, compile their contracts, and make sure that a proxy can work by them.

    Raises:
        WrongSettings: names all that is wrong.
    """
    settings = source.read()
    contracts = load_contracts(settings)
    try:
        make_plan(settings, contracts)
    except ConfigError as error:
        raise WrongSettings([Problem(error.setting, str(error))]) from None
    return Loaded(settings, contracts)


class Reloader:
    """Reloads a proxy.

    Args:
        source: where settings come from.
        proxy: the proxy.
        log: told of what happened.
        metrics: told too.
    """

    def __init__(self, source: Source, proxy: Proxy, log: Log, metrics: Metrics) -> None:
        self._source = source
        self._proxy = proxy
        self._log = log
        self._metrics = metrics

    async def reload(self) -> bool:
        """Reload once. Requests under way end by what they began with.

        Returns:
            Whether the new settings are in force; if not, the old ones are.
        """
        started = time.perf_counter()
        old = self._proxy.settings
        try:
            loaded = await asyncio.to_thread(load, self._source)
            _refuse_moving(old, loaded.settings)
            self._proxy.replace(loaded.settings, loaded.contracts)
        except ConfigError as error:
            self._refused(error)
            return False
        except Exception as error:  # noqa: BLE001  whatever a document does to its readers, the old settings serve on
            self._refused(ConfigError(f"reading failed: {type(error).__name__}", setting="spec"))
            return False
        self._metrics.reloaded(applied=True, now=time.time())
        seconds = round(time.perf_counter() - started, 3)
        self._log.event("reloaded", seconds=seconds, upstreams=loaded.summary())
        waiting = _changed(old.limits, loaded.settings.limits, _FIXED_LIMITS)
        if waiting:
            self._log.event("restart-needed", "warning", settings=[f"limits.{name}" for name in waiting])
        return True

    def _refused(self, error: ConfigError) -> None:
        self._metrics.reloaded(applied=False, now=time.time())
        problems = [str(each) for each in error.problems] if isinstance(error, WrongSettings) else [str(error)]
        self._log.event("reload-refused", "error", setting=error.setting, problems=problems)


def _refuse_moving(old: ProxySettings, new: ProxySettings) -> None:
    moved = _changed(old, new, _ADDRESSES)
    if moved:
        raise ConfigError(f"{', '.join(moved)} cannot change without a new start", setting=", ".join(moved))


def _changed(old: ProxySettings | Limits, new: ProxySettings | Limits, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if getattr(old, name) != getattr(new, name)]
