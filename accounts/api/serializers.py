"""What the calls under `auth/` take and answer, field by field."""

from typing import Any

from rest_framework import serializers

from accounts.api.preferences import PreferencesInput, PreferencesOutput
from accounts.models import User
from accounts.models.names import USERNAME_RULE, validate_address, validate_username
from accounts.services.password_rules import LONGEST, SHAPE
from core.api.fields import PlainText, StrictBoolean, UtcDateTime
from core.api.schema import example


class PasswordInput(serializers.CharField):
    """Any characters, exactly as they were sent: nothing is trimmed, cut or put into another spelling."""

    default_error_messages = {"not_text": "Write text."}

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, write_only=True, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        return data


class UsernameInput(PlainText):
    def __init__(self, **options: Any) -> None:
        options = {"allow_null": True, "required": False, "help_text": USERNAME_RULE, **options}
        super().__init__(max_length=50, trim_whitespace=False, validators=[validate_username], **options)


class CodeInput(PlainText):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=32, help_text="Six digits of the app, or a recovery code.", **options)


@example({"email": "zoe@example.com", "password": "quiet rivers bend twice", "username": "zoe"})
class RegisterInput(serializers.Serializer[dict[str, Any]]):
    email = PlainText(max_length=254, validators=[validate_address])
    password = PasswordInput(max_length=LONGEST, help_text=SHAPE)
    username = UsernameInput()
    preferences = PreferencesInput(required=False)


@example({"email": "zoe@example.com", "password": "quiet rivers bend twice"})
class LoginInput(serializers.Serializer[dict[str, Any]]):
    """Any text may be tried: what no account can have is refused like what none has."""

    email = PlainText(max_length=1024)
    password = PasswordInput(max_length=1024)
    code = CodeInput(required=False, allow_blank=True)


@example({"refresh": "the refresh token that came last"})
class RefreshInput(serializers.Serializer[dict[str, Any]]):
    refresh = PlainText(max_length=4096)


@example({"refresh": "the refresh token that came last"})
class LogoutInput(serializers.Serializer[dict[str, Any]]):
    refresh = PlainText(max_length=4096, required=False)


@example({"token": "what stands in the link"})
class TokenInput(serializers.Serializer[dict[str, Any]]):
    token = PlainText(max_length=128, help_text="From the link in our mail.")


@example({"email": "zoe@example.com"})
class EmailInput(serializers.Serializer[dict[str, Any]]):
    """Any text may be tried, as in `LoginInput`."""

    email = PlainText(max_length=1024)


@example({"token": "what stands in the link", "password": "quiet rivers bend twice"})
class ResetInput(serializers.Serializer[dict[str, Any]]):
    token = PlainText(max_length=128, help_text="From the link in our mail.")
    password = PasswordInput(max_length=LONGEST, help_text=SHAPE)


@example({"current_password": "quiet rivers bend twice", "password": "nine grey herons wait"})
class ChangePasswordInput(serializers.Serializer[dict[str, Any]]):
    current_password = PasswordInput(max_length=1024)
    password = PasswordInput(max_length=LONGEST, help_text=SHAPE)
    end_keys = StrictBoolean(required=False, help_text="Whether the API keys are revoked, too.")


@example({"email": "zoe@example.org", "password": "quiet rivers bend twice"})
class ChangeEmailInput(serializers.Serializer[dict[str, Any]]):
    email = PlainText(max_length=254, validators=[validate_address])
    password = PasswordInput(max_length=1024)


@example({"password": "quiet rivers bend twice"})
class PasswordAgainInput(serializers.Serializer[dict[str, Any]]):
    password = PasswordInput(max_length=1024)


@example({"code": "123456"})
class ConfirmTotpInput(serializers.Serializer[dict[str, Any]]):
    code = CodeInput()


@example({"password": "quiet rivers bend twice", "code": "123456"})
class PasswordAndCodeInput(PasswordAgainInput):
    code = CodeInput()


@example({"username": "zoe", "preferences": {"theme": "dark"}})
class ProfileInput(serializers.Serializer[dict[str, Any]]):
    username = UsernameInput()
    preferences = PreferencesInput(required=False)


class UserOutput(serializers.ModelSerializer[User]):
    preferences = PreferencesOutput(read_only=True)
    created_at = UtcDateTime(read_only=True)

    class Meta:
        model = User
        fields = ("id", "email", "username", "role", "plan", "email_verified", "preferences", "created_at")
        read_only_fields = fields


class TokensOutput(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds that the access token counts.")


class UserData(serializers.Serializer[Any]):
    user = UserOutput()


class TokensData(serializers.Serializer[Any]):
    tokens = TokensOutput()


class UserAndTokensData(serializers.Serializer[Any]):
    user = UserOutput()
    tokens = TokensOutput()


class EnrolmentOutput(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="For an app that takes no link.")
    otpauth_uri = serializers.CharField(help_text="For the app on the phone, as a link or a QR code.")


class RecoveryCodesOutput(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(child=serializers.CharField(), help_text="Shown this once.")
