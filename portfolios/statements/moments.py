"""Times as exports write them. What could mean two moments is refused, never guessed."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from portfolios.statements.outcomes import DateOrder

FIRST = datetime(2009, 1, 3, tzinfo=UTC)
"""Before the first block there was nothing to book."""
_TIME = r"(?:[T ,]+(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
_ZONE = r"\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(
    rf"(?P<y>\d{{4}}|\d{{2}})[-/](?P<a>\d{{1,2}})[-/](?P<b>\d{{1,2}}){_TIME}{_ZONE}", re.ASCII
)
_YEAR_LAST = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<mark>[./-])(?P<b>\d{{1,2}})(?P=mark)(?P<y>\d{{4}}){_TIME}{_ZONE}", re.ASCII
)
_UNIX = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{1,6})?", re.ASCII)
RULE = "Write a time such as 2026-11-21 08:00:00, with Z or an offset where it is not in the zone you chose."


class BadMoment(Exception):
    """The message says what to write."""


def parse_moment(
    text: str, zone: tzinfo, order: DateOrder = "auto", *, short_years: bool = False
) -> datetime:
    """Aware, in UTC. `zone` counts where the text names none; `short_years` reads 24-05-01 as 1 May 2024."""
    if _UNIX.fullmatch(text):
        return _from_unix(text)
    found = _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text)
    if found is None or (len(found["y"]) == 2 and not short_years):
        raise BadMoment(RULE)
    day, month = _day_and_month(found, order)
    year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
    micro = int((found["f"] or "0")[:6].ljust(6, "0"))
    try:
        naive = datetime(  # noqa: DTZ001  its zone comes next
            year, month, day, int(found["h"] or 0), int(found["m"] or 0), int(found["s"] or 0), micro
        )
    except ValueError:
        raise BadMoment(f"There is no such day or time. {RULE}") from None
    return _in_utc(naive, _offset(found["z"]) if found["z"] else zone)


def _from_unix(text: str) -> datetime:
    whole, _, fraction = text.partition(".")
    millis = int(whole) if len(whole) == 13 else int(whole) * 1000
    micros = int(fraction.ljust(6, "0")) if fraction and len(whole) == 10 else 0
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis, microseconds=micros)


def _day_and_month(found: re.Match[str], order: DateOrder) -> tuple[int, int]:
    first, second = int(found["a"]), int(found["b"])
    if found.re is _YEAR_FIRST:
        return second, first
    if order == "month" and found["mark"] != ".":
        return second, first
    if order == "auto" and found["mark"] != "." and first <= 12 and second <= 12 and first != second:
        raise BadMoment(
            "This may be two different days: say whether the day or the month stands first, or write the year first."
        )
    if order == "auto" and found["mark"] != "." and second > 12:
        return second, first
    return first, second


def _offset(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _in_utc(naive: datetime, zone: tzinfo) -> datetime:
    """Clocks that are put forward leave an hour out; put back, they show one twice."""
    early, late = naive.replace(tzinfo=zone), naive.replace(tzinfo=zone, fold=1)
    moment = early.astimezone(UTC)
    if early.utcoffset() != late.utcoffset():
        if moment.astimezone(zone).replace(tzinfo=None) != naive:
            raise BadMoment(
                "This time never was, since clocks were put forward: choose the right zone, or write UTC."
            )
        raise BadMoment(
            "This hour was there twice, since clocks were put back: write the time in UTC, with Z."
        )
    return moment
