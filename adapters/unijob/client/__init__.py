"""The client: accounts, requests sent and sent again, jobs waited for."""

from unijob.client.accounts import Account
from unijob.client.clock import Clock, SystemClock
from unijob.client.hooks import Hooks, PollEvent, RequestEvent
from unijob.client.job_client import JobClient
from unijob.client.pace import Poll, PollOptions
from unijob.client.retries import Retry
from unijob.client.waits import Outcome

__all__ = [
    "Account",
    "Clock",
    "Hooks",
    "JobClient",
    "Outcome",
    "Poll",
    "PollEvent",
    "PollOptions",
    "RequestEvent",
    "Retry",
    "SystemClock",
]
