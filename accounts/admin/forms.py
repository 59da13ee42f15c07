"""The forms of a user in the staff site. Django's own are bound to Django's own user."""

from unfold import forms

from accounts.models import User


class NewUserForm(forms.UserCreationForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = ("email",)


class UserForm(forms.UserChangeForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = "__all__"
