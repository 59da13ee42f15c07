"""Without ranks, as in a replay, what is traded comes first and what has no price comes last."""

import pytest

from predictions.selectors.screener import Screen, screen
from tests.make.markets import a_quote, a_token

pytestmark = pytest.mark.django_db


def test_tokens_without_rank_are_ordered_by_volume_and_those_without_a_price_last():
    a_token("AAA", rank=None)
    for symbol, volume in (("BBB", None), ("CCC", 5.0), ("DDD", 9.0)):
        a_quote(a_token(symbol, rank=None), volume_24h=volume)
    a_quote(a_token("EEE", rank=3), volume_24h=1.0)
    assert [row.token.symbol for row in screen(Screen())] == ["EEE", "DDD", "CCC", "BBB", "AAA"]
