"""Whose candles a token's series holds: its exchange's, or CoinGecko's points where no exchange lists it."""

from collections.abc import Sequence

from markets.models import Token
from markets.providers.base import POINTS
from markets.services.source_states import BINANCE


def provider_of(token: Token) -> str:
    """The source that this token's series has, or will have."""
    if token.candle_source:
        return token.candle_source
    return BINANCE if token.binance_symbol else POINTS


def on_exchange(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if provider_of(token) == BINANCE]


def on_points(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if provider_of(token) == POINTS]


def fall_back_to_points(token: Token) -> None:
    """The exchange does not list it after all. A series that has begun keeps its source: none is ever
    spliced.
    """
    if Token.objects.filter(pk=token.pk, candle_source="").update(candle_source=POINTS):
        token.candle_source = POINTS
