"""The validation proxy: between callers and upstream APIs, holding each message against its contract."""

from unijob.proxy.events import Exchange, Observer
from unijob.proxy.proxy import Proxy
from unijob.proxy.settings import Limits, Policy, ProxySettings, UpstreamSettings

__all__ = ["Exchange", "Limits", "Observer", "Policy", "Proxy", "ProxySettings", "UpstreamSettings"]
