"""Why a token has no forecast: by token, never by its ticker, which several may share."""

from markets.models import Token
from predictions import horizons
from predictions.models import Abstention, ForecastRun


def why_silent(token: Token) -> dict[str, str]:
    """Timeframe to the reason, for those whose newest run left this token out."""
    found = {timeframe.name: why_left_out(token, timeframe.name) for timeframe in horizons.TIMEFRAMES}
    return {name: reason for name, reason in found.items() if reason}


def why_left_out(token: Token, timeframe: str) -> str:
    """The reason of the newest run of this timeframe, "" where it did not leave the token out."""
    last = ForecastRun.objects.filter(timeframe=timeframe).order_by("-as_of").first()
    if last is None:
        return ""
    mine = Abstention.objects.filter(token=token, timeframe=timeframe, as_of=last.as_of)
    return mine.values_list("reason", flat=True).first() or ""
