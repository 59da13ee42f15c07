"""Pages are asked for at noon, so that what is fresh and what is stale does not depend on the day."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from tests.make.markets import NOON
from tests.pages.reading import Element, ids_are_unique, read

Visit = Callable[..., Element]


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def visit(client: Client) -> Visit:
    """The page at a path, whole and with every id once."""

    def visit(path: str, status: int = 200, **headers: str) -> Element:
        answer = client.get(path, headers=headers or None)
        assert answer.status_code == status
        page = read(answer.content)
        assert ids_are_unique(page)
        return page

    return visit
