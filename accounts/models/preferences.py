"""What users may choose for themselves: which preferences there are, what each may hold, and what holds without one.

The API and the page check by what stands here. A row keeps what was chosen and nothing else, so that a new default
reaches everybody who chose nothing.
"""

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, time, tzinfo
from functools import cache
from typing import Any, Self

from django.core.exceptions import ValidationError

THEMES = {"auto": "As my system has it", "light": "Light", "dark": "Dark"}
TIMEFRAMES = {
    "15m": "15 minutes",
    "1h": "1 hour",
    "4h": "4 hours",
    "1d": "1 day",
    "7d": "7 days",
    "14d": "14 days",
    "30d": "30 days",
}
"""Those of the forecasts, which stand above: a test holds the two together."""
NOTICES = {
    "channels": "A notification channel of mine was switched off, since it failed",
    "exchanges": "A connection of mine to an exchange has stopped",
}
"""Mail that may be unwanted. What happens to the account itself is always told; where alerts go, each alert says."""
CLOCK_RULE = "Write a time of day such as 22:00."
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


@dataclass(frozen=True)
class QuietHours:
    """From one time of day to another on the owner's clock, perhaps over midnight."""

    start: time
    end: time

    def cover(self, clock: time) -> bool:
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


@dataclass(frozen=True)
class Preferences:
    """What somebody chose, and the default where nothing was chosen."""

    theme: str = "auto"
    time_zone: str = "UTC"
    default_timeframe: str = ""
    quiet_hours: QuietHours | None = None
    email_notices: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> Self:
        """From a row, whose words were checked before they were stored."""
        hours = chosen.get("quiet_hours")
        quiet = QuietHours(*(time.fromisoformat(hours[end]) for end in ("from", "to"))) if hours else None
        known = {name: value for name, value in chosen.items() if name in cls.__dataclass_fields__}
        return cls(**{**known, "quiet_hours": quiet})

    @property
    def zone(self) -> tzinfo:
        """UTC where the zone was dropped from the tables of this machine."""
        return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone in time_zones() else UTC

    def wants_mail(self, notice: str) -> bool:
        """Whether to send mail of this kind of `NOTICES`."""
        return self.email_notices.get(notice, True)


@cache
def time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError("Write a time zone such as Europe/Zurich.")


def validate_clock(text: str) -> None:
    if not _CLOCK.fullmatch(text):
        raise ValidationError(CLOCK_RULE)


def validate_quiet_hours(start: str, end: str) -> None:
    if start == end:
        raise ValidationError("Quiet hours need two different times.")
