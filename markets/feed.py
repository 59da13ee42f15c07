"""The topic `prices`: the latest price of each token, pushed when newer ones are stored. For anybody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from core.lib.clock import iso, market_now
from core.live.publish import publish
from core.live.topic import Topic
from markets.freshness import Freshness, quote_freshness
from markets.models import LatestQuote
from markets.selectors.tokens import token_ids_by_symbol

PRICES = "prices"


class PriceItem(TypedDict):
    """`change_24h` is USD, as every change whose name does not say percentage."""

    symbol: str
    price: float
    change_24h: float | None
    change_percentage_24h: float | None
    volume_24h: float | None
    observed_at: str
    source: str
    freshness: Freshness


class PriceTopic(Topic):
    name = PRICES

    def snapshot(self, parameters: Mapping[str, str]) -> Mapping[str, PriceItem | None]:
        meant = token_ids_by_symbol()
        return {**dict.fromkeys(meant), **_prices(meant, LatestQuote.objects.all(), market_now())}

    def frames(self, fragments: Sequence[str]) -> list[str]:
        """One frame for all of them: a frame costs the server the same whatever it holds."""
        return [f'{{"type":"prices","items":[{",".join(fragments)}]}}']


def push_prices(token_ids: Iterable[int]) -> None:
    """The latest quotes of these tokens in one frame. A token whose ticker means another one is left out."""
    quotes = LatestQuote.objects.filter(token_id__in=list(token_ids))
    publish(PRICES, _prices(token_ids_by_symbol(), quotes, market_now()).items())


def _prices(meant: Mapping[str, int], quotes: Iterable[LatestQuote], now: datetime) -> dict[str, PriceItem]:
    symbols = {token_id: symbol for symbol, token_id in meant.items()}
    named = ((symbols.get(quote.token_id), quote) for quote in quotes)
    return {symbol: _price(symbol, quote, now) for symbol, quote in named if symbol}


def _price(symbol: str, quote: LatestQuote, now: datetime) -> PriceItem:
    return {
        "symbol": symbol,
        "price": quote.price_usd,
        "change_24h": quote.change_24h,
        "change_percentage_24h": quote.change_percentage_24h,
        "volume_24h": quote.volume_24h,
        "observed_at": iso(quote.observed_at),
        "source": quote.source,
        "freshness": quote_freshness(quote.observed_at, now),
    }
