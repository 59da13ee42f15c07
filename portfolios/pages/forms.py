"""The form of a portfolio, and the one that asks again before it is deleted."""

from typing import Any

from django import forms

from core.lib.text import is_one_line, normal
from portfolios.models import Portfolio

METHODS = [
    ("fifo", "First in, first out: a sale uses up the oldest lots"),
    ("lifo", "Last in, first out: a sale uses up the newest lots"),
    ("hifo", "Highest cost first: a sale uses up the dearest lots"),
    ("average", "Average cost: all lots of a token are one"),
]


def one_line(text: str) -> str:
    """In the one spelling that is stored. Raises ValidationError for control characters."""
    text = normal(text)
    if not is_one_line(text):
        raise forms.ValidationError("Write one line, without control characters.")
    return text


class PortfolioForm(forms.Form):
    name = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    method = forms.ChoiceField(
        label="How cost is counted",
        choices=METHODS,
        help_text="You can change it at any time; every figure is then worked out anew. What a tax office wants "
        "to see differs from country to country.",
    )
    note = forms.CharField(required=False, max_length=200, help_text="For yourself.")

    def __init__(self, data: Any = None, portfolio: Portfolio | None = None) -> None:
        shown = {name: getattr(portfolio, name) for name in ("name", "method", "note")} if portfolio else None
        super().__init__(data, initial=shown)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_note(self) -> str:
        return one_line(self.cleaned_data["note"])


class DeleteForm(forms.Form):
    typed = forms.CharField(
        label="Its name, to be sure", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, data: Any = None, *, name: str) -> None:
        super().__init__(data, prefix="delete")
        self.name = name

    def clean_typed(self) -> str:
        typed = normal(self.cleaned_data["typed"])
        if typed != self.name:
            raise forms.ValidationError("That is not its name. Nothing was deleted.")
        return typed
