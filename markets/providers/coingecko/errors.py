"""Its ways to say no, read as one: `status.error_code`, `error.status.error_code`, `error` as text."""

from typing import Any, NoReturn

from core.lib.errors import ReplyRefused, SourceMisconfigured, SourceUnavailable
from core.lib.finite import finite_or_none
from markets.providers.base import NotListed
from markets.providers.reading import text

NAME = "CoinGecko"
DEFAULT_PAUSE_SECONDS = 60.0
_KEY_ADVICE = {
    10010: "a pro key at the demo address: set COINGECKO_PLAN=pro",
    10011: "a demo key at the pro address: set COINGECKO_PLAN=demo",
    10002: "the key is missing or wrong: check COINGECKO_API_KEY and COINGECKO_PLAN",
    10005: "this call is not in the plan",
    10012: "the plan has no history this old",
}


def error_in(body: Any) -> tuple[int, str] | None:
    """Code (0 where there is none) and words of an error; None where the body is no error."""
    if not isinstance(body, dict):
        return None
    for place in (body, body.get("error")):
        status = place.get("status") if isinstance(place, dict) else None
        if isinstance(status, dict):
            return _code(status.get("error_code")), text(status.get("error_message"), 200)
    if isinstance(body.get("error"), str):
        return _code(body.get("status")), text(body["error"], 200)
    return None


def raise_for(status: int, body: Any, retry_after: float | None) -> None:
    """Raise what a reply that refuses means; return where it doesn't."""
    code, words = error_in(body) or (0, "")
    if status < 400 and not code and not words:
        return
    _raise(status if status >= 400 else code, code, words, retry_after)


def _raise(status: int, code: int, words: str, retry_after: float | None) -> NoReturn:
    said = f"{NAME} answered {status or 'an error'}" + (f" ({words})" if words else "")
    if code >= 10_000 or status in {401, 403}:
        raise SourceMisconfigured(f"{said}; {_KEY_ADVICE.get(code, 'check the key and the plan')}.")
    if status == 404:
        raise NotListed(f"{said}: it does not have this token.")
    if status in {408, 429} or status >= 500:
        pause = retry_after if retry_after is not None else DEFAULT_PAUSE_SECONDS
        raise SourceUnavailable(f"{said}; next try in {pause:.0f} s.", retry_after=pause)
    raise ReplyRefused(f"{said}; the request is at fault.")


def _code(value: object) -> int:
    number = finite_or_none(value)
    return int(number) if number is not None and 0 <= number < 1_000_000 else 0
