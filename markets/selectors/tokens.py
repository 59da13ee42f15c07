"""From a ticker, which many coins may share, to the one registered token that is meant."""

from core.lib.errors import NotFound
from markets.models import Token

_SHOWN = 40


def token_for(symbol: str, coingecko_id: str | None = None) -> Token:
    """The followed token with this ticker and the best rank, or the one of them that `coingecko_id` names."""
    wanted = symbol.strip().upper()
    found = Token.objects.active().filter(symbol=wanted).by_rank()
    if coingecko_id:
        found = found.filter(coingecko_id=coingecko_id)
    token = found.first()
    if token is None:
        raise NotFound(_not_followed(symbol, coingecko_id))
    return token


def token_ids_by_symbol() -> dict[str, int]:
    """Tickers of followed tokens, each with the token it means: of several the one with the best rank."""
    meant: dict[str, int] = {}
    for symbol, token_id in Token.objects.active().by_rank().values_list("symbol", "id"):
        meant.setdefault(symbol, token_id)
    return meant


def namesakes(token: Token) -> list[Token]:
    """The other followed tokens that share this one's ticker."""
    return list(Token.objects.active().filter(symbol=token.symbol).exclude(pk=token.pk).by_rank())


def _not_followed(symbol: str, coingecko_id: str | None) -> str:
    shown = "".join(letter for letter in symbol if letter.isprintable())[:_SHOWN]
    if coingecko_id:
        return f"No token {shown} with that CoinGecko id is followed; leave id out or pick another."
    return f"No token with the symbol {shown} is followed; /api/v1/market/tokens lists those that are."
