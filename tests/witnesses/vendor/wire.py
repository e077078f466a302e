"""An httpx transport without a network: it keeps the request, and gives the answer that was laid ready."""

from __future__ import annotations

import json
from typing import Any

import httpx


class Unanswered(Exception):
    """A request was sent, and nothing was laid ready: it was only to be seen."""


class Wire(httpx.BaseTransport):
    """What the vendor's client sends and is sent."""

    def __init__(self) -> None:
        self.sent: httpx.Request | None = None
        self._answer: tuple[int, Any] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Keep a request, and answer it."""
        self.sent = request
        if self._answer is None:
            raise Unanswered
        status, payload = self._answer
        content = json.dumps(payload).encode()
        return httpx.Response(status, content=content, headers={"content-type": "application/json"}, request=request)

    def expect(self, answer: tuple[int, Any] | None) -> None:
        """Lay an answer ready, or none."""
        self.sent, self._answer = None, answer

    def seen(self) -> dict[str, Any] | None:
        """The request as it would have gone out: path and query still encoded."""
        if self.sent is None:
            return None
        path, _, query = self.sent.url.raw_path.decode("ascii").partition("?")
        return {
            "method": self.sent.method,
            "path": path,
            "query": query,
            "headers": dict(self.sent.headers),
            "body": self.sent.read().decode(),
        }
