"""Finds providers, their kinds and their contracts by name. Nothing is imported before it is asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from unijob import discovery
from unijob.discovery import Problem, load
from unijob.errors import InvalidArgument
from unijob.jsontypes import class_of
from unijob.kinds import AnyKind, JobKind, Kind, ScheduleKind
from unijob.provider import Provider
from unijob.ref import JobRef
from unijob_models.runtime import ContractPackage

if TYPE_CHECKING:
    from unijob.contract import Contract

__all__ = [
    "contract",
    "is_kind",
    "job_kind",
    "kind",
    "kind_location",
    "kind_names",
    "kind_of",
    "load",
    "package",
    "provider",
    "provider_names",
    "revisions",
    "schedule_kind",
]

_NEAR = 0.65
"""How like a kind's name another must be to be meant by it."""

logger = logging.getLogger("unijob")


@cache
def provider_names() -> tuple[str, ...]:
    """The names of the installed providers that can be used, sorted. Those that cannot are logged, once."""
    for problem in discovery.problems():
        logger.warning("%s", problem)
    return tuple(name for name in discovery.entry_points() if isinstance(discovery.find(name), Provider))


def provider(name: str) -> Provider:
    """Find a provider.

    Raises:
        InvalidArgument: there is none of that name; says which there are.
        UnusableProvider: it is installed and cannot be used; says why.
    """
    found = discovery.find(name)
    if found is None:
        raise InvalidArgument(
            f"there is no provider {name!r}: it may be {_choices(provider_names())}", argument="provider"
        )
    if isinstance(found, Problem):
        raise found.error()
    return found


def kind_names(providers: Iterable[str] | None = None) -> tuple[str, ...]:
    """The full names of all kinds, sorted.

    Args:
        providers: whose; of all that can be used where not given.
    """
    names = provider_names() if providers is None else providers
    return tuple(sorted(f"{name}:{kind}" for name in names for kind in provider(name).kinds))


def is_kind(name: str) -> bool:
    """Whether it is the full name of a kind that can be used."""
    owner, _, type_ = name.partition(":")
    return owner in provider_names() and type_ in provider(owner).kinds


def kind_location(name: str) -> str:
    """Where a kind is declared, `module:attribute`.

    Raises:
        InvalidArgument: there is none of that name; says which there are.
        UnusableProvider: its provider cannot be used; says why.
    """
    provider_name, _, kind_name = name.partition(":")
    location = provider(provider_name).kinds.get(kind_name) if discovery.find(provider_name) else None
    if location is None:
        raise InvalidArgument(f"there is no kind {name!r}: {_nearest(name, kind_names())}", argument="kind")
    return location


@cache
def kind(name: str) -> AnyKind:
    """Find a kind by its full name, `mka1:eval_run`.

    Raises:
        InvalidArgument: there is none of that name; says which there are.
        UnusableProvider: it cannot be used; says why.
    """
    location = kind_location(name)
    owner = name.partition(":")[0]
    loaded = discovery.imported(owner, location)
    if not issubclass(class_of(loaded), (JobKind, ScheduleKind)):
        raise discovery.problem(owner, f"{location} is no kind").error()
    found: AnyKind = loaded
    if found.name != name:
        raise discovery.problem(owner, f"{location} calls itself {found.name!r}, not {name!r}").error()
    return found


def job_kind(name: str | Kind) -> JobKind:
    """Find a kind of jobs, by its name or itself."""
    found = kind(name.name if isinstance(name, Kind) else name)
    if not isinstance(found, JobKind):
        raise InvalidArgument(f"{found.name} is a kind of schedule, not of job", argument="kind")
    return found


def schedule_kind(name: str | Kind) -> ScheduleKind:
    """Find a kind of schedules, by its name or itself."""
    found = kind(name.name if isinstance(name, Kind) else name)
    if not isinstance(found, ScheduleKind):
        raise InvalidArgument(f"{found.name} is a kind of job, not of schedule", argument="kind")
    return found


def kind_of(ref: JobRef) -> AnyKind:
    """Find the kind of a reference, and check that the reference has as many ids as the kind needs.

    Raises:
        InvalidArgument: no such kind, or too few or too many ids.
    """
    found = kind(ref.kind)
    found.check(ref)
    return found


def revisions(provider_name: str) -> tuple[str, ...]:
    """The contract revisions of a provider, oldest first."""
    found: tuple[str, ...] = load(provider(provider_name).contracts).REVISIONS
    return found


@cache
def package(provider_name: str, revision: str) -> ContractPackage:
    """The generated operations and models of one revision.

    Raises:
        InvalidArgument: there is no such revision; says which there are.
        UnusableProvider: it cannot be loaded; says why.
    """
    known = revisions(provider_name)
    if revision not in known:
        raise InvalidArgument(
            f"{provider_name} has no revision {revision!r}: it may be {_choices(known)}", argument="revision"
        )
    contracts = load(provider(provider_name).contracts)
    try:
        found: ContractPackage = contracts.contract(revision)
    except Exception as error:
        reason = f"its contract {revision} cannot be loaded: {discovery.told(error)}"
        raise discovery.problem(provider_name, reason).error() from error
    return found


@cache
def contract(provider_name: str, revision: str) -> Contract:
    """The compiled contract of one revision."""
    from unijob.contract import Contract  # noqa: PLC0415  a quarter of what `import unijob` would take

    return Contract(package(provider_name, revision).document())


def _nearest(name: str, names: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  only a wrong name needs it

    near = get_close_matches(name, names, n=1, cutoff=_NEAR)
    return f"did you mean {near[0]}?" if near else f"it may be {_choices(names)}"


def _choices(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none: no provider is installed"
