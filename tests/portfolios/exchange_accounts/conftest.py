"""An exchange that answers from memory, for every test of this folder."""

import pytest

from accounts.models import User
from portfolios.services.pacing import pace
from tests.make.accounts import a_user
from tests.make.exchanges import Exchange
from tests.make.markets import a_token


@pytest.fixture
def alice() -> User:
    """She, and the token that she has at the exchange."""
    a_token("SOL", coingecko_id="solana")
    return a_user("alice")


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    found = Exchange()
    monkeypatch.setattr("portfolios.services.reaching.open_exchange", found.open)
    return found


@pytest.fixture(autouse=True)
def _fresh_pace():
    pace.cache_clear()
    yield
    pace.cache_clear()
