"""How old is stale."""

from datetime import UTC, datetime, timedelta

from markets.freshness import candle_freshness, quote_freshness, trending_freshness

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_quote_is_stale_after_ten_minutes() -> None:
    assert quote_freshness(NOW - timedelta(minutes=10), NOW) == "live"
    assert quote_freshness(NOW - timedelta(minutes=10) - SECOND, NOW) == "stale"


def test_a_candle_is_stale_when_its_successor_is_five_minutes_late() -> None:
    opened = NOW - timedelta(hours=2, minutes=5)
    assert candle_freshness(opened, 3600, NOW) == "live"
    assert candle_freshness(opened, 3600, NOW + SECOND) == "stale"


def test_trending_is_stale_after_an_hour() -> None:
    assert trending_freshness(NOW - timedelta(hours=1), NOW) == "live"
    assert trending_freshness(NOW - timedelta(hours=1) - SECOND, NOW) == "stale"


def test_what_was_never_observed_is_stale() -> None:
    assert (
        quote_freshness(None, NOW)
        == candle_freshness(None, 900, NOW)
        == trending_freshness(None, NOW)
        == "stale"
    )
