"""Why a token's candles cannot be believed just now, in words for its users.

The candles are missing from what engines see, so nobody forecasts; here is only told why they are.
"""

from collections.abc import Mapping, Sequence

from markets.candles.cleaning import Cleaned
from markets.candles.eras import UNCONFIRMED
from markets.candles.findings import moment_of
from markets.candles.telling import times_of
from predictions.services.abstaining import Reason

HOUR, DAY = 3600, 86_400
NEW_SERIES = 31 * DAY
Doubts = Mapping[int, Reason]
"""By token id."""


def doubts_of(token_ids: Sequence[int], found: Cleaned, as_of: int) -> Doubts:
    """Reasons for those tokens that have one; `found` ends with the candles that had closed at `as_of`."""
    reasons = {}
    for column, token in enumerate(token_ids):
        reason = _jump(found, column, as_of) or _stillness(found, column, as_of)
        if reason is not None:
            reasons[token] = reason
    return reasons


def _jump(found: Cleaned, column: int, as_of: int) -> Reason | None:
    course = found.courses[column]
    if (jump := course.pending) is not None:
        if as_of - jump.at < UNCONFIRMED:
            return _unconfirmed(jump.factor, jump.at)
        return _too_new(jump.factor, jump.at)
    if _newest_is_unfit(found, column, as_of):
        return Reason("UNCONFIRMED_JUMP", "its newest price is far from the hours before it; it may be wrong")
    if course.borders and as_of - course.borders[-1].at < NEW_SERIES:
        return _too_new(course.borders[-1].factor, course.borders[-1].at)
    return None


def _newest_is_unfit(found: Cleaned, column: int, as_of: int) -> bool:
    if found.quarters is None or found.unfit is None or not len(found.quarters):
        return False
    return int(found.quarters.times[-1]) == as_of and bool(found.unfit[-1, column])


def _unconfirmed(factor: float, at: int) -> Reason:
    sentence = (
        f"its price jumped {times_of(factor)} at {moment_of(at)} UTC; whether it stays is not known yet"
    )
    return Reason("UNCONFIRMED_JUMP", sentence)


def _too_new(factor: float, at: int) -> Reason:
    sentence = (
        f"its price changed {times_of(factor)} at {moment_of(at)} UTC: less than 30 days of history since"
    )
    return Reason("INSUFFICIENT_DATA", sentence)


def _stillness(found: Cleaned, column: int, as_of: int) -> Reason | None:
    faults = found.hour_faults
    if not len(faults.still) or int(found.hours.times[-1]) != as_of // HOUR * HOUR:
        return None
    if faults.frozen[-1, column]:
        return Reason("FROZEN_PRICE", f"its price has not moved for {faults.still[-1, column]} hours")
    quarters = found.quarter_faults
    filled = faults.filled[-1, column] or (
        quarters is not None and len(quarters.filled) and quarters.filled[-1, column]
    )
    return Reason("FROZEN_PRICE", "nothing was traded in its newest candle") if filled else None
