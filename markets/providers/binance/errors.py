"""Binance's errors: `{"code": -1121, "msg": …}`, limits with Retry-After, and 451 from some countries."""

from typing import Any

from core.lib.errors import ReplyRefused, SourceMisconfigured, SourceUnavailable
from core.lib.finite import finite_or_none
from markets.providers.base import NotListed
from markets.providers.reading import text

BAD_SYMBOL = -1121
DEFAULT_PAUSE_SECONDS = 60.0
_LATER = {-1000, -1001, -1003, -1007, -1008, -1016}


def raise_for(status: int, body: Any, retry_after: float | None) -> None:
    """Raise what a reply that refuses means; return where it doesn't."""
    code, words = _error_in(body)
    if status < 400 and not code:
        return
    said = f"Binance answered {code or status}" + (f" ({words})" if words else "")
    if code == BAD_SYMBOL:
        raise NotListed(f"{said}: it does not list this pair.")
    if status in {418, 429} or status >= 500 or code in _LATER:
        pause = retry_after if retry_after is not None else DEFAULT_PAUSE_SECONDS
        raise SourceUnavailable(f"{said}; next try in {pause:.0f} s.", retry_after=pause)
    if status in {401, 403, 451}:
        raise SourceMisconfigured(f"{said}: not served from here; name another BINANCE_API_URL.")
    raise ReplyRefused(f"{said}; the request is at fault.")


def _error_in(body: Any) -> tuple[int, str]:
    if not isinstance(body, dict):
        return 0, ""
    code = finite_or_none(body.get("code"))
    return (int(code) if code is not None and abs(code) < 1e6 else 0), text(body.get("msg"), 200)
