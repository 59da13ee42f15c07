"""Replies as the documentation shows them."""

from typing import Any

_OBSERVED = {"observed_at": "2026-11-20T11:59:40Z", "source": "coingecko", "freshness": "live"}

SOLANA: dict[str, Any] = {
    "symbol": "SOL",
    "name": "Solana",
    "price_usd": 152.31,
    "price_btc": 0.001523,
    "volume_24h": 3214567890.0,
    "market_cap": 71234567890.0,
    "price_change_24h": -1.42,
    "price_change_percentage_24h": -0.92,
    "circulating_supply": 467890123.0,
    "total_supply": 586123456.0,
    "max_supply": None,
    "sparkline_data": [149.8, 150.2, None, 152.1],
    "last_updated": "2026-11-20T11:59:40Z",
    "market_observed_at": "2026-11-20T11:59:40Z",
    "market_source": "coingecko",
    **_OBSERVED,
}
TRENDING: dict[str, Any] = {
    "tokens": [
        {
            "id": "bonk",
            "symbol": "BONK",
            "name": "Bonk",
            "current_price": 0.0000213,
            "market_cap_rank": 71,
            "market_cap": 1712345678.0,
            "total_volume": 231234567.0,
            "price_change_percentage_24h": 4.2,
            "social_score": None,
            "category": "meme",
            **_OBSERVED,
        }
    ],
    "meta": {"total_count": 1, "timestamp": "2026-11-20T11:01:30Z", **_OBSERVED},
}
CANDLE: dict[str, Any] = {
    "time": "2026-11-20T11:00:00Z",
    "open": 151.9,
    "high": 152.8,
    "low": 151.2,
    "close": 152.3,
    "volume": 81234.5,
}
HISTORY: dict[str, Any] = {
    "symbol": "SOL",
    "id": "solana",
    "prices": [[1795172400000, 151.9], [1795176000000, 152.3]],
    "volumes": [[1795175980000, 3214567890.0]],
    "market_caps": [[1795175980000, 71234567890.0]],
    **_OBSERVED,
}
SOURCE: dict[str, Any] = {
    "name": "binance",
    "state": "closed",
    "failures": 0,
    "last_success_at": "2026-11-20T12:00:01Z",
    "last_error_at": None,
    "last_error_class": None,
    "retry_at": None,
    "refused": 0,
    "requests_left": None,
    "stream": {
        "state": "open",
        "since": "2026-11-20T08:14:03Z",
        "last_message_at": "2026-11-20T12:00:02Z",
        "reconnects": 1,
        "refused": 0,
    },
    **_OBSERVED,
    "source": "binance",
}
