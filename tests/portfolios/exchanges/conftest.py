"""A fake of each exchange in turn, an account of Alice's there, and the account as Khalsi opens it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portfolios.exchanges.pairs import forget_pairs
from portfolios.exchanges.registry import AnyAccount, open_exchange
from portfolios.exchanges.transport import Timeouts, _sessions
from tests.fakes.exchanges import NAMES, FakeAccount, FakeExchange, a_fake

Open = Callable[..., AnyAccount]


@pytest.fixture(autouse=True)
def _nothing_of_before() -> Iterator[None]:
    """Ports are used again, and pairs and open sockets are kept by address."""
    forget_pairs()
    yield
    forget_pairs()
    while _sessions:
        _sessions.popitem()[1].close()


@pytest.fixture(params=NAMES)
def fake(request: pytest.FixtureRequest) -> Iterator[FakeExchange]:
    with a_fake(request.param) as exchange:
        yield exchange


@pytest.fixture
def alice(fake: FakeExchange) -> FakeAccount:
    return fake.opens_account()


@pytest.fixture
def opened(fake: FakeExchange) -> Open:
    def open_account(account: FakeAccount, **more: Any) -> AnyAccount:
        timeouts = Timeouts(connect=30, read=30, total=60)  # of a test that waits for a busy machine
        return open_exchange(
            fake.name, account.credentials, base_url=fake.url, **{"timeouts": timeouts, **more}
        )

    return open_account


@pytest.fixture
def khalsi(opened: Open, alice: FakeAccount) -> AnyAccount:
    """Alice's account as Khalsi sees it."""
    return opened(alice)
