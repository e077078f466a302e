"""Settings: flags over environment over file, told with where each came from, secrets masked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unijob.cli.running import CANARY, Run

FILE = f"""
[profiles.default.mka1]
key = "{CANARY}-file"
base_url = "https://file.example"
[profiles.work.mka1]
key = "{CANARY}-work"
base_url = "https://user:{CANARY}@work.example"
proxy = "http://me:{CANARY}@proxy.example:3128"
verify = false
[profiles.work."mka1@prod"]
key = "{CANARY}-prod"
"""
NO_ENV: dict[str, str | None] = {"MKA1_API_KEY": None, "MKA1_BASE_URL": None, "MKA1_REVISION": None}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / ".config" / "unijob" / "config.toml"
    found.parent.mkdir(parents=True)
    found.write_text(FILE, encoding="utf-8")
    return found


def origins(run: Run, *args: str, env: dict[str, str | None] | None = None) -> dict[str, tuple[object, str]]:
    ended = run("config", "show", "--json", *args, env=env)
    assert ended.code == 0, ended.err
    return {f"{one['account']}.{one['name']}": (one["value"], one["from"]) for one in ended.json["settings"]}


def test_defaults(run: Run) -> None:
    """Without anything set, the public servers and no key."""
    found = origins(run, env=NO_ENV)
    assert found["mka1.key"] == (None, "not set")
    assert found["mka1.base_url"][1] == "default"


@pytest.mark.usefixtures("file")
def test_the_file_is_read(run: Run) -> None:
    """Its profile `default`, where none is asked for; the key is masked."""
    found = origins(run, env=NO_ENV)
    assert found["mka1.key"] == ("***", "file, profile default")
    assert found["mka1.base_url"] == ("https://file.example", "file, profile default")


@pytest.mark.usefixtures("file")
def test_the_environment_wins_over_the_file(run: Run) -> None:
    """Setting by setting."""
    found = origins(run, env={**NO_ENV, "MKA1_API_KEY": CANARY})
    assert found["mka1.key"] == ("***", "environment MKA1_API_KEY")
    assert found["mka1.base_url"] == ("https://file.example", "file, profile default")


@pytest.mark.usefixtures("file")
def test_a_flag_wins_over_all(run: Run) -> None:
    """`--set` and `--profile`."""
    found = origins(run, "--set", "mka1.base_url=http://flag.example", "--profile", "work", env=NO_ENV)
    assert found["mka1.base_url"] == ("http://flag.example", "flag --set")
    assert found["mka1.key"] == ("***", "file, profile work")
    assert found["mka1.proxy"] == ("http://***@proxy.example:3128", "file, profile work")
    assert found["mka1.verify"] == (False, "file, profile work")
    assert found["mka1@prod.key"] == ("***", "file, profile work")
    assert origins(run, "--set", "mka1.verify=false")["mka1.verify"] == (False, "flag --set")


@pytest.mark.usefixtures("file")
def test_the_profile_has_an_origin(run: Run, file: Path) -> None:
    """A flag, the environment, the file, or the default."""

    def profile(*args: str, **env: str) -> tuple[str, str]:
        found = run("config", "show", "--json", *args, env={**env}).json["profile"]
        return found["value"], found["from"]

    assert profile() == ("default", "default")
    assert profile(UNIJOB_PROFILE="work") == ("work", "environment UNIJOB_PROFILE")
    assert profile("--profile", "work", UNIJOB_PROFILE="x") == ("work", "flag --profile")
    file.write_text('profile = "work"\n' + FILE, encoding="utf-8")
    assert profile() == ("work", "file")


@pytest.mark.usefixtures("file")
def test_show_is_a_table(run: Run) -> None:
    """With the file and the profile above, and nothing secret in it."""
    ended = run("config", "show", "--profile", "work", env=NO_ENV)
    assert ended.out.startswith("profile: work (flag --profile)\nfile: ")
    assert "mka1.key" in ended.out
    assert "***" in ended.out


def test_an_account_of_the_file_is_used(run: Run, environment: dict[str, str], file: Path) -> None:
    """A named account is asked, and its jobs carry its name."""
    url = environment["MKA1_BASE_URL"]
    file.write_text(f'[profiles.default."mka1@prod"]\nkey = "{CANARY}"\nbase_url = "{url}"\n', encoding="utf-8")
    ended = run("start", "mka1:eval_run", "suite_id=s", 'models:=["auto"]', "--account", "prod", env=NO_ENV)
    assert ended.out.startswith("mka1@prod:eval_run/")
    assert run("get", ended.out.strip(), env=NO_ENV).code == 0


def test_a_file_that_is_asked_for_must_be_there(run: Run, tmp_path: Path) -> None:
    """A default that is not there is none; what UNIJOB_CONFIG names is meant."""
    ended = run("config", "show", env={"UNIJOB_CONFIG": str(tmp_path / "nope.toml")})
    assert (ended.code, ended.err) == (2, f"unijob: UNIJOB_CONFIG names no file: {tmp_path / 'nope.toml'}\n")


def test_help_shows_how_the_file_is_written(run: Run) -> None:
    """Line by line."""
    assert '\n      key = "..."\n' in run("config", "--help").out


def test_the_file_may_lie_elsewhere(run: Run, file: Path, tmp_path: Path) -> None:
    """UNIJOB_CONFIG names it, XDG_CONFIG_HOME its folder's folder."""
    other = file.rename(tmp_path / "other.toml")
    assert origins(run, env={**NO_ENV, "UNIJOB_CONFIG": str(other)})["mka1.key"][0] == "***"
    assert origins(run, env={**NO_ENV, "XDG_CONFIG_HOME": str(tmp_path)})["mka1.key"][0] is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("profile = ", "is no TOML"),
        ("profiles = 1", "[profiles] in"),
        ("profile = 1", "profile, in the settings' file, must be a string"),
        ("[profile.default]\n[work]", "has no place for work: it holds profile, profiles"),
        ("[profiles.default]\nmka1 = 1", "[profiles.default.mka1] in"),
        ("[profiles.default.nope]\nkey = 'k'", "there is no provider 'nope'"),
        ("[profiles.default.mka1]\nkye = 'k'", "there is no setting 'kye': it may be key, base_url"),
        ("[profiles.default.mka1]\nkey = 1", "key of [profiles.default.mka1] in"),
        ("[profiles.default.mka1]\nverify = 'no'", "must be true or false"),
        ("[profiles.default.mka1]\nkey = 'k'\nbase_url = 'ftp://x'", "base_url must be an http"),
    ],
)
def test_a_wrong_file(run: Run, file: Path, text: str, told: str) -> None:
    """Wrong use; it names the setting and where it stands."""
    file.write_text(text, encoding="utf-8")
    ended = run("get", "mka1:eval_run/1", env=NO_ENV)
    assert ended.code == 2
    assert told in ended.err
    assert "config" in ended.err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("mka1.key=k", "a key has no flag"),
        ("mka1.nope=k", "there is no setting 'nope'"),
        ("nope.base_url=k", "there is no provider 'nope'"),
        ("base_url=k", "--set takes PROVIDER.NAME=VALUE"),
        ("mka1.verify=no", "takes true or false"),
        ("mka1.revision=1999-01", "names no revision"),
    ],
)
def test_a_wrong_flag(run: Run, given: str, told: str) -> None:
    """Wrong use; it says what would be right."""
    ended = run("get", "mka1:eval_run/1", "--set", given)
    assert ended.code == 2
    assert told in ended.err


def test_a_profile_that_there_is_not(run: Run) -> None:
    """It names those that there are."""
    ended = run("get", "mka1:eval_run/1", "--profile", "nope")
    assert ended.code == 2
    assert "there is no profile 'nope' (flag --profile)" in ended.err
