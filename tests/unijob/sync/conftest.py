"""A server and a client for each test."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.unijob.sync.serving import client_of, upstream
from tests.unijob.upstream import Upstream
from unijob.sync import JobClient


@pytest.fixture
def server() -> Iterator[Upstream]:
    with upstream() as server:
        yield server


@pytest.fixture
def client(server: Upstream) -> Iterator[JobClient]:
    before = threading.active_count()
    with client_of(server) as client:
        yield client
    assert threading.active_count() <= before
