"""What staff read where a row is named, without a query for it."""

import pytest

from markets.models import LatestQuote, TrendingToken
from predictions.models import Forecast, Outcome
from tests.make.markets import NOON


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Outcome(forecast_id=7, outcome_class=2), "forecast 7: sideways"),
        (Outcome(forecast_id=7, void=True), "forecast 7: void"),
        (LatestQuote(token_id=3, price_usd=142.5, observed_at=NOON), "token 3 142.5 USD 2026-11-20 12:00"),
        (TrendingToken(rank=2, symbol="SOL", observed_at=NOON), "2. SOL 2026-11-20 12:00"),
        (Forecast(token_id=3, timeframe="1h", as_of=NOON), "3 1h 2026-11-20 12:00"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_row_names_itself(row: object, words: str) -> None:
    assert str(row) == words
