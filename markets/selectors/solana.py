"""What `GET /market/solana` shows: Solana's market in dollars and bitcoin, with the line of its last week."""

from dataclasses import dataclass
from datetime import datetime

from core.lib.errors import NotFound, SourceUnavailable
from markets.freshness import QUOTE_LIMIT
from markets.models import LatestQuote, Token
from markets.selectors.latest import latest_quotes, sparklines

SOLANA, BITCOIN = "solana", "bitcoin"


@dataclass(frozen=True)
class SolanaMarket:
    token: Token
    quote: LatestQuote
    price_btc: float | None
    sparkline: list[float | None]


def solana_market(now: datetime) -> SolanaMarket:
    """Raises SourceUnavailable where no price has come yet."""
    tokens = {token.coingecko_id: token for token in Token.objects.filter(coingecko_id__in=(SOLANA, BITCOIN))}
    if SOLANA not in tokens:
        raise NotFound("Solana is not in the registry; add the token with the CoinGecko id solana.")
    solana, bitcoin = tokens[SOLANA], tokens.get(BITCOIN)
    quotes = latest_quotes([token.pk for token in tokens.values()])
    if solana.pk not in quotes:
        raise SourceUnavailable(
            "No price of Solana has come from any source yet; /api/v1/market/sources says why."
        )
    quote = quotes[solana.pk]
    in_bitcoin = _in_bitcoin(quote, quotes.get(bitcoin.pk) if bitcoin else None)
    line = sparklines([solana.pk], now)[solana.pk]
    return SolanaMarket(solana, quote, in_bitcoin, line)


def _in_bitcoin(quote: LatestQuote, bitcoin: LatestQuote | None) -> float | None:
    """From the stored bitcoin price, where both were observed at about the same time."""
    if bitcoin is None or abs(bitcoin.observed_at - quote.observed_at) > QUOTE_LIMIT:
        return None
    return quote.price_usd / bitcoin.price_usd
