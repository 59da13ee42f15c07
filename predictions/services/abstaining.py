"""Who got no forecast, and why: kept one by one beside the record, since leaving out the hard moments must not pay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markets.models import Token
from predictions.engines.base import NO_BASELINE, NO_PRICE, NO_SCALE, NOVEL
from predictions.models import Abstention, ForecastRun

MOST_LETTERS = 200
MEANINGS = {
    "STALE_DATA": "the newest candle was too old to act on",
    "INSUFFICIENT_DATA": "too little history: 30 days of hourly candles are needed",
    "NO_CANDLE": "no candle had closed at that moment",
    "FROZEN_PRICE": "the price stood still, or nothing was traded in the newest candle",
    "UNCONFIRMED_JUMP": "the price had just leapt so far that it may be wrong, or another coin's",
    "UNLIKE_TRAINING": "unlike anything that the engine was trained on",
    "ABSTAINED": "the engine gave no answer",
}
"""What each code says of any token at any moment."""


@dataclass(frozen=True)
class Reason:
    """A code for programs, one of MEANINGS, and a sentence for people about this very case."""

    code: str
    sentence: str

    def __post_init__(self) -> None:
        if self.code not in MEANINGS:
            raise ValueError(f"{self.code} is no code of MEANINGS")

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


STALE = Reason("STALE_DATA", "its newest candle is too old to act on")
_CODES = {NO_SCALE: "INSUFFICIENT_DATA", NO_BASELINE: "INSUFFICIENT_DATA", NO_PRICE: "NO_CANDLE"}

Silent = Mapping[Token, Reason]
"""The tokens that nobody published a forecast for."""


def reason_of(said: str, doubt: Reason | None = None) -> Reason:
    """An engine's reason with its code; where something is missing that was left out as doubtful, the doubt."""
    if doubt is not None and said in _CODES:
        return doubt
    if said.startswith(NOVEL):
        return Reason("UNLIKE_TRAINING", said)
    return Reason(_CODES.get(said, "ABSTAINED"), said)


def keep_abstentions(run: ForecastRun, silent: Silent, shown: Iterable[int], *, counts: bool) -> None:
    """A row for each token without a published forecast at this moment; none for those of `shown` (token ids).

    Called in the transaction that stores the run: a later try in the same moment that succeeds removes its row, one
    that fails for another reason replaces it.
    """
    spoken = set(shown)
    if run.abstentions:  # an earlier try left somebody out
        here = Abstention.objects.filter(timeframe=run.timeframe, as_of=run.as_of)
        here.filter(token_id__in=spoken).delete()
    rows = [
        Abstention(
            token=token,
            timeframe=run.timeframe,
            as_of=run.as_of,
            code=reason.code,
            reason=reason.sentence[:MOST_LETTERS],
            counts=counts,
        )
        for token, reason in silent.items()
        if token.pk not in spoken
    ]
    Abstention.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["token", "timeframe", "as_of"],
        update_fields=["code", "reason"],
    )
    run.abstentions = _by_reason({token: why for token, why in silent.items() if token.pk not in spoken})


def _by_reason(silent: Silent) -> dict[str, list[str]]:
    """What a run's row shows: symbols by reason."""
    found: dict[str, list[str]] = {}
    for token, reason in silent.items():
        found.setdefault(str(reason), []).append(token.symbol)
    return found
