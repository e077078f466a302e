"""Redaction: credentials by name, by place in a URL, and by their own text."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unijob.jsontypes import is_list, is_object
from unijob.redact import MASK, Redactor, is_secret_name, redact_url

SECRET = "canary/5d1c+key="


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "api_key",
        "apiKey",
        "X-Api-Key",
        "token",
        "access_token",
        "refreshToken",
        "secret",
        "secret_key",
        "client_secret",
        "webhook_secret",
        "password",
        "signed_url",
        "presigned_url",
        "Set-Cookie",
        "private_key",
        "credentials",
    ],
)
def test_secrets_have_names(name: str) -> None:
    """What such a name holds is a credential."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["tokens", "total_tokens", "max_output_tokens", "key", "status", "author", "id"])
def test_other_names_are_left(name: str) -> None:
    """Counts of tokens and other names are no credentials."""
    assert not is_secret_name(name)


def test_values_are_masked_deeply() -> None:
    """Secrets under telling names go, however deep; the rest stays as it is."""
    value = {"a": [{"webhook_secret": "x", "n": 1, "tokens": {"input": 5}}], "token": None, "secret": {"deep": "x"}}
    assert Redactor().value(value) == {
        "a": [{"webhook_secret": MASK, "n": 1, "tokens": {"input": 5}}],
        "token": None,
        "secret": MASK,
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@host:1/x?a=1", "https://***@host:1/x?a=1"),
        ("https://s3/x?X-Amz-Signature=abc&X-Amz-Date=1", "https://s3/x?***"),
        ("https://blob/x?sv=1&sig=abc", "https://blob/x?***"),
        ("see https://host/x?token=abc now", "see https://host/x?*** now"),
        ("https://host/x?page=2", "https://host/x?page=2"),
    ],
)
def test_urls_lose_users_and_signatures(url: str, shown: str) -> None:
    """User, password and a signing query are masked; other URLs stay."""
    assert redact_url(url) == shown


@pytest.mark.parametrize(
    "text",
    [
        f"the key {SECRET} is wrong",
        f"https://host/{quote(SECRET, safe='')}",
        "Authorization: Bearer abcdef123456",
        '{"api_key": "abcdef123456"}',
        "refresh_token=abcdef123456",
        "Y2FuYXJ5LzVkMWMra2V5PQ==",
    ],
)
def test_texts_lose_credentials(text: str) -> None:
    """The account's own key goes in any spelling, and so do bearer tokens and named secrets."""
    shown = Redactor([SECRET]).text(text)
    assert MASK in shown
    assert "abcdef123456" not in shown
    assert SECRET not in shown
    assert quote(SECRET, safe="") not in shown
    assert "Y2FuYXJ5" not in shown


def test_short_secrets_do_not_garble_everything() -> None:
    """A secret of one letter is not masked in each word; from four characters on, it is."""
    assert Redactor(["a", "ban"]).text("a banana") == "a banana"
    assert Redactor(["anan"]).text("a banana") == f"a b{MASK}a"


def test_a_secret_within_another_leaves_no_rest_of_it() -> None:
    """The longest is masked first."""
    assert Redactor(["key-1", "key-1-secret"]).text("key-1-secret") == MASK


def test_what_is_too_deep_is_masked_whole() -> None:
    """Depth is bounded, so that no answer can exhaust the stack."""
    value: Any = "x"
    for _ in range(900):
        value = [value]
    assert MASK in repr(Redactor().value(value))


@given(st.text(max_size=200))
def test_a_secret_never_survives(around: str) -> None:
    """Whatever stands around it."""
    assert SECRET not in Redactor([SECRET]).text(around + SECRET + around)


@pytest.mark.parametrize("text", ["a" * 50_000, "a.b-" * 20_000, "token=" * 10_000, "token:'" * 8_000, "a://" * 20_000])
def test_long_texts_take_no_time(text: str) -> None:
    """No text makes the patterns slow: 60 kB take far less than the second that a bad pattern would."""
    began = time.perf_counter()
    Redactor([SECRET]).text(text)
    assert time.perf_counter() - began < 1


WRAPS: list[Callable[[Any], Any]] = [lambda inner: {"a": inner}, lambda inner: [inner], lambda inner: (inner,)]


@pytest.mark.parametrize("wrap", WRAPS)
def test_what_lies_too_deep_is_masked_whole(wrap: Callable[[Any], Any]) -> None:
    """Objects and arrays are looked into to a depth of a hundred; what lies below is masked, whatever it is."""

    def nested(depth: int) -> Any:
        value: Any = {}
        for _ in range(depth):
            value = wrap(value)
        return value

    def bottom(value: Any) -> Any:
        if is_object(value) and value:
            return bottom(value["a"])
        return bottom(value[0]) if is_list(value) else value

    assert bottom(Redactor().value(nested(99))) == {}
    assert bottom(Redactor().value(nested(100))) == MASK
