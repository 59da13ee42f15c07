"""The form in which keys are given: what the exchange needs and nothing else. What was written is never shown again."""

from typing import Any

from django import forms

from portfolios.exchanges.base import CredentialField, Credentials, Profile
from portfolios.models import Portfolio
from portfolios.models.connection import MOST_NAME
from portfolios.pages.forms import one_line

MOST = {"key": 200, "secret": 4000, "passphrase": 100}
_QUIET = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class LongSecret(forms.Textarea):
    """Several lines, which a page that comes back does not hold any more."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class ShortSecret(forms.PasswordInput):
    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, render_value=False)


class OpenKey(forms.TextInput):
    """Seen while it is typed; a page that comes back does not hold it any more."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class KeysForm(forms.Form):
    """`asks_name` where a connection is new; `confirm_read_only` counts where the exchange does not tell."""

    confirm_read_only = forms.BooleanField(
        required=False,
        label="These keys can only read",
        help_text="Counts only where the exchange itself does not tell.",
    )

    def __init__(self, profile: Profile, data: Any = None, portfolios: list[Portfolio] | None = None) -> None:
        super().__init__(data)
        for field in profile.fields:
            self.fields[field.name] = _field(field)
        if portfolios is not None:
            self._ask_for_name_and_place(profile, portfolios)
        last = self.fields.pop("confirm_read_only")
        self.fields["confirm_read_only"] = last

    def credentials(self) -> Credentials:
        return Credentials(**{name: self.cleaned_data.get(name, "") for name in MOST})

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def _ask_for_name_and_place(self, profile: Profile, portfolios: list[Portfolio]) -> None:
        self.fields["name"] = forms.CharField(
            max_length=MOST_NAME, initial=profile.title, help_text="For you to know it by."
        )
        if portfolios:
            self.fields["portfolio"] = forms.ChoiceField(
                choices=[(str(one.id), one.name) for one in portfolios],
                help_text="Trades, deposits and withdrawals become its transactions.",
            )
        self.fields["dollar_coins"] = forms.BooleanField(
            required=False,
            initial=True,
            label="Take stablecoins (USDT, USDC and the like) for one dollar each",
            help_text="Without it, what was traded for them has an unknown cost until you say it.",
        )


def _field(field: CredentialField) -> forms.CharField:
    widget = LongSecret({**_QUIET, "rows": 5}) if field.is_long else None
    if widget is None:
        widget = ShortSecret(_QUIET) if field.is_secret else OpenKey(_QUIET)  # type: ignore[assignment]
    return forms.CharField(
        label=field.label, help_text=field.help, max_length=MOST[field.name], widget=widget
    )
