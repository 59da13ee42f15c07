"""Forms of the channel pages: what each kind asks for, and where its user finds it."""

from typing import Any

from django import forms

from alerts.models import NotificationChannel
from alerts.models.channel import MOST_NAME
from core.lib.text import is_one_line, normal
from core.net.guard import LONGEST_URL

Kind = NotificationChannel.Kind
_ADDRESS = {
    Kind.EMAIL: (
        "E-mail address",
        "Your account’s own confirmed address counts at once; another is sent a code.",
    ),
    Kind.DISCORD: ("Address of the webhook", "It begins with https://discord.com/api/webhooks/"),
    Kind.SLACK: ("Address of the webhook", "It begins with https://hooks.slack.com/services/"),
    Kind.WEBHOOK: ("Address", "https, on the open internet, port 443, 80 or 8443."),
}


class ChannelForm(forms.Form):
    name = forms.CharField(max_length=MOST_NAME, help_text="For you to know it by.")
    address = forms.CharField(max_length=LONGEST_URL)

    def __init__(self, kind: str, own_address: str, data: Any = None) -> None:
        super().__init__(data)
        self.fields["name"].initial = Kind(kind).label
        if kind not in _ADDRESS:
            del self.fields["address"]
            return
        field = self.fields["address"]
        field.label, field.help_text = _ADDRESS[Kind(kind)]
        if kind == Kind.EMAIL:
            field.initial = own_address
            field.widget = forms.EmailInput(attrs={"autocomplete": "email"})
        else:
            field.widget = forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"})

    def clean_name(self) -> str:
        name = normal(self.cleaned_data["name"])
        if not is_one_line(name):
            raise forms.ValidationError("Write one line, without control characters.")
        return name

    def clean(self) -> dict[str, Any]:
        """A chat of Telegram is learnt from the bot."""
        return {"address": "", **(super().clean() or {})}


class CodeForm(forms.Form):
    code = forms.CharField(
        label="The code that came",
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
