"""`unijob proxy`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from unijob.proxy.config import Flag, Source
    from unijob.proxy.reload import Loaded
    from unijob.proxy.run import Running


def _pairs(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for value in values:
        name, _given, rest = value.partition("=")
        if not name or not rest:
            wanted = parameter.metavar or "NAME=VALUE"
            raise click.BadParameter(f"{name!r} is not followed by = and a value: it takes {wanted}")
        if name in chosen:
            raise click.BadParameter(f"{name!r} is given twice")
        chosen[name] = rest
    return chosen


@click.command()
@click.option(
    "--upstream",
    "upstreams",
    multiple=True,
    callback=_pairs,
    metavar="NAME=URL",
    help="An upstream API, mounted at /NAME/, as in mka1=https://apigw.mka1.com",
)
@click.option(
    "--spec",
    "specs",
    multiple=True,
    callback=_pairs,
    metavar="NAME=FILE",
    help="The OpenAPI contract of an upstream; the bundled one of its name when not given.",
)
@click.option(
    "--provider",
    "providers",
    multiple=True,
    callback=_pairs,
    metavar="NAME=PROVIDER",
    help="Whose bundled contract an upstream has; that of its own name when not given.",
)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="A TOML file; flags win over it.")
@click.option("--check-config", is_flag=True, help="Check settings and contracts, tell what they are, and end.")
@click.option("--mode", help="off, report (the default) or enforce, overall.")
@click.option("--host", help="The address to listen on; 127.0.0.1 when not given.")
@click.option("--port", type=int, help="The port; 8080 when not given, 0 for any that is free.")
@click.option("--admin-host", help="The address of the admin listener; 127.0.0.1 when not given.")
@click.option("--admin-port", type=int, help="The port of the admin listener; 8081 when not given, 0 for any.")
@click.option("--no-admin", is_flag=True, help="No admin listener.")
@click.option("--engine", help="compiled (the default) or reference.")
def proxy(
    *,
    upstreams: dict[str, str],
    specs: dict[str, str],
    providers: dict[str, str],
    config: Path | None,
    check_config: bool,
    no_admin: bool,
    mode: str | None,
    host: str | None,
    port: int | None,
    admin_host: str | None,
    admin_port: int | None,
    engine: str | None,
) -> None:
    """Relay requests to upstream APIs and hold every message against its contract.

    A caller changes its base URL to http://127.0.0.1:8080/NAME and nothing else. The log goes to standard output, one
    JSON object a line. SIGHUP reads the settings and contracts anew; SIGTERM and Ctrl-C end it in order.
    """
    from unijob.proxy.config import Flag, Source  # noqa: PLC0415  a web server, which other commands do without

    single = {
        ("policy", "mode"): ("--mode", mode),
        ("host",): ("--host", host),
        ("port",): ("--port", port),
        ("admin_host",): ("--admin-host", admin_host),
        ("admin_port",): ("--no-admin", False) if no_admin else ("--admin-port", admin_port),
        ("engine",): ("--engine", engine),
    }
    flags = [Flag(flag, keys, value) for keys, (flag, value) in single.items() if value is not None]
    flags += _named("--upstream", "url", upstreams, Flag)
    flags += _named("--spec", "spec", specs, Flag)
    flags += _named("--provider", "provider", providers, Flag)
    source = Source(file=config, flags=tuple(flags))
    if check_config:
        _check(source)
        return

    from unijob.proxy.run import run  # noqa: PLC0415  metrics, which a check does without

    run(source, announce=_announce)


def _named(flag: str, setting: str, values: dict[str, str], make: type[Flag]) -> list[Flag]:
    return [make(f"{flag} {name}", ("upstreams", name, setting), value) for name, value in values.items()]


def _check(source: Source) -> None:
    from unijob.proxy.reload import load  # noqa: PLC0415  as above

    loaded = load(source)
    settings = loaded.settings
    admin = "none" if settings.admin_port is None else f"{settings.admin_host}:{settings.admin_port}"
    click.echo("The settings are right.")
    click.echo(f"  listens on {settings.host}:{settings.port}, admin on {admin}, engine {settings.engine}")
    _tell_upstreams(loaded)


def _announce(running: Running) -> None:
    click.echo(f"The proxy listens on {running.proxy.url}", err=True)
    if running.admin is not None:
        click.echo(f"  health, metrics, violations and drift: {running.admin.url}/-/", err=True)
    _tell_upstreams(running.loaded, err=True)


def _tell_upstreams(loaded: Loaded, *, err: bool = False) -> None:
    for upstream in loaded.summary():
        held = f"{upstream['operations']} operations ({upstream['contract']}), {upstream['mode']}"
        click.echo(f"  /{upstream['name']}/ → {upstream['url']}: {held}", err=err)
