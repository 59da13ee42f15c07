"""The forms of a user in the staff site. Django's own are bound to Django's own user."""

from typing import Any

from unfold import forms

from accounts.models import User
from accounts.services.sessions import end_sessions_of
from core.lib.clock import wall_now


class NewUserForm(forms.UserCreationForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = ("email",)


class UserForm(forms.UserChangeForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = "__all__"


class SetPasswordForm(forms.AdminPasswordChangeForm):  # type: ignore[misc]
    """A password set by staff ends every session that the old one opened."""

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit)
        end_sessions_of(user_id=user.id, because="password set by staff", now=wall_now())
        return user
