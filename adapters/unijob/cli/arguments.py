"""What stands in arguments: references, kinds, `name=value` and durations; and what completes them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from unijob.cli.recent import note, recall

if TYPE_CHECKING:
    from unijob.kinds import AnyKind
    from unijob.ref import JobRef

_PAIR = re.compile(r"(?P<name>[A-Za-z0-9_.$-]+?)(?P<sign>:=|=)(?P<value>.*)", re.DOTALL)
_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>s|m|min|h|d)?", re.ASCII)
_UNITS = {None: 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


class Duration(click.ParamType[float]):
    """A time span: `30`, `90s`, `10m`, `2h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """To seconds."""
        if isinstance(value, float):
            return value
        match = _DURATION.fullmatch(str(value).strip())
        seconds = float(match["number"]) * _UNITS[match["unit"]] if match is not None else math.inf
        if not math.isfinite(seconds):
            self.fail(f"{value!r} is no time span: write seconds, or as in 90s, 10m, 2h", param, ctx)
        return seconds


class Reference(click.ParamType["JobRef"]):
    """A reference, `provider:kind/id`, whose kind there is."""

    name = "ref"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> JobRef:  # noqa: ARG002
        """To a JobRef."""
        from unijob.ref import JobRef  # noqa: PLC0415  `--help` does without
        from unijob.registry import kind_of  # noqa: PLC0415

        ref = JobRef.parse(str(value))  # a default is a JobRef, and its text the same
        kind_of(ref)
        note(ref)
        return ref

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """The references used last, then the kinds, each with the slash that the ids follow."""
        begun = [*recall(), *(f"{kind.name}/" for kind in _kinds())]
        return [CompletionItem(text) for text in begun if text.startswith(incomplete)]


class Kind(click.ParamType[str]):
    """A kind of jobs or schedules."""

    name = "kind"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """The kinds that begin so, each with its title."""
        return [CompletionItem(kind.name, help=kind.title) for kind in _kinds() if kind.name.startswith(incomplete)]


def _kinds() -> tuple[AnyKind, ...]:
    from unijob.cli.options import untold  # noqa: PLC0415  `--help` does without
    from unijob.health import usable_kinds  # noqa: PLC0415

    with untold():
        return usable_kinds()


def pairs(given: Iterable[str], what: str) -> dict[str, Any]:
    """Read `name=text` and `name:=JSON`.

    Raises:
        UsageError: something is neither, or a name comes twice.
    """
    import orjson  # noqa: PLC0415  `--help` does without

    found: dict[str, Any] = {}
    for text in given:
        match = _PAIR.fullmatch(text)
        if match is None:
            raise click.UsageError(f"{text.partition('=')[0]!r} is no {what}: write name=text, or name:=JSON")
        name, value = match["name"], match["value"]
        if name in found:
            raise click.UsageError(f'{name} comes twice: write a list as {name}:=\'["a", "b"]\'')
        try:
            found[name] = orjson.loads(value) if match["sign"] == ":=" else value
        except orjson.JSONDecodeError as error:
            raise click.UsageError(f"what follows {name}:= is no JSON ({error}): write text as {name}=text") from None
    return found
