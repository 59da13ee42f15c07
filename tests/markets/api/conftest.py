"""The clock stands still at noon, and nothing is kept from another test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from core.api import hot
from tests.make.markets import NOON

Get = Callable[..., Any]


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    hot.drop("/api/v1/market")
    with time_machine.travel(NOON, tick=False):
        yield
    hot.drop("/api/v1/market")


@pytest.fixture
def get(client: Client) -> Get:
    """The body of a reply, after a look at its status and its envelope."""

    def read(path: str, status: int = 200, **query: Any) -> Any:
        reply = client.get(f"/api/v1/{path}", query)
        body = reply.json()
        assert (reply.status_code, body["success"]) == (status, status == 200), body
        return body if status == 200 else body["error"]

    return read
