"""For what and of which kind: chosen first, since the fields hang on it."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from accounts.pages.signed_in import signed_in
from alerts.conditions.kinds import OF_PORTFOLIOS
from alerts.models import Alert
from core.lib.errors import NotFound
from markets.models import Token
from markets.selectors.tokens import token_for
from portfolios.models import Portfolio
from portfolios.selectors.portfolios import portfolios_of

_OF_TOKENS = [(kind, words) for kind, words in Alert.Kind.choices if kind not in OF_PORTFOLIOS]
_OF_PORTFOLIOS = [(kind, words) for kind, words in Alert.Kind.choices if kind in OF_PORTFOLIOS]


@dataclass(frozen=True)
class Chosen:
    """A token or a portfolio, or `refusal` says why there is neither."""

    symbol: str
    coingecko_id: str
    kind: str
    token: Token | None
    portfolio: Portfolio | None
    refusal: str
    portfolios: list[Portfolio]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Those of portfolios only for who has one, or asks for them."""
        return [*_OF_TOKENS, *(_OF_PORTFOLIOS if self.portfolios or self.is_of_portfolio else ())]

    @property
    def is_of_portfolio(self) -> bool:
        return self.kind in OF_PORTFOLIOS


def chosen(request: HttpRequest) -> Chosen:
    """From the address. Nothing chosen is SOL's price."""
    own = list(portfolios_of(signed_in(request).id))
    symbol = request.GET.get("symbol", "SOL").strip()[:32]
    coingecko_id = request.GET.get("id", "")[:128]
    kind = request.GET.get("kind", "")
    kind = kind if kind in Alert.Kind.values else Alert.Kind.PRICE_ABOVE.value
    if kind in OF_PORTFOLIOS:
        found = _named(own, request.GET.get("portfolio", ""))
        refusal = "" if found else "Make a portfolio first; then an alert can watch what it is worth."
        return Chosen(symbol, coingecko_id, kind, None, found, refusal, own)
    try:
        token = token_for(symbol, coingecko_id or None)
    except NotFound:
        refusal = f"No token with the symbol {symbol} is followed."
        return Chosen(symbol, coingecko_id, kind, None, None, refusal, own)
    return Chosen(token.symbol, coingecko_id, kind, token, None, "", own)


def _named(own: list[Portfolio], given: str) -> Portfolio | None:
    """The one that is named, else the default one."""
    try:
        wanted = UUID(given)
    except ValueError:
        return own[0] if own else None
    return next((one for one in own if one.pk == wanted), None)
