"""`unijob drift`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode, urlsplit

import click

from unijob.cli.options import as_json, json_option
from unijob.cli.texts import Exit, say
from unijob.jsontypes import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ADMIN = "http://127.0.0.1:8081"
_SECONDS = 10.0
_OK = 200
_MOST = 1000
_DRIFT = ("where", "what", "times", "last seen (UTC)", "operation", "upstream")
_VIOLATIONS = ("where", "what", "time (UTC)", "operation", "upstream", "status", "request")


@click.command()
@click.argument("url", default=_ADMIN)
@click.option("--violations", is_flag=True, help="Violations of the contracts instead of drift, the last first.")
@click.option("--upstream", metavar="NAME", help="Of one upstream alone.")
@click.option("--operation", metavar="ID", help="Of one operation alone.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, _MOST), help="How many at most.")
@json_option
def drift(url: str, *, violations: bool, upstream: str | None, operation: str | None, limit: int) -> None:
    """Show what a running proxy has seen that its contracts do not know.

    URL is the proxy's admin listener, http://127.0.0.1:8081 when not given. Drift is what no contract documents: a new
    property, a new value of an enum, a new status or path. --violations shows what breaks a contract.
    """
    wanted = {"upstream": upstream, "operation": operation, "limit": str(limit)}
    query = {name: value for name, value in wanted.items() if value is not None}
    name = "violations" if violations else "drift"
    told = asyncio.run(_ask(_page(url, name, query)))
    _show(told, name, violations=violations)


def _page(url: str, name: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise click.BadParameter(f"{url!r} is no URL of an admin listener, as in {_ADMIN}", param_hint="URL")
    return f"{url.rstrip('/').removesuffix('/-')}/-/{name}?{urlencode(query)}"


async def _ask(page: str) -> Mapping[str, Any]:
    import aiohttp  # noqa: PLC0415  `--help` does without
    import orjson  # noqa: PLC0415

    admin = page.partition("/-/")[0]
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session,
            session.get(page, allow_redirects=False) as answer,
        ):
            status, body = answer.status, await answer.read()
    except (aiohttp.ClientError, OSError, TimeoutError):
        _fail(f"no proxy answers at {admin}", "`unijob proxy` tells at its start where its admin is.")
    try:
        told = orjson.loads(body) if status == _OK else None
    except orjson.JSONDecodeError:
        told = None
    if not is_object(told):
        _fail(
            f"what answers at {admin} is no admin listener of a proxy",
            "Callers come in at another port than the admin: 8080 and 8081 where nothing else is set.",
        )
    return told


def _fail(message: str, step: str) -> NoReturn:
    say(message, step)
    click.get_current_context().exit(Exit.UPSTREAM)


def _show(told: Mapping[str, Any], name: str, *, violations: bool) -> None:
    from unijob.cli.output import show_json, show_table  # noqa: PLC0415

    found: Sequence[Mapping[str, Any]] = told[name]
    if as_json():
        show_json(told)
    elif not found:
        click.echo(f"The proxy has seen no {'violation' if violations else 'drift'}.", err=True)
    elif violations:
        show_table(_VIOLATIONS, [row for exchange in found for row in _violation_rows(exchange)])
    else:
        show_table(_DRIFT, [_drift_row(finding) for finding in found])
    if told.get("forgotten"):
        click.echo(f"{told['forgotten']} more were seen longer ago and are forgotten.", err=True)


def _drift_row(finding: Mapping[str, Any]) -> tuple[str, ...]:
    count = f"{finding['count']:,}"
    told = (_what(finding), count, _time(finding["last_seen"]), finding["operation"], finding["upstream"])
    return (_where(finding), *told)


def _violation_rows(exchange: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rest = (_time(exchange["time"]), exchange["operation"], exchange["upstream"], str(exchange["status"] or ""))
    return [(_where(one), _what(one), *rest, exchange["request_id"]) for one in exchange["violations"]]


def _where(finding: Mapping[str, Any]) -> str:
    return f"{finding['place']} {finding['pointer']}".rstrip()


def _what(finding: Mapping[str, Any]) -> str:
    missing = finding.get("missing")
    return f"{missing} {finding['message']}" if missing else str(finding["message"])


def _time(text: str) -> str:
    return text.partition(".")[0].replace("T", " ")
