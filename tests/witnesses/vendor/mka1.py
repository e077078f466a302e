"""The client of MKA1, `meetkai-mka1`, in any of its versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pydantic
from meetkai_mka1 import SDK
from meetkai_mka1.basesdk import BaseSDK
from meetkai_mka1.types.basemodel import UnrecognizedInt, UnrecognizedStr

from tests.witnesses.vendor.shapes import is_list
from tests.witnesses.vendor.unknown import unknown
from tests.witnesses.vendor.wire import Wire
from tests.witnesses.vendor.witness import Method


class Mka1:
    own = frozenset({"retries", "server_url", "timeout_ms", "http_headers", "accept_header_override"})
    keeps_extras = False

    def client(self, wire: Wire) -> Any:
        return SDK(
            bearer_auth="t0ken", server_url="http://witness", client=httpx.Client(transport=wire), retry_config=None
        )

    def resources(self, node: Any) -> Iterator[tuple[str, Any]]:
        lazy: dict[str, Any] = getattr(node, "_sub_sdk_map", {})
        for name in sorted({*lazy, *node.__dict__} - {"parent_ref"}):
            part = getattr(node, name)
            if isinstance(part, BaseSDK):
                yield name, part

    def is_call(self, name: str, method: Method) -> bool:
        return not name.endswith("_async") and "http_headers" in method.__annotations__

    def annotation(self, hint: Any) -> Any:
        return hint

    def dump(self, value: Any) -> Any:
        if is_list(value):
            return [self.dump(item) for item in value]
        return value.model_dump(mode="json", by_alias=True) if isinstance(value, pydantic.BaseModel) else value

    def problems(self, error: BaseException) -> list[dict[str, Any]] | None:
        cause = error if isinstance(error, pydantic.ValidationError) else error.__cause__
        if not isinstance(cause, pydantic.ValidationError):
            return None
        return [{"type": one["type"], "loc": one["loc"], "text": one["msg"]} for one in cause.errors()]

    def unknown(self, value: Any) -> list[list[str | int]]:
        return list(unknown(value, (UnrecognizedStr, UnrecognizedInt)))


VENDOR = Mka1()
