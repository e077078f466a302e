"""`unijob proxy`."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.unijob.proxy.wires import SPEC
from unijob import registry
from unijob.cli import main
from unijob.proxy import run
from unijob.proxy.config import Source

CANARY = "canary-5f0c2e"
BUNDLED = registry.provider_names()


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["proxy", *arguments])


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Source]:
    """What the proxy would be run with."""
    sources: list[Source] = []

    def note(source: Source, *, announce: Callable[..., Any]) -> None:
        assert callable(announce)
        sources.append(source)

    monkeypatch.setattr(run, "run", note)
    return sources


def test_help_says_what_it_does() -> None:
    """And how callers use it."""
    got = invoke("--help")
    assert got.exit_code == 0
    assert "http://127.0.0.1:8080/NAME" in got.output


def test_flags_become_settings(taken: list[Source], tmp_path: Path) -> None:
    """Each of them."""
    flags = [
        *("--upstream", "a=http://x?no", "--upstream", "b=http://y", "--spec", "b=b=c.json"),
        *("--mode", "enforce", "--host", "::1", "--port", "1", "--admin-host", "127.0.0.2", "--admin-port", "2"),
        *("--engine", "reference", "--config", str(tmp_path / "c.toml")),
    ]
    assert invoke(*flags).exit_code == 0
    (source,) = taken
    assert source.file == tmp_path / "c.toml"
    assert {".".join(flag.keys): flag.value for flag in source.flags} == {
        "upstreams.a.url": "http://x?no",
        "upstreams.b.url": "http://y",
        "upstreams.b.spec": "b=c.json",
        "policy.mode": "enforce",
        "host": "::1",
        "port": 1,
        "admin_host": "127.0.0.2",
        "admin_port": 2,
        "engine": "reference",
    }


def test_no_admin_listener(taken: list[Source]) -> None:
    """Whatever else is said of it."""
    assert invoke("--upstream", f"{BUNDLED[0]}=http://x", "--no-admin", "--admin-port", "3").exit_code == 0
    assert taken[0].read().admin_port is None


def test_checking_only() -> None:
    """Tells what would be served."""
    got = invoke(
        *[word for name in BUNDLED for word in ("--upstream", f"{name}=https://{name}.example")], "--check-config"
    )
    assert got.exit_code == 0
    assert "The settings are right." in got.output
    for name in BUNDLED:
        operations = len(registry.contract(name, registry.revisions(name)[-1]).operations)
        assert f"/{name}/ → https://{name}.example: {operations} operations (bundled" in got.output


def test_checking_a_file(tmp_path: Path) -> None:
    """With its contract."""
    (tmp_path / "spec.json").write_text(json.dumps(SPEC), encoding="utf-8")
    file = tmp_path / "proxy.toml"
    file.write_text('upstreams.x = {url = "http://x", spec = "spec.json"}\nadmin_port = false', encoding="utf-8")
    got = invoke("--config", str(file), "--check-config")
    assert got.exit_code == 0
    assert "admin on none" in got.output


def test_checking_finds_what_a_start_would(tmp_path: Path) -> None:
    """Also what only the parts below can tell."""
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    file = tmp_path / "proxy.toml"
    file.write_text(f'upstreams.{BUNDLED[0]} = {{url = "https://x", ca_file = "ca.pem"}}', encoding="utf-8")
    got = invoke("--config", str(file), "--check-config")
    assert got.exit_code == 2
    assert f"upstreams.{BUNDLED[0]}.ca_file: is no readable file of certificates" in got.output


@pytest.mark.parametrize("check", [(), ("--check-config",)])
@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ((), "upstreams: is missing: give --upstream NAME=URL"),
        (("--upstream", "a=ftp://x"), "--upstream a: must be a URL such as"),
        (("--upstream", "nobody=http://x"), "give a file with --spec nobody=FILE"),
        (("--upstream", "a=http://x", "--spec", "a=none.json"), "upstreams.a.spec: none.json cannot be read"),
        (("--upstream", "a=http://x", "--mode", "enforc"), "--mode: must be one of off, report, enforce; did you mean"),
        (("--upstream", "a=http://x", "--port", "70000"), "--port: must lie between 0"),
        (("--spec", "a=b"), "upstreams.a.url: is missing"),
        (("--config", "none.toml"), "none.toml: cannot be read"),
        (("--upstream", f"a=http://u:{CANARY}@x"), "must not hold a user or password"),
        (("--upstream", "a"), "'a' is not followed by = and a value: it takes NAME=URL"),
        (("--upstream", "a=http://x", "--upstream", "a=http://y"), "'a' is given twice"),
    ],
)
def test_wrong_settings_stop_the_start(flags: tuple[str, ...], told: str, check: tuple[str, ...]) -> None:
    """With a message that names them, and the exit code of wrong use."""
    got = invoke(*flags, *check)
    assert got.exit_code == 2
    assert told in " ".join(got.output.split())
    assert CANARY not in got.output


def test_a_port_that_is_taken() -> None:
    """Is named; nothing is left running."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        got = subprocess.run(
            [
                *(sys.executable, "-m", "unijob.cli", "proxy", "--upstream", f"{BUNDLED[0]}=http://127.0.0.1:9"),
                *("--port", port, "--admin-port", "0"),
            ],
            capture_output=True,
            timeout=20,
            check=False,
        )
    assert got.returncode == 2
    assert f"unijob: port: cannot listen on 127.0.0.1:{port}:" in got.stderr.decode()


def test_other_commands_do_without_a_web_server() -> None:
    """What is heavy is imported when the proxy is run."""
    code = "import sys, unijob.cli; print([n for n in ('aiohttp.web', 'prometheus_client') if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
