"""The form above the list of transactions. What makes no sense in it is said, and searched without."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from portfolios.models import Transaction
from portfolios.selectors.assets import asset_meant
from portfolios.selectors.transactions import Searched

_KINDS = [("", "All kinds"), *Transaction.TransactionKind.choices]
_ORIGINS = [("", "Any origin"), *Transaction.Origin.choices]


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(date(2009, 1, 1)), MaxValueValidator(date(2999, 12, 31))],
    )


class SearchForm(forms.Form):
    kind = forms.ChoiceField(required=False, choices=_KINDS)
    asset = forms.CharField(
        label="Token",
        required=False,
        max_length=128,
        widget=forms.TextInput(attrs={"list": "assets", "autocomplete": "off", "placeholder": "All tokens"}),
    )
    origin = forms.ChoiceField(required=False, choices=_ORIGINS)
    since = _day("From")
    until = _day("To")

    def __init__(self, data: Any = None, *, zone: tzinfo) -> None:
        super().__init__(data)
        self.zone = zone

    def searched(self) -> Searched:
        """`until` is the whole of that day, by the reader's clock."""
        self.full_clean()
        said = self.cleaned_data if self.is_bound else {}
        until = said.get("until")
        return Searched(
            kind=said.get("kind", ""),
            asset=asset_meant(said["asset"]) if said.get("asset") else "",
            origin=said.get("origin", ""),
            since=self._start_of(said.get("since")),
            until=self._start_of(until + timedelta(days=1)) if until else None,
        )

    @property
    def is_searched(self) -> bool:
        return self.searched() != Searched()

    def _start_of(self, day: Any) -> datetime | None:
        return datetime.combine(day, time(), self.zone) if day else None
