"""The longer shapes of CoinGecko's API: the details of one coin and an item of the trending list; and how
it writes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from markets.sandbox.market import PERIODS, Snapshot

_SIGNIFICANT = 10
_KINDS = {
    "infrastructure": "Infrastructure",
    "defi": "Decentralized Finance (DeFi)",
    "meme": "Meme",
    "staking": "Liquid Staking",
    "stablecoin": "Stablecoins",
    "gaming": "Gaming (GameFi)",
    "depin": "DePIN",
    "ai": "Artificial Intelligence (AI)",
    "context": "Layer 1 (L1)",
}


def number(value: float | None) -> float | None:
    """Ten significant digits, as an integer where it is one and small enough to look like one."""
    return None if value is None else float(f"{value:.{_SIGNIFICANT}g}")


def whole(value: float | None) -> float | None:
    """Dollars without cents from a hundred upwards, as CoinGecko writes caps and volumes."""
    return number(value) if value is None or value < 100 else round(value)


def stamp(seconds: float) -> str:
    text = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{text}Z"


def _percentage(now: float, then: float | None) -> float | None:
    return None if not then else round((now / then - 1) * 100, 5)


def _usd(value: Any) -> dict[str, Any]:
    """Maps per currency hold the one currency there is; what is unknown is absent from them."""
    return {} if value is None else {"usd": value}


def describe(one: Snapshot, spark: Sequence[float] | None) -> dict[str, Any]:
    """GET /coins/{id} without tickers, community and developers, of which the sandbox knows nothing."""
    listing = one.listing
    mint = listing.mint
    return {
        "id": listing.coingecko_id,
        "symbol": listing.symbol.lower(),
        "name": listing.name,
        "web_slug": listing.coingecko_id,
        "asset_platform_id": "solana" if mint else None,
        "platforms": {"solana": mint} if mint else {"": ""},
        "detail_platforms": {"solana": {"decimal_place": None, "contract_address": mint}} if mint else {},
        "block_time_in_minutes": 0,
        "hashing_algorithm": None,
        "categories": _categories(one),
        "preview_listing": False,
        "public_notice": None,
        "additional_notices": [],
        "has_supply_breakdown": False,
        "localization": {"en": listing.name},
        "description": {"en": ""},
        "links": _links(),
        "image": {"thumb": "missing_thumb.png", "small": "missing_small.png", "large": "missing_large.png"},
        "country_origin": "",
        "genesis_date": None,
        "sentiment_votes_up_percentage": None,
        "sentiment_votes_down_percentage": None,
        "watchlist_portfolio_users": 0,
        "market_cap_rank": one.rank,
        "market_data": _market_data(one, spark),
        "community_data": {
            "facebook_likes": None,
            "reddit_subscribers": None,
            "telegram_channel_user_count": None,
        },
        "developer_data": {"forks": None, "stars": None, "commit_count_4_weeks": None},
        "status_updates": [],
        "last_updated": stamp(one.observed_at),
        "tickers": [],
    }


def _categories(one: Snapshot) -> list[str]:
    names = [_KINDS.get(one.listing.category, "Other")]
    return [*names, "Solana Ecosystem"] if one.listing.solana else names


def _links() -> dict[str, Any]:
    return {
        "homepage": [""],
        "whitepaper": "",
        "blockchain_site": [],
        "official_forum_url": [],
        "chat_url": [],
        "announcement_url": [],
        "snapshot_url": None,
        "twitter_screen_name": "",
        "facebook_username": "",
        "bitcointalk_thread_identifier": None,
        "telegram_channel_identifier": "",
        "subreddit_url": "",
        "repos_url": {"github": [], "bitbucket": []},
    }


def _market_data(one: Snapshot, spark: Sequence[float] | None) -> dict[str, Any]:
    supply, extremes, yesterday = one.supply, one.extremes, one.earlier.get("24h")
    diluted = one.price * (supply.maximum or supply.total) if supply else None
    cap, cap_then = one.market_cap, one.market_cap_24h_ago
    data = {
        "current_price": _usd(number(one.price)),
        "total_value_locked": None,
        "roi": None,
        "ath": _usd(number(extremes.high) if extremes else None),
        "ath_change_percentage": _usd(_percentage(one.price, extremes.high) if extremes else None),
        "ath_date": _usd(stamp(extremes.high_at) if extremes else None),
        "atl": _usd(number(extremes.low) if extremes else None),
        "atl_change_percentage": _usd(_percentage(one.price, extremes.low) if extremes else None),
        "atl_date": _usd(stamp(extremes.low_at) if extremes else None),
        "market_cap": _usd(whole(cap)),
        "market_cap_rank": one.rank,
        "fully_diluted_valuation": _usd(whole(diluted)),
        "total_volume": _usd(whole(one.volume_24h)),
        "high_24h": _usd(number(one.high_24h)),
        "low_24h": _usd(number(one.low_24h)),
        "price_change_24h": None if yesterday is None else number(one.price - yesterday),
        "market_cap_change_24h": None if cap is None or cap_then is None else whole(cap - cap_then),
        "market_cap_change_percentage_24h": None if cap is None else _percentage(cap, cap_then),
        "total_supply": number(supply.total) if supply else None,
        "max_supply": number(supply.maximum) if supply else None,
        "circulating_supply": number(supply.circulating) if supply else None,
        "last_updated": stamp(one.observed_at),
    }
    for name in PERIODS:
        change = _percentage(one.price, one.earlier.get(name))
        data[f"price_change_percentage_{name}_in_currency"] = _usd(change)
        if name != "1h":  # the hour exists per currency alone
            data[f"price_change_percentage_{name}"] = change
    if spark is not None:
        data["sparkline_7d"] = {"price": list(spark)}
    return data


def trending_item(one: Snapshot, place: int, bitcoin: float | None) -> dict[str, Any]:
    """One element of /search/trending; money inside is text for people, as CoinGecko writes it."""
    listing = one.listing
    in_bitcoin = one.price / bitcoin if bitcoin else None
    change = _percentage(one.price, one.earlier.get("24h"))
    return {
        "item": {
            "id": listing.coingecko_id,
            "coin_id": place + 1,
            "name": listing.name,
            "symbol": listing.symbol,
            "market_cap_rank": one.rank,
            "thumb": "missing_thumb.png",
            "small": "missing_small.png",
            "large": "missing_large.png",
            "slug": listing.coingecko_id,
            "price_btc": in_bitcoin,
            "score": place,
            "data": {
                "price": number(one.price),
                "price_btc": None if in_bitcoin is None else f"{in_bitcoin:.20f}",
                "price_change_percentage_24h": _usd(change),
                "market_cap": _dollars(one.market_cap),
                "market_cap_btc": _in_bitcoin(one.market_cap, bitcoin),
                "total_volume": _dollars(one.volume_24h),
                "total_volume_btc": _in_bitcoin(one.volume_24h, bitcoin),
                "sparkline": "",
                "content": None,
            },
        }
    }


def _dollars(value: float | None) -> str | None:
    return None if value is None else f"${value:,.0f}"


def _in_bitcoin(value: float | None, bitcoin: float | None) -> str | None:
    return None if value is None or not bitcoin else f"{value / bitcoin:.10f}"
