"""Forms of the account pages. A password is never trimmed, and never shown again."""

from typing import Any

from django import forms

from accounts.models import ApiKey
from accounts.models.names import USERNAME_RULE, normal_username, validate_address, validate_username
from accounts.services.password_rules import LONGEST, SHAPE
from core.lib.text import is_one_line, normal


def _email_field(label: str = "E-mail") -> forms.CharField:
    attributes = {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
    return forms.CharField(label=label, max_length=254, widget=forms.EmailInput(attrs=attributes))


def _password_field(autocomplete: str, help_text: str = "", label: str | None = None) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(strip=False, max_length=LONGEST, widget=widget, help_text=help_text, label=label)


def _code_field(label: str, required: bool = True, help_text: str = "") -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    widget = forms.TextInput(attrs=attributes)
    return forms.CharField(label=label, required=required, max_length=32, widget=widget, help_text=help_text)


class SignInForm(forms.Form):
    email = _email_field()
    password = _password_field("current-password")
    code = _code_field(
        "Code", required=False, help_text="If you use a second factor: six digits, or a recovery code."
    )


class SignUpForm(forms.Form):
    email = _email_field()
    username = forms.CharField(
        required=False, max_length=50, help_text=f"{USERNAME_RULE} You may leave it empty."
    )
    password = _password_field("new-password", help_text=SHAPE)

    def clean_email(self) -> str:
        return _checked_address(self.cleaned_data["email"])

    def clean_username(self) -> str:
        return _checked_username(self.cleaned_data["username"])


class EmailForm(forms.Form):
    """Any text may be tried: what no account can have gets the same answer."""

    email = _email_field()


class TokenForm(forms.Form):
    token = forms.CharField(max_length=128, widget=forms.HiddenInput)


class NewPasswordForm(TokenForm):
    password = _password_field("new-password", help_text=SHAPE)


class ChangePasswordForm(forms.Form):
    current_password = _password_field("current-password")
    password = _password_field("new-password", help_text=SHAPE, label="New password")
    end_keys = forms.BooleanField(required=False)

    def __init__(self, data: Any, keys: int) -> None:
        """Keys are spoken of where there are any."""
        super().__init__(data)
        if keys:
            self.fields["end_keys"].label = f"Revoke my API keys, too ({keys})"
        else:
            del self.fields["end_keys"]


class ChangeEmailForm(forms.Form):
    email = _email_field("New e-mail")
    password = _password_field("current-password", label="Your password")

    def clean_email(self) -> str:
        return _checked_address(self.cleaned_data["email"])


class PasswordForm(forms.Form):
    password = _password_field("current-password", label="Your password")


class CodeForm(forms.Form):
    code = _code_field("Six digits of the app")


class PasswordAndCodeForm(PasswordForm):
    code = _code_field("Code", help_text="Six digits of the app, or a recovery code.")


class ApiKeyForm(forms.Form):
    name = forms.CharField(max_length=50, help_text="For you to know it by, such as the program’s.")
    scopes = forms.MultipleChoiceField(
        label="It may", choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple, initial=["read"]
    )
    days = forms.ChoiceField(
        label="It counts for",
        choices=[("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("0", "until revoked")],
    )

    def clean_name(self) -> str:
        name = normal(self.cleaned_data["name"])
        if not is_one_line(name):
            raise forms.ValidationError("Write one line, without control characters.")
        return name


class ProfileForm(forms.Form):
    username = forms.CharField(
        required=False, max_length=50, help_text=f"{USERNAME_RULE} You may leave it empty."
    )

    def clean_username(self) -> str:
        return _checked_username(self.cleaned_data["username"])


def _checked_username(text: str) -> str:
    username = normal_username(text)
    if username:
        validate_username(username)
    return username


def _checked_address(email: str) -> str:
    validate_address(email)
    return email
