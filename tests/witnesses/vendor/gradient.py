"""The client of DigitalOcean Gradient, `gradient`.

It reads answers strictly, as it can be told to; its default takes anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from types import UnionType
from typing import Any, Union, get_args, get_origin

import httpx
import pydantic
from gradient import Gradient
from gradient._resource import SyncAPIResource
from gradient._types import NotGiven, Omit

from tests.witnesses.vendor.shapes import class_of
from tests.witnesses.vendor.unknown import unknown
from tests.witnesses.vendor.wire import Wire
from tests.witnesses.vendor.witness import Method


class GradientVendor:
    own = frozenset({"extra_headers", "extra_query", "extra_body", "timeout"})
    keeps_extras = True

    def client(self, wire: Wire) -> Any:
        return Gradient(
            access_token="t0ken",
            base_url="http://witness",
            http_client=httpx.Client(transport=wire),
            max_retries=0,
            _strict_response_validation=True,
        )

    def resources(self, node: Any) -> Iterator[tuple[str, Any]]:
        parts = [name for name, one in vars(class_of(node)).items() if isinstance(one, cached_property)]
        for name in sorted(parts):
            with suppress(ValueError):  # an end point that was not set
                part = getattr(node, name)
                if isinstance(part, SyncAPIResource):
                    yield name, part

    def is_call(self, name: str, method: Method) -> bool:
        """Leave out what calls until a job has ended."""
        return "extra_headers" in method.__annotations__ and not name.startswith("wait_")

    def annotation(self, hint: Any) -> Any:
        """Leave out what stands for an argument that was not given."""
        if get_origin(hint) in {Union, UnionType}:
            return Union[tuple(one for one in get_args(hint) if one not in {Omit, NotGiven})]  # noqa: UP007
        return hint

    def dump(self, value: Any) -> Any:
        """What is None stands for what is absent: the client types every property `Optional`."""
        if isinstance(value, pydantic.BaseModel):
            return value.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
        return value

    def problems(self, error: BaseException) -> list[dict[str, Any]] | None:
        cause = error if isinstance(error, pydantic.ValidationError) else error.__cause__
        if not isinstance(cause, pydantic.ValidationError):
            return None
        return [{"type": one["type"], "loc": one["loc"], "text": one["msg"]} for one in cause.errors()]

    def unknown(self, value: Any) -> list[list[str | int]]:
        return list(unknown(value, ()))


VENDOR = GradientVendor()
