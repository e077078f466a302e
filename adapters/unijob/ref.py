"""The identity of a job, as one line that a shell, a log or a database can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Generic
from urllib.parse import quote, unquote_to_bytes

import attrs
from typing_extensions import TypeVar

from unijob.errors import InvalidArgument

# Defaults, so that a bare `JobRef` or `Job` is one of `[Any, Any]` to a type checker.
SourceT_co = TypeVar("SourceT_co", covariant=True, default=Any)
ResultT_co = TypeVar("ResultT_co", covariant=True, default=Any)

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_LINE = re.compile(r"(?P<provider>[^@:/]*)(?:@(?P<account>[^:/]*))?:(?P<kind>[^/]*)(?P<path>/.*)?", re.DOTALL)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# RFC 3986 allows these in a path segment, and no shell gives them a meaning.
_SAFE = ":@+,="


def _refuse(message: str) -> InvalidArgument:
    return InvalidArgument(message, argument="ref")


def is_segment(text: str) -> bool:
    """Whether a reference can hold this id: not empty, `.` or `..`, and valid Unicode."""
    return text not in {"", ".", ".."} and not _SURROGATE.search(text)


def _unquoted(segment: str) -> str:
    if _BROKEN_ESCAPE.search(segment):
        raise _refuse(f"{segment!r} is not percent-encoded: a '%' in an id is written '%25'")
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeEncodeError:
        raise _refuse(f"{segment!r} is not valid Unicode") from None
    except UnicodeDecodeError:
        raise _refuse(f"{segment!r} is not percent-encoded UTF-8") from None


def _as_tuple(ids: Iterable[str]) -> tuple[str, ...]:
    if isinstance(ids, str):
        raise _refuse(f"the ids of a job reference are a tuple of strings: write ({ids!r},), not {ids!r}")
    return tuple(ids)


def _account_order(account: str | None) -> str:
    return account or ""


@attrs.frozen(order=True)
class JobRef(Generic[SourceT_co, ResultT_co]):
    """Identifies a job or a schedule across providers and accounts. One that its kind made is typed as the kind's jobs.

    `parse` and `str` are each other's inverse: `mka1:file_batch/vs_abc123/vsfb_abc123`,
    `mka1@prod:eval_run/eval_run_aa87`, `gradient:indexing_job/123e4567-e89b-12d3-a456-426614174000`.

    Args:
        provider: the provider's name, `mka1`.
        type: the kind's name within its provider, `file_batch`.
        ids: the path of ids from the outermost parent, decoded; empty for a singleton.
        account: the named account, or None for the provider's only or default one.

    Raises:
        InvalidArgument: for a name or an id that a reference cannot hold.
    """

    provider: str
    type: str
    ids: tuple[str, ...] = attrs.field(default=(), converter=_as_tuple)
    account: str | None = attrs.field(default=None, order=_account_order)

    def __attrs_post_init__(self) -> None:
        if not _NAME.fullmatch(self.provider):
            raise _refuse(f"{self.provider!r} is not a provider's name: lower-case letters, digits and '_'")
        if not _NAME.fullmatch(self.type):
            raise _refuse(f"{self.type!r} is not a kind's name: lower-case letters, digits and '_'")
        if self.account is not None and not _ACCOUNT.fullmatch(self.account):
            raise _refuse(f"{self.account!r} is not an account's name: letters, digits, '.', '_' and '-'")
        for segment in self.ids:
            if not is_segment(segment):
                raise _refuse(
                    f"a job reference cannot hold the id {segment!r}: it is never empty, '.' or '..', and valid Unicode"
                )

    @classmethod
    def parse(cls, text: str) -> JobRef:
        """Read a reference.

        Raises:
            InvalidArgument: says which part is wrong and what it may be.
        """
        match = _LINE.fullmatch(text)
        if match is None:
            raise _refuse(
                f"{text!r} is not a job reference: write 'provider:kind/id', as in 'mka1:eval_run/eval_run_aa87'"
            )
        path = match["path"]
        segments = path[1:].split("/") if path is not None else []
        return cls(match["provider"], match["kind"], tuple(map(_unquoted, segments)), match["account"])

    @property
    def kind(self) -> str:
        """The kind's full name, `mka1:eval_run`."""
        return f"{self.provider}:{self.type}"

    def __str__(self) -> str:
        account = "" if self.account is None else f"@{self.account}"
        path = "".join("/" + quote(segment, safe=_SAFE) for segment in self.ids)
        return f"{self.provider}{account}:{self.type}{path}"
