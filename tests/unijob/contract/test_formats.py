"""Formats: those of the table are checked, no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.contract.documents import one_schema
from unijob.contract import formats

TABLE: dict[str, tuple[list[str], list[str]]] = {
    "date-time": (
        ["2026-07-01T10:00:00Z", "2026-07-01t10:00:00z", "2016-12-31T23:59:60Z", "2026-07-01T10:00:00.123456789+02:00"],
        [
            "2026-07-01",
            "2026-07-01T10:00:00",
            "2026-07-01 10:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-07-01T24:00:00Z",
            "",
        ],
    ),
    "date": (["2026-07-01"], ["2026-02-30", "2026-7-1"]),
    "time": (["10:00:00Z"], ["25:00:00Z"]),
    "duration": (["P1DT2H"], ["1d"]),
    "uuid": (["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]),
    "uri": (["https://a.b/c?d=e", "urn:a:b"], ["a/b", "https://a b"]),
    "uri-reference": (["a/b"], ["a b"]),
    "email": (["a@b.c"], ["a", "a b@c.d"]),
    "hostname": (["a.b"], ["-a"]),
    "ipv4": (["1.2.3.4"], ["1.2.3"]),
    "ipv6": (["::1"], ["1.2.3.4"]),
    "regex": (["a+"], ["["]),
    "json-pointer": (["/a"], ["a"]),
    "byte": (["", "QUJD", "QQ=="], ["QQ", "Q!==", "QQ==\n"]),
    "int32": (
        ["-2147483648", "2147483647", "0", "7"],
        ["2147483648", "-2147483649", "00", "1.0", "", "+1", "01", " 1", "1\n"],
    ),
    "int64": (["-9223372036854775808", "9223372036854775807"], ["9223372036854775808", "-9223372036854775809"]),
    "uint32": (["0", "4294967295"], ["-1", "4294967296"]),
    "uint64": (["18446744073709551615"], ["-1", "18446744073709551616"]),
}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_string_format(name: str) -> None:
    """A string of the format passes, another is a violation of `format`."""
    contract = one_schema({"type": "string", "format": name})
    valid, wrong = TABLE[name]
    assert [value for value in valid if contract.check_response("op", 200, value)] == []
    found = [[v.keyword for v in contract.check_response("op", 200, value)] for value in wrong]
    assert found == [["format"]] * len(wrong)


def test_table_is_whole() -> None:
    """Every format that is checked stands here and in the module's own table."""
    assert set(TABLE) == formats.KNOWN
    assert all(name in str(formats.__doc__) for name in TABLE)


@pytest.mark.parametrize(
    ("name", "valid", "wrong"),
    [
        ("int32", [-(2**31), 2**31 - 1, 1.0], [2**31, -(2**31) - 1]),
        ("uint32", [0, 2**32 - 1], [-1, 2**32]),
        ("int64", [-(2**63), 2**63 - 1], [2**63, -(2**63) - 1, float(2**63)]),
        ("uint64", [0, 2**64 - 1], [-1, 2**64, float(2**64), 10**30]),
    ],
)
def test_integer_format_is_a_range(name: str, valid: list[Any], wrong: list[Any]) -> None:
    """An integer out of its format's range breaks `format`."""
    contract = one_schema({"type": "integer", "format": name})
    assert [value for value in valid if contract.check_response("op", 200, value)] == []
    found = [contract.check_response("op", 200, value) for value in wrong]
    assert [[v.keyword for v in violations] for violations in found] == [["format"]] * len(wrong)
    assert found[0][0].schema_pointer.endswith("/schema/format")


def test_integers_just_below_int64_are_not_rounded_into_it() -> None:
    """The parser gives -2**63 - 1 as a float that equals -2**63."""
    contract = one_schema({"type": "integer", "format": "int64"})
    assert contract.check_response_bytes("op", 200, str(-(2**63)).encode()) == ()
    for value in (-(2**63) - 1, 2**64):
        (violation,) = contract.check_response_bytes("op", 200, str(value).encode())
        assert violation.keyword == "format"


def test_a_bound_that_is_written_keeps_its_own_keyword() -> None:
    """A `maximum` inside the format's range is broken as `maximum`."""
    contract = one_schema({"type": "integer", "format": "int32", "maximum": 10})
    assert [v.keyword for v in contract.check_response("op", 200, 11)] == ["maximum"]
    assert [v.keyword for v in contract.check_response("op", 200, -(2**40))] == ["format"]


def test_numbers_in_strings_and_integers_side_by_side() -> None:
    """A format of two types holds for both."""
    contract = one_schema({"type": ["integer", "string"], "format": "uint64"})
    assert [bool(contract.check_response("op", 200, value)) for value in (1, "1", -1, "-1")] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("name", ["password", "binary", "float", "idn-email", "made-up"])
def test_other_formats_are_ignored(name: str) -> None:
    """A format outside the table says nothing."""
    assert one_schema({"format": name}).check_response("op", 200, "any thing") == ()
