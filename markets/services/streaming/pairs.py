"""Which pairs of the exchange are listened to, and which token each of them is."""

from collections import Counter

import structlog

from markets.models import LatestQuote, Token
from markets.services.listing import on_exchange

log = structlog.get_logger(__name__)

MOST_STREAMS = 1024
"""Of one connection, says Binance."""
TETHER = "tether"
OFF_ITS_PEG = 0.01


def followed_pairs() -> dict[str, int]:
    """Token ids by pair, best rank first. A pair that two tokens claim is neither's: nothing tells which one it is."""
    tokens = [token for token in on_exchange(list(Token.objects.active().by_rank())) if token.binance_symbol]
    claims = Counter(token.binance_symbol for token in tokens)
    doubtful = sorted(pair for pair, count in claims.items() if count > 1)
    if doubtful:
        log.warning("pairs_claimed_twice", pairs=doubtful)
    pairs = {token.binance_symbol: token.pk for token in tokens if claims[token.binance_symbol] == 1}
    return dict(list(pairs.items())[:MOST_STREAMS])


def is_a_dollar() -> bool:
    """Whether the pairs' prices, which are in USDT, can be told as USD: until its own price says otherwise."""
    said = LatestQuote.objects.filter(token__coingecko_id=TETHER).values_list("price_usd", flat=True).first()
    return said is None or abs(said - 1) <= OFF_ITS_PEG
