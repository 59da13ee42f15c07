"""Users: who they are, what they may do, and whether they may come in."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.admin.forms import NewUserForm, SetPasswordForm, UserForm
from accounts.models import User

admin.site.unregister(Group)  # roles say what people may do


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    form = UserForm
    add_form = NewUserForm
    change_password_form = SetPasswordForm

    ordering = ("-created_at",)
    list_display = (
        "email",
        "username",
        "role",
        "plan",
        "is_active",
        "email_verified",
        "created_at",
        "last_login",
    )
    list_filter = ("role", "plan", "is_active", "email_verified")
    search_fields = ("email", "username")
    filter_horizontal = ()
    readonly_fields = ("id", "created_at", "last_login", "preferences")
    fieldsets = (
        (None, {"fields": ("email", "username", "password")}),
        ("Rights", {"fields": ("role", "plan", "is_active", "email_verified")}),
        ("Record", {"fields": ("id", "created_at", "last_login", "preferences")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only admins give roles, and not to themselves: the last admin can't shut everybody out."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        if not _is_admin(request) or obj == request.user:
            return (*fixed, "role", "is_active")
        return fixed

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who could set an admin's password would be an admin."""
        above = isinstance(obj, User) and obj.is_staff and not _is_admin(request)
        return super().has_change_permission(request, obj) and not (above and obj != request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_admin(request) and obj != request.user


def _is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.role == User.Role.ADMIN
