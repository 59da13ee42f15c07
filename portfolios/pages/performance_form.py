"""From when to when, and beside what: the form of the performance page, all of it in the address."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms

from portfolios.selectors.performance.benchmarks import CHOICES, NAMES

DAY = timedelta(days=1)
EARLIEST, LATEST = date(2009, 1, 1), date(9999, 12, 30)
_SPANS = (("Week", 7), ("Month", 30), ("3 months", 91), ("Year", 365))


class PerformanceForm(forms.Form):
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="Until", widget=forms.DateInput(attrs={"type": "date"}))
    benchmark = forms.ChoiceField(
        required=False, label="Beside", choices=[(name, NAMES[name]) for name in CHOICES]
    )

    def __init__(self, data: Any) -> None:
        super().__init__(
            {"benchmark": "SOL", **{name: data[name] for name in self.base_fields if data.get(name)}}
        )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        since, until = said.get("since"), said.get("until")
        if since and until and since > until:
            self.add_error("since", "Choose a day that is not after the other one.")
        return said

    def asked(self) -> dict[str, Any]:
        """What the selector takes; the whole of the last day is in it. Nothing wrong counts."""
        said = self.cleaned_data if self.is_valid() else {}
        since, until = said.get("since"), said.get("until")
        return {
            "since": _midnight(max(since, EARLIEST)) if since else None,
            "until": _midnight(min(until, LATEST)) + DAY if until else None,
            "benchmark": said.get("benchmark") or "SOL",
        }

    def spans(self, now: datetime) -> list[tuple[str, str, bool]]:
        """Name, query and whether it is what is shown, of the ranges that end today."""
        asked = self.asked()
        found = [("All", None), *((name, (now - timedelta(days=days)).date()) for name, days in _SPANS)]
        return [
            (
                name,
                urlencode({"since": since or "", "benchmark": asked["benchmark"]}),
                asked["until"] is None and asked["since"] == (_midnight(since) if since else None),
            )
            for name, since in found
        ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
