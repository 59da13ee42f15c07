"""What was published about one token at chosen moments: the champion's own words, said in time."""

from collections.abc import Iterable
from datetime import datetime

from predictions.models import Forecast

Chances = tuple[int, int]
"""Of up and down, in ten-thousandths."""


def published_chances(
    coingecko_id: str, timeframe: str, moments: Iterable[datetime]
) -> dict[datetime, Chances]:
    """By `as_of`. Left out are late ones and those in which climatology stood in: nobody could have acted on the first,
    and the second say only what usually happens.
    """
    said = Forecast.objects.filter(
        token__coingecko_id=coingecko_id,
        timeframe=timeframe,
        published=True,
        late=False,
        fallback=False,
        as_of__in=list(moments),
    )
    told = said.exclude(engine_version__engine="climatology")
    return {as_of: (up, down) for as_of, up, down in told.values_list("as_of", "up", "down")}
