"""What a page's address asks for. What is not known there is answered 400, in plain words."""

from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict

from accounts.selectors.preferences import preferences_of
from markets.models import Token
from predictions.horizons import TIMEFRAMES

NAMES = tuple(timeframe.name for timeframe in TIMEFRAMES)
ORDERINGS_SHOWN = (
    ("rank", "By rank"),
    ("-change", "Biggest gain, 24 h"),
    ("change", "Biggest loss, 24 h"),
    ("-volume", "Most traded"),
    ("-confidence", "Most confident"),
    ("-probability_up", "Most likely up"),
    ("-probability_down", "Most likely down"),
    ("symbol", "By symbol"),
)
DEFAULT_TIMEFRAME = "1h"


@dataclass(frozen=True)
class Wanted:
    """The choice that the overview's table follows."""

    timeframe: str
    category: str
    ordering: str


def wanted(request: HttpRequest) -> Wanted:
    return Wanted(timeframe(request), _category(request.GET), _ordering(request.GET))


def timeframe(request: HttpRequest) -> str:
    """The one that is asked for, else the reader's own first one."""
    return _one_of("timeframe", request.GET.get("timeframe") or first_timeframe(request), NAMES)


def first_timeframe(request: HttpRequest) -> str:
    return preferences_of(request.user).default_timeframe or DEFAULT_TIMEFRAME


def _category(query: QueryDict) -> str:
    return _one_of("category", query.get("category", ""), ("", *Token.Category.values))


def _ordering(query: QueryDict) -> str:
    return _one_of("ordering", query.get("ordering") or "rank", tuple(value for value, _ in ORDERINGS_SHOWN))


def _one_of(name: str, asked: str, known: tuple[str, ...]) -> str:
    if asked not in known:
        raise BadRequest(f"{name}: choose one of {', '.join(word for word in known if word)}.")
    return asked
