"""An exchange that answers from memory, for every test of this folder."""

import pytest

from portfolios.services.pacing import pace
from tests.make.exchanges import Exchange


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
