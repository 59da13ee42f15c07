"""Database calls from the event loop."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")


async def in_a_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call it where it may wait, with connections that are neither broken nor kept for too long."""

    def call() -> T:
        _drop_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            _drop_old_connections()

    return await sync_to_async(call)()


def _drop_old_connections() -> None:
    """Not inside a transaction: it is somebody else's (a test's), and would be lost with its connection."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
