"""Whatever a source sends, it is read or refused: nothing else ever happens, and every number is finite."""

import json
import math
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lib.errors import SourceFailure
from markets.providers.binance import errors as binance_errors
from markets.providers.binance.klines import parse_klines
from markets.providers.coingecko import errors as coingecko_errors
from markets.providers.coingecko.details import parse_details
from markets.providers.coingecko.markets import parse_markets
from markets.providers.coingecko.points import parse_points
from markets.providers.coingecko.trending import parse_trending
from markets.providers.reading import json_of
from tests.markets.providers.recordings import recorded, recorded_names

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STARTED = int(NOW.timestamp()) * 1000 - 36_000_000

_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["NaN", "1e5", "-1", "solana", "2026-11-20T11:00:00Z", STARTED, STARTED // 1000, 1e308, 10**400]
    )
)
_words = """id current_price last_updated prices coins item data links error status code error_code market_cap
price price_change_percentage_24h usd description en homepage"""
_names = st.sampled_from(_words.split()) | st.text(max_size=5)
_anything = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_names, inner, max_size=6),
    max_leaves=25,
)
_market_row = st.fixed_dictionaries(
    {"id": st.sampled_from(["solana", "bonk", 5]), "current_price": _leaves, "last_updated": _leaves},
    optional={"market_cap": _leaves, "ath_date": _leaves, "market_cap_rank": _leaves, "image": _leaves},
)
_point = st.tuples(
    st.integers(STARTED - 10**8, STARTED + 10**8) | _leaves, st.floats(1e-9, 1e6) | _leaves
).map(list)
_kline = st.tuples(
    st.integers(0, 12).map(lambda hour: STARTED + hour * 3_600_000) | _leaves,
    *[st.floats(1e-9, 1e6).map(str) | _leaves] * 5,
    st.integers(1, 13).map(lambda hour: STARTED + hour * 3_600_000 - 1) | _leaves,
).map(list)


def attempt(parse: Any, *arguments: Any) -> Any:
    try:
        return parse(*arguments)
    except SourceFailure:
        return None


def is_clean(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


@settings(deadline=None, max_examples=150)
@given(st.lists(_market_row | _anything, max_size=6) | _anything)
def test_any_markets(body: Any) -> None:
    parsed = attempt(parse_markets, body, ["solana", "bonk"], NOW)
    for record in parsed.records if parsed else []:
        assert all(map(is_clean, astuple(record)))
        assert record.price_usd > 0
        assert record.market_cap is None or record.market_cap >= 0


@settings(deadline=None, max_examples=150)
@given(st.fixed_dictionaries({"prices": st.lists(_point, max_size=12)}) | _anything)
def test_any_points(body: Any) -> None:
    bundle = attempt(parse_points, body, 3600, NOW)
    if bundle:
        assert np.isfinite(bundle.series.close).all()
        assert (bundle.series.close > 0).all()
        assert (np.diff(bundle.series.open_times) > 0).all()
        assert (bundle.series.open_times + 3600 <= NOW.timestamp()).all()


@settings(deadline=None, max_examples=150)
@given(st.lists(_kline | _anything, max_size=12) | _anything)
def test_any_klines(body: Any) -> None:
    bundle = attempt(parse_klines, body, 3600, NOW)
    if bundle:
        series = bundle.series
        for column in (series.open, series.high, series.low, series.close):
            assert np.isfinite(column).all()
            assert (column > 0).all()
        assert (series.volume >= 0).all()
        assert (series.high >= series.close).all()
        assert (np.diff(series.open_times) > 0).all()


@settings(deadline=None, max_examples=150)
@given(_anything)
def test_any_trending_details_or_error(body: Any) -> None:
    attempt(parse_trending, body)
    attempt(parse_details, body, "solana")
    attempt(coingecko_errors.raise_for, 200, body, None)
    attempt(binance_errors.raise_for, 400, body, None)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60) | _anything.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(body: bytes) -> None:
    attempt(json_of, body, "a source")


@pytest.mark.parametrize("name", recorded_names("coingecko") or ["coingecko/none"])
def test_any_recorded_reply_can_be_put_to_any_parser(name: str) -> None:
    body = json_of(recorded(name), "CoinGecko")
    attempt(parse_markets, body, ["bitcoin"], NOW)
    attempt(parse_points, body, 3600, NOW)
    attempt(parse_trending, body)
    attempt(parse_details, body, "bitcoin")
    attempt(parse_klines, body, 3600, NOW)
