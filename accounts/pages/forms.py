"""Forms of the account pages. A password is never trimmed, and never shown again."""

from django import forms

from accounts.models.names import USERNAME_RULE, normal_username, validate_address, validate_username
from accounts.services.passwords import LONGEST, SHAPE


def _email_field() -> forms.CharField:
    attributes = {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
    return forms.CharField(label="E-mail", max_length=254, widget=forms.EmailInput(attrs=attributes))


def _password_field(autocomplete: str, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(strip=False, max_length=LONGEST, widget=widget, help_text=help_text)


class SignInForm(forms.Form):
    email = _email_field()
    password = _password_field("current-password")


class SignUpForm(forms.Form):
    email = _email_field()
    username = forms.CharField(
        required=False, max_length=50, help_text=f"{USERNAME_RULE} You may leave it empty."
    )
    password = _password_field("new-password", help_text=SHAPE)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        validate_address(email)
        return email

    def clean_username(self) -> str:
        username = normal_username(self.cleaned_data["username"])
        if username:
            validate_username(username)
        return username
