"""Finds installed providers by entry point.

A provider is somebody else's code: of one that cannot be used there is a `Problem`, and the others go on.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from unijob.errors import UnusableProvider
from unijob.provider import INTERFACE, Provider, faults

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "unijob.providers"
OWN = "unijob"
"""The distribution whose providers nobody else's take the place of."""


@attrs.frozen(kw_only=True)
class Problem:
    """Something that is wrong with an installed provider.

    Args:
        provider: its name.
        distribution: name and version of the package that it is from, where that is known.
        reason: what is wrong, and where.
    """

    provider: str
    distribution: str | None
    reason: str

    def error(self) -> UnusableProvider:
        """The error for who asks for what cannot be used."""
        return UnusableProvider(str(self), **attrs.asdict(self))

    def __str__(self) -> str:
        origin = f" (of {self.distribution})" if self.distribution else ""
        return f"provider {self.provider}{origin}: {self.reason}"


@cache
def entry_points() -> dict[str, tuple[EntryPoint, ...]]:
    """Every entry point of the group, by name: more than one where packages are at odds."""
    from importlib import metadata  # noqa: PLC0415  `import unijob` does without it, and stays light

    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        found[point.name] = (*found.get(point.name, ()), point)
    return found


def find(name: str) -> Provider | Problem | None:
    """Load a provider: what it declares, or why it cannot be used; None where there is none of that name."""
    return _found(name) if name in entry_points() else None  # any name may be asked for: only known ones are kept


@cache
def _found(name: str) -> Provider | Problem:
    point, *others = _chosen(name)
    if others:
        return _problem(
            name, None, f"several packages have one of that name: {', '.join(map(_origin, [point, *others]))}"
        )
    return _load(name, point)


def problems() -> tuple[Problem, ...]:
    """What keeps installed providers from being used, sorted by name."""
    found = [one for name in entry_points() if isinstance(one := find(name), Problem)]
    for name, points in entry_points().items():
        if any(map(_is_own, points)):
            others = [point for point in points if not _is_own(point)]
            found += [_problem(name, point, f"{OWN} has one of that name itself") for point in others]
    return tuple(sorted(found, key=lambda one: one.provider))


def imported(provider: str, location: str) -> Any:
    """Import what a provider says is at `module` or `module:attribute`.

    Raises:
        UnusableProvider: it cannot be had; names the provider, and says why.
    """
    try:
        return load(location)
    except (Exception, SystemExit) as error:
        raise problem(provider, f"{location} cannot be loaded: {told(error)}").error() from error


def load(location: str) -> Any:
    """Import `module` or `module:attribute`."""
    module, _, attribute = location.partition(":")
    found = importlib.import_module(module)
    return getattr(found, attribute) if attribute else found


def problem(provider: str, reason: str) -> Problem:
    """Say what is wrong with a provider that was found."""
    return _problem(provider, next(iter(_chosen(provider)), None), reason)


def told(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def _load(name: str, point: EntryPoint) -> Provider | Problem:
    try:
        found = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever stops it must stop nothing else
        speaks = f"this unijob speaks interface {INTERFACE} of providers"
        return _problem(name, point, f"{point.value} cannot be loaded: {told(error)} ({speaks})")
    if not isinstance(found, Provider):
        return _problem(name, point, f"{point.value} is no Provider")
    wrong = faults(found, name) or _contract_faults(found)
    return _problem(name, point, "; ".join(wrong)) if wrong else found


def _contract_faults(provider: Provider) -> list[str]:
    try:
        package = load(provider.contracts)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
        return [f"its contracts, {provider.contracts}, cannot be loaded: {told(error)}"]
    if not getattr(package, "REVISIONS", ()) or not callable(getattr(package, "contract", None)):
        return [f"its contracts, {provider.contracts}, are not what unijob-codegen generates: REVISIONS and contract()"]
    return []


def _chosen(name: str) -> tuple[EntryPoint, ...]:
    points = entry_points().get(name, ())
    return tuple(filter(_is_own, points)) or points


def _problem(name: str, point: EntryPoint | None, reason: str) -> Problem:
    origin = None if point is None or point.dist is None else _origin(point)
    return Problem(provider=name, distribution=origin, reason=reason)


def _is_own(point: EntryPoint) -> bool:
    return point.dist is not None and point.dist.name == OWN


def _origin(point: EntryPoint) -> str:
    return "an unknown package" if point.dist is None else f"{point.dist.name} {point.dist.version}"
