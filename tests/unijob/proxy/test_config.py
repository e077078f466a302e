"""Settings from a TOML file and flags."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import attrs
import pytest

from unijob.errors import ConfigError
from unijob.proxy.config import Flag, Source, WrongSettings
from unijob.proxy.settings import Limits, Policy, ProxySettings, UpstreamSettings

CANARY = "canary-5f0c2e"
URL = 'upstreams.a.url = "http://127.0.0.1:9"\n'
ALL = """
host = "0.0.0.0"
port = 0
admin_host = "::1"
admin_port = false
engine = "reference"
too_large = "refuse"
streams = "pass"
forwarded_headers = true
closed_enums = true
unique_keys = true
inbound_keys = ["${INBOUND}"]

[policy]
mode = "enforce"
drift = "off"

[limits]
check_bytes = 1
idle_seconds = 2

[upstreams.a]
url = "https://api.example.com/base"
spec = "specs/a.json"
base_paths = ["/v2", ""]
pass_undocumented = true
closed_enums = false
unique_keys = false
check_security = false
ca_file = "ca.pem"
policy.response = "report"
headers.Authorization = "Bearer ${KEY}"
headers.X-Tenant = "one"

[upstreams.a.operations.listJobs]
mode = "off"

[upstreams.a.operations."GET /x"]
request = "enforce"
"""


def read(text: str, tmp_path: Path, *flags: Flag, **environment: str) -> ProxySettings:
    file = tmp_path / "proxy.toml"
    file.write_text(text, encoding="utf-8")
    return Source(file=file, flags=flags, environment=environment).read()


def problems(text: str, tmp_path: Path, *flags: Flag, **environment: str) -> dict[str, str]:
    with pytest.raises(WrongSettings) as caught:
        read(text, tmp_path, *flags, **environment)
    for problem in caught.value.problems:
        assert problem.setting in caught.value.setting
        assert str(problem) in str(caught.value)
    return {problem.setting: problem.message for problem in caught.value.problems}


def test_a_whole_file(tmp_path: Path) -> None:
    """Every kind of setting is read, file names relative to the file."""
    (tmp_path / "ca.pem").touch()
    got = read(ALL, tmp_path, INBOUND="i" * 16, KEY=CANARY)
    upstream = UpstreamSettings(
        name="a",
        url="https://api.example.com/base",
        spec=str(tmp_path / "specs/a.json"),
        base_paths=("/v2", ""),
        pass_undocumented=True,
        closed_enums=False,
        unique_keys=False,
        check_security=False,
        ca_file=str(tmp_path / "ca.pem"),
        policy=Policy(response="report"),
        headers={"Authorization": f"Bearer {CANARY}", "X-Tenant": "one"},
        operations={"listJobs": Policy(mode="off"), "GET /x": Policy(request="enforce")},
    )
    assert got == ProxySettings(
        upstreams=(upstream,),
        host="0.0.0.0",
        port=0,
        admin_host="::1",
        admin_port=None,
        engine="reference",
        too_large="refuse",
        streams="pass",
        forwarded_headers=True,
        closed_enums=True,
        unique_keys=True,
        inbound_keys=("i" * 16,),
        policy=Policy(mode="enforce", drift="off"),
        limits=Limits(check_bytes=1, idle_seconds=2.0),
    )
    assert CANARY not in repr(got)


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(Limits)])
def test_every_limit_can_be_set(name: str, tmp_path: Path) -> None:
    """Each by its own name."""
    assert getattr(read(f"{URL}limits.{name} = 7", tmp_path).limits, name) == 7


def test_nothing_but_an_upstream_need_be_said() -> None:
    """All else has a default."""
    flag = Flag("--upstream a", ("upstreams", "a", "url"), "http://127.0.0.1:9")
    upstream = UpstreamSettings(name="a", url="http://127.0.0.1:9")
    assert Source(flags=(flag,)).read() == ProxySettings(upstreams=(upstream,))


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Each with its path in the file, and the nearest name for a typo."""
    text = """
        prot = 80
        port = 70000
        upstreams.b.operations."GET /x".mode = "enforc"
        upstreams.b.revison = "1"
        upstreams."c d".url = "http://x"
        limits.idle_seconds = "1s"
        limits.zzz = 1
    """
    assert problems(text, tmp_path) == {
        "prot": "there is no such setting; did you mean port?",
        "port": "must lie between 0 (any that is free) and 65535",
        'upstreams.b.operations."GET /x".mode': "must be one of off, report, enforce; did you mean enforce?",
        "upstreams.b.revison": "there is no such setting; did you mean upstreams.b.revision?",
        "upstreams.b.url": "is missing: give --upstream NAME=URL",
        'upstreams."c d"': "an upstream's name is made of letters, digits, - and _",
        "limits.idle_seconds": "must be a number, and is text",
        "limits.zzz": f"there is no such setting; it may be {', '.join(sorted(attrs.fields_dict(Limits)))}",
    }


@pytest.mark.parametrize(
    ("line", "setting", "told"),
    [
        ("port = true", "port", "must be a whole number, and is true or false"),
        ("port = 1.5", "port", "must be a whole number, and is a number"),
        ("port = -1", "port", "must lie between"),
        ("port = 1979-05-27", "port", "must be a whole number, and is date"),
        ('host = ""', "host", "must be an address or a name"),
        ('admin_port = "x"', "admin_port", "must be a whole number, and is text"),
        ("admin_port = 8080", "admin_port", "must not be the port of the proxy itself"),
        ("unique_keys = 1", "unique_keys", "must be true or false, and is a whole number"),
        ('engine = "fast"', "engine", "must be one of compiled, reference"),
        ("engine = 3", "engine", "must be one of compiled, reference"),
        ('policy = "off"', "policy", "must be a table, and is text"),
        ("limits = []", "limits", "must be a table, and is a list"),
        ("limits.check_bytes = -1", "limits.check_bytes", "must be 0 or more"),
        ("limits.idle_seconds = 0", "limits.idle_seconds", "must be more than 0"),
        ("limits.idle_seconds = nan", "limits.idle_seconds", "must be more than 0"),
        ("limits.idle_seconds = inf", "limits.idle_seconds", "must be more than 0"),
        ("upstreams.a.base_paths = []", "upstreams.a.base_paths", "must name one at least"),
        ('upstreams.a.base_paths = ["v2"]', "upstreams.a.base_paths", "each must begin with /"),
        ('upstreams.a.base_paths = "v2"', "upstreams.a.base_paths", "must be a list, and is text"),
        ('upstreams.a.ca_file = "none"', "upstreams.a.ca_file", "there is no file"),
        ("upstreams.a.operations = []", "upstreams.a.operations", "must be a table, and is a list"),
        ("upstreams.a.operations.x = 1", "upstreams.a.operations.x", "must be a table, and is a whole number"),
        ('upstreams.a.headers."a b" = "x"', 'upstreams.a.headers."a b"', "is no name of an HTTP header"),
        ('upstreams.a.headers.Host = "x"', "upstreams.a.headers.Host", "is a header that the proxy makes itself"),
        ('upstreams.a.headers = {A = "1", a = "2"}', "upstreams.a.headers", "names a header twice"),
        ('upstreams.a.headers.A = "ä"', "upstreams.a.headers", "a value may hold printable ASCII only"),
        ('upstreams.a.headers.A = "${}"', "upstreams.a.headers.A", "holds ${…} without the name"),
        ('upstreams.a.headers.A = "${file:none}"', "upstreams.a.headers.A", "cannot be read"),
        ('upstreams.a.headers.A = "${file:empty}"', "upstreams.a.headers.A", "is empty"),
        ('inbound_keys = ["${SHORT}"]', "inbound_keys", "each must have 16 characters or more"),
    ],
)
def test_what_a_value_may_be(line: str, setting: str, told: str, tmp_path: Path) -> None:
    """The message names the setting and what it may be."""
    (tmp_path / "empty").touch()
    found = problems(URL + line, tmp_path, SHORT="short")
    assert list(found) == [setting]
    assert told in found[setting]


@pytest.mark.parametrize(
    "url",
    [
        "api.example.com", "ftp://x", "http://", "http://x:99999", "http://x:0", "http://x?a=1", "http://x/#f",
        "http://x/a b", "http://[x", f"https://user:{CANARY}@x",
    ],
)  # fmt: skip
def test_an_upstream_is_an_http_url(url: str, tmp_path: Path) -> None:
    """Without user, query and fragment; the message does not quote it."""
    (told,) = problems(f'upstreams.a.url = "{url}"', tmp_path).values()
    assert CANARY not in told


@pytest.mark.parametrize("text", ["", "[upstreams]"])
def test_a_proxy_needs_an_upstream(text: str, tmp_path: Path) -> None:
    """And says how to give one."""
    assert "--upstream NAME=URL" in problems(text, tmp_path)["upstreams"]


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        (f'upstreams.a.headers.Authorization = "Bearer {CANARY}"', "upstreams.a.headers.Authorization"),
        (f'upstreams.a.headers.X-Api-Key = "{CANARY}"', "upstreams.a.headers.X-Api-Key"),
        (f'inbound_keys = ["{CANARY}"]', "inbound_keys.0"),
        (f'inbound_keys = "{CANARY}"', "inbound_keys"),
        (f'inbound_key = ["{CANARY}"]', "inbound_key"),
        (f'engine = "{CANARY}"', "engine"),
        ('upstreams.a.headers.Authorization = "Bearer ${ABSENT}"', "upstreams.a.headers.Authorization"),
        ('upstreams.a.headers.Authorization = "${EMPTY}"', "upstreams.a.headers.Authorization"),
        ('upstreams.a.headers.Authorization = "${BROKEN}"', "upstreams.a.headers"),
    ],
)
def test_no_credential_stands_in_the_file_or_in_a_message(line: str, setting: str, tmp_path: Path) -> None:
    """Credentials come from the environment or from files of their own."""
    found = problems(URL + line, tmp_path, EMPTY="", BROKEN=f"{CANARY}\n")
    assert list(found) == [setting]
    assert CANARY not in str(found)


def test_a_credential_from_a_file(tmp_path: Path) -> None:
    """Read anew each time, without the white space around it."""
    text = URL + 'upstreams.a.headers.Authorization = "Bearer ${file:key}"'
    for key in ("first", "second"):
        (tmp_path / "key").write_text(f"{key}\n", encoding="utf-8")
        assert read(text, tmp_path).upstreams[0].headers == {"Authorization": f"Bearer {key}"}


def test_own_credentials_are_lent_to_nobody_without_a_key(tmp_path: Path) -> None:
    """With headers of its own the proxy listens on loopback, or asks for a key."""
    text = 'upstreams.a.url = "http://x"\nupstreams.a.headers.Authorization = "${KEY}"\n'
    assert "inbound_keys" in problems(f'host = "0.0.0.0"\n{text}', tmp_path, KEY=CANARY)["host"]
    for line in ('host = "0.0.0.0"\ninbound_keys = ["${IN}"]', 'host = "127.0.0.2"', 'host = "::1"'):
        assert read(f"{line}\n{text}", tmp_path, KEY=CANARY, IN="k" * 16).upstreams[0].headers


def test_flags_win_over_the_file(tmp_path: Path) -> None:
    """And name themselves where they are wrong; their file names are those of the working directory."""
    flags = (
        Flag("--port", ("port",), 1),
        Flag("--upstream a", ("upstreams", "a", "url"), "http://other"),
        Flag("--spec a", ("upstreams", "a", "spec"), "a.json"),
    )
    got = read(f"port = 2\nadmin_port = 3\n{URL}", tmp_path, *flags)
    assert (got.port, got.admin_port, got.upstreams[0].url, got.upstreams[0].spec) == (1, 3, "http://other", "a.json")
    assert list(problems(URL, tmp_path, Flag("--port", ("port",), -1))) == ["--port"]
    assert list(problems("upstreams = 3", tmp_path, flags[1])) == ["upstreams"]


@pytest.mark.parametrize(
    ("content", "told"), [(b"a = ", "is not TOML"), (b"\xff", "is not UTF-8"), (None, "cannot be read: No such file")]
)
def test_a_file_that_cannot_be_read(content: bytes | None, told: str, tmp_path: Path) -> None:
    """Is named."""
    file = tmp_path / "proxy.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=told) as caught:
        Source(file=file).read()
    assert caught.value.setting == str(file)


def test_what_is_wrong_pickles(tmp_path: Path) -> None:
    """As all errors do."""
    with pytest.raises(WrongSettings) as caught:
        read("a = 1", tmp_path)
    copy: Any = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.problems) == (str(caught.value), caught.value.problems)
