"""From what people write to the asset that is meant: a token's CoinGecko id, money, or a ticker of no known token."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from markets.models import Token
from portfolios.accounting.money import is_held


def assets_meant(words: Iterable[str]) -> dict[str, str]:
    """By word: a CoinGecko id as it is, a ticker as the followed token of the best rank that has it. Other tickers and
    money stay as they are, in capitals. One query."""
    wanted = {word: word.strip() for word in words}
    ids = {word.lower() for word in wanted.values()}
    tickers = {word.upper() for word in wanted.values()}
    found = list(_named(ids, tickers))
    registered = {token.coingecko_id for token in found}
    followed: dict[str, str] = {}
    for token in found:
        if token.active:
            followed.setdefault(token.symbol, token.coingecko_id)
    return {word: _meant(text, registered, followed) for word, text in wanted.items()}


def asset_meant(word: str) -> str:
    return assets_meant([word])[word]


def asset_choices() -> list[tuple[str, str]]:
    """What a form offers, with names: tickers, and CoinGecko ids where a token of a better rank has the ticker."""
    choices, taken = [], set()
    for symbol, coingecko_id, name in (
        Token.objects.active().by_rank().values_list("symbol", "coingecko_id", "name")
    ):
        choices.append((coingecko_id if symbol in taken else symbol, f"{name} ({symbol})"))
        taken.add(symbol)
    return choices


def _named(ids: Collection[str], tickers: Collection[str]) -> Iterable[Token]:
    named = Token.objects.filter(Q(coingecko_id__in=ids) | Q(symbol__in=tickers, active=True))
    return named.only("coingecko_id", "symbol", "active", "rank").by_rank()


def _meant(text: str, registered: Collection[str], followed: dict[str, str]) -> str:
    """A word in small letters is an id before it is a ticker; money is never a token."""
    if not is_held(text.upper()):
        return text.upper()
    if text.lower() in registered and (text == text.lower() or text.upper() not in followed):
        return text.lower()
    return followed.get(text.upper(), text.upper())
