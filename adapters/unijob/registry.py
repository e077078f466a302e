"""Finds providers, their kinds and their contracts by name. Nothing is imported before it is asked for."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

from unijob.errors import ConfigError, InvalidArgument
from unijob.jsontypes import class_of
from unijob.kinds import AnyKind, JobKind, Kind, ScheduleKind
from unijob.provider import Provider
from unijob.ref import JobRef
from unijob_models.runtime import ContractPackage

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from unijob.contract import Contract

GROUP = "unijob.providers"


@cache
def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415  `import unijob` does without it, and stays light

    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def provider_names() -> tuple[str, ...]:
    """The names of the installed providers, sorted."""
    return tuple(_entry_points())


@cache
def provider(name: str) -> Provider:
    """Find a provider.

    Raises:
        InvalidArgument: there is none of that name; says which there are.
    """
    point = _entry_points().get(name)
    if point is None:
        raise InvalidArgument(
            f"there is no provider {name!r}: it may be {_choices(provider_names())}", argument="provider"
        )
    found = point.load()
    if not isinstance(found, Provider):
        raise ConfigError(f"the entry point {name!r} in {GROUP} is no Provider", setting=f"{GROUP}:{name}")
    return found


def load(location: str) -> Any:
    """Import `module:attribute`."""
    module, _, attribute = location.partition(":")
    return getattr(importlib.import_module(module), attribute)


def kind_names() -> tuple[str, ...]:
    """The full names of all kinds of all providers, sorted."""
    return tuple(sorted(f"{name}:{kind}" for name in provider_names() for kind in provider(name).kinds))


def kind_location(name: str) -> str:
    """Where a kind is declared, `module:attribute`.

    Raises:
        InvalidArgument: there is none of that name; says which there are.
    """
    provider_name, _, kind_name = name.partition(":")
    location = provider(provider_name).kinds.get(kind_name) if provider_name in provider_names() else None
    if location is None:
        raise InvalidArgument(f"there is no kind {name!r}: it may be {_choices(kind_names())}", argument="kind")
    return location


@cache
def kind(name: str) -> AnyKind:
    """Find a kind by its full name, `mka1:eval_run`.

    Raises:
        InvalidArgument: there is none of that name; says which there are.
    """
    location = kind_location(name)
    loaded = load(location)
    if not issubclass(class_of(loaded), (JobKind, ScheduleKind)):
        raise ConfigError(f"{location} is no kind", setting=f"{GROUP}:{name.partition(':')[0]}")
    found: AnyKind = loaded
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
    found: tuple[str, ...] = importlib.import_module(provider(provider_name).contracts).REVISIONS
    return found


@cache
def package(provider_name: str, revision: str) -> ContractPackage:
    """The generated operations and models of one revision.

    Raises:
        InvalidArgument: there is no such revision; says which there are.
    """
    known = revisions(provider_name)
    if revision not in known:
        raise InvalidArgument(
            f"{provider_name} has no revision {revision!r}: it may be {_choices(known)}", argument="revision"
        )
    found: ContractPackage = importlib.import_module(provider(provider_name).contracts).contract(revision)
    return found


@cache
def contract(provider_name: str, revision: str) -> Contract:
    """The compiled contract of one revision."""
    from unijob.contract import Contract  # noqa: PLC0415  a quarter of what `import unijob` would take

    return Contract(package(provider_name, revision).document())


def _choices(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none: no provider is installed"
