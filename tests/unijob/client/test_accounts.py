"""Accounts: checked settings, the environment, and which account a reference means."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from unijob.client.accounts import Account, Accounts
from unijob.errors import ConfigError

SECRET = "canary-5d1c-key"

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"provider": "acme"}, "provider", "gradient, mka1"),
    ({"name": "a/b"}, "name", "letters, digits"),
    ({"base_url": "localhost:9100"}, "base_url", "http:// or https://"),
    ({"base_url": "ftp://host"}, "base_url", "http:// or https://"),
    ({"base_url": "https://"}, "base_url", "with a host"),
    ({"base_url": "https://host:99999"}, "base_url", "http:// or https://"),
    ({"base_url": "https://host/a b"}, "base_url", "http:// or https://"),
    ({"base_url": f"https://u:{SECRET}@host"}, "base_url", "no password"),
    ({"base_url": f"https://host?key={SECRET}"}, "base_url", "no query"),
    ({"base_url": "https://host/a/../b"}, "base_url", "'.' or '..'"),
    ({"key": ""}, "key", "empty"),
    ({"key": f"{SECRET}\n"}, "key", "no line breaks"),
    ({"key": f"{SECRET}\r\nX-Evil: 1"}, "key", "no line breaks"),
    ({"key": f"{SECRET}é"}, "key", "visible ASCII"),
    ({"revision": "2020-01"}, "revision", "2026-07, 2026-10"),
    ({"on_behalf_of": "a\r\nb"}, "on_behalf_of", "printable"),
    ({"provider": "gradient", "on_behalf_of": "user"}, "on_behalf_of", "gradient"),
    ({"ca_file": "/no/such/file"}, "ca_file", "no file"),
    ({"ca_file": __file__, "verify": False}, "ca_file", "give one"),
    ({"ssl_context": ssl.create_default_context(), "verify": False}, "ssl_context", "give one"),
    ({"proxy": "proxy:3128"}, "proxy", "http:// or https://"),
    ({"proxy": f"http://u:{SECRET}@proxy:3128/path"}, "proxy", "host:port"),
    ({"headers": {"Authorization": SECRET}}, "headers", "sends its own"),
    ({"headers": {"X-A": f"{SECRET}\r\nX-B: 1"}}, "headers", "printable"),
    ({"headers": {"X A": "1"}}, "headers", "header name"),
]


@pytest.mark.parametrize(("arguments", "setting", "said"), WRONG)
def test_a_wrong_argument_is_named_and_secrets_are_not_shown(
    arguments: dict[str, Any], setting: str, said: str
) -> None:
    """A ConfigError says which argument is wrong and what it may be, and shows no credential."""
    given: dict[str, Any] = {"provider": "mka1", **arguments}
    with pytest.raises(ConfigError) as caught:
        Account(**given)
    assert caught.value.setting == setting
    assert said in str(caught.value)
    assert SECRET not in repr(caught.value)


def test_the_public_server_is_the_default() -> None:
    """Without a base URL an account is at the provider's public server."""
    assert Account("mka1").base_url == "https://apigw.mka1.com"
    assert Account("mka1", base_url="http://localhost:9100/mka1/").base_url == "http://localhost:9100/mka1"


def test_nothing_secret_is_in_its_repr() -> None:
    """The key, the proxy's credentials and header values are hidden."""
    account = Account("mka1", key=SECRET, proxy=f"http://user:{SECRET}@proxy:3128", headers={"X-Gate": SECRET})
    assert SECRET not in repr(account)
    assert "proxy:3128" in repr(account)
    assert "user" not in repr(account)
    assert set(account.secrets()) == {SECRET}


def test_the_environment_makes_an_account() -> None:
    """Key, base URL and revision come from the provider's variables."""
    env = {"MKA1_API_KEY": SECRET, "MKA1_BASE_URL": "http://here:1/x", "MKA1_REVISION": "2026-07"}
    assert Account.from_env("mka1", env) == Account("mka1", base_url="http://here:1/x", key=SECRET, revision="2026-07")


def test_the_first_key_variable_that_is_set_wins() -> None:
    """Gradient's own variable comes before DigitalOcean's."""
    env = {"DIGITALOCEAN_ACCESS_TOKEN": "second", "GRADIENT_ACCESS_TOKEN": "first"}
    account = Account.from_env("gradient", env)
    assert account is not None
    assert account.key == "first"


def test_without_a_key_there_is_no_account() -> None:
    """A base URL alone makes no account."""
    assert Account.from_env("mka1", {"MKA1_BASE_URL": "http://here:1"}) is None


@pytest.mark.parametrize(
    ("env", "setting"),
    [
        ({"MKA1_API_KEY": ""}, "MKA1_API_KEY"),
        ({"MKA1_API_KEY": f"{SECRET} "}, "MKA1_API_KEY"),
        ({"MKA1_API_KEY": SECRET, "MKA1_BASE_URL": "here"}, "MKA1_BASE_URL"),
        ({"MKA1_API_KEY": SECRET, "MKA1_REVISION": "now"}, "MKA1_REVISION"),
    ],
)
def test_a_wrong_variable_is_named(env: Mapping[str, str], setting: str) -> None:
    """A ConfigError from the environment names the variable, and shows no key."""
    with pytest.raises(ConfigError, match=setting) as caught:
        Account.from_env("mka1", env)
    assert caught.value.setting == setting
    assert SECRET not in str(caught.value)


def test_a_reference_without_account_means_the_default_or_the_only_one() -> None:
    """The unnamed account, or where only one is there, that one."""
    default, named = Account("mka1"), Account("mka1", "prod")
    assert Accounts([default, named], {}).find("mka1", None) is default
    assert Accounts([named], {}).find("mka1", None) is named
    assert Accounts([default, named], {}).find("mka1", "prod") is named


def test_several_named_accounts_must_be_told_apart() -> None:
    """Without a default among several, the error names them."""
    accounts = Accounts([Account("mka1", "prod"), Account("mka1", "test")], {})
    with pytest.raises(ConfigError, match="mka1@prod, mka1@test"):
        accounts.find("mka1", None)
    with pytest.raises(ConfigError, match="'dev'"):
        accounts.find("mka1", "dev")


def test_two_accounts_of_one_name_are_refused() -> None:
    """A name stands for one account."""
    with pytest.raises(ConfigError, match="two accounts mka1@prod"):
        Accounts([Account("mka1", "prod"), Account("mka1", "prod")], {})


def test_accounts_in_code_keep_the_environment_out() -> None:
    """A provider that is set up in code takes nothing from the environment; another one does."""
    env = {"MKA1_API_KEY": "from-env", "GRADIENT_ACCESS_TOKEN": "from-env"}
    accounts = Accounts([Account("mka1", "prod", key="from-code")], env)
    assert accounts.find("mka1", None).key == "from-code"
    assert accounts.find("gradient", None).key == "from-env"


def test_no_account_says_how_to_set_one_up() -> None:
    """The error names the variables that may hold the key."""
    with pytest.raises(ConfigError, match="GRADIENT_ACCESS_TOKEN or DIGITALOCEAN_ACCESS_TOKEN") as caught:
        Accounts([], {}).find("gradient", None)
    assert caught.value.setting == "GRADIENT_ACCESS_TOKEN"


def test_an_account_can_be_a_key() -> None:
    """Equal accounts have one hash, whatever their headers."""
    accounts = {Account("mka1", headers={"X-A": "1"}), Account("mka1", headers={"X-A": "1"}), Account("mka1", "b")}
    assert len(accounts) == 2


def test_a_ca_file_is_a_path(tmp_path: Path) -> None:
    """A path object does as well as its text."""
    file = tmp_path / "ca.pem"
    file.touch()
    assert Account("mka1", ca_file=file).ca_file == file
