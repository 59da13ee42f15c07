"""Users: who they are, what they may do, and whether they may come in."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm

from accounts.admin.forms import NewUserForm, UserForm
from accounts.admin.found_by_id import FoundById
from accounts.admin.staff import by_staff, refusals_told
from accounts.models import User
from accounts.services.administration import (
    end_their_sessions,
    keep_an_admin,
    note,
    note_changes,
    note_new_password,
)
from accounts.services.deletion import delete_by_staff
from accounts.services.second_factor import reset_by_staff

admin.site.unregister(Group)  # roles say what people may do


@admin.register(User)
class UserAdmin(FoundById, DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm

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
    list_filter = (
        "role",
        "plan",
        "is_active",
        "email_verified",
        ("second_factor_since", admin.EmptyFieldListFilter),
        "created_at",
    )
    search_fields = ("email", "username")
    search_help_text = "E-mail, username, or the whole id"
    show_full_result_count = False
    actions = ("end_sessions", "reset_second_factor")
    filter_horizontal = ()
    readonly_fields = ("id", "created_at", "last_login", "second_factor_since", "preferences", "elsewhere")
    fieldsets = (
        (None, {"fields": ("email", "username", "password")}),
        ("Rights", {"fields": ("role", "plan", "is_active", "email_verified", "second_factor_since")}),
        ("Record", {"fields": ("elsewhere", "id", "created_at", "last_login", "preferences")}),
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

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        before = User.objects.get(pk=obj.pk) if change else None
        if before:
            with refusals_told():
                keep_an_admin(before, obj)
        super().save_model(request, obj, form, change)
        by = by_staff(request)
        if before:
            note_changes(before, obj, by)
        else:
            note(obj, "account made by staff", by)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What hangs on an account goes with it, though nobody may delete it by itself."""
        to_delete, counts, _, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        with refusals_told():
            delete_by_staff(user=obj, by=by_staff(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """All of them or none; the own account goes on its owner's page alone."""
        with refusals_told(), transaction.atomic():
            for user in queryset.exclude(id=by_staff(request).actor_id):
                delete_by_staff(user=user, by=by_staff(request))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A password set by staff ends every session that the old one opened."""
        with transaction.atomic():
            before = User.objects.filter(pk=id).values_list("password", flat=True).first()
            reply = super().user_change_password(request, id, form_url)
            user = User.objects.filter(pk=id).first()
            if user and user.password != before:
                note_new_password(user, by_staff(request))
        return reply

    @admin.display(description="elsewhere")
    def elsewhere(self, user: User) -> SafeString:
        """Lists of what belongs to the account."""
        links = [
            (f"{reverse(f'admin:accounts_{name}_changelist')}?{urlencode({'q': user.email})}", words)
            for name, words in (("auditentry", "Audit"), ("session", "Sessions"), ("apikey", "API keys"))
        ]
        return format_html_join(" · ", '<a class="text-primary-600 underline" href="{}">{}</a>', links)

    @admin.action(description="End all their sessions", permissions=("change",))
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Of those above the one who asks, none; the password and the second factor stay."""
        users = [user for user in queryset if self.has_change_permission(request, user)]
        with transaction.atomic():
            count = sum(end_their_sessions(user, by_staff(request)) for user in users)
        self.message_user(request, f"{count} sessions of {len(users)} users ended.", messages.SUCCESS)

    @admin.action(description="Reset the second factor", permissions=("change",))
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Asks for the reason first; those above the one who asks, and that one, are left alone."""
        enrolled = queryset.exclude(second_factor_since=None).exclude(id=by_staff(request).actor_id)
        users = [user for user in enrolled if self.has_change_permission(request, user)]
        if not users:
            self.message_user(
                request, "None of them has a second factor that you may reset.", messages.WARNING
            )
            return None
        reason = request.POST.get("reason", "").strip()
        if not reason:
            context = {
                **self.admin_site.each_context(request),
                "users": users,
                "title": "Reset the second factor",
            }
            return render(request, "admin/accounts/reset_second_factor.html", context)
        with transaction.atomic():
            for user in users:
                reset_by_staff(user=user, reason=reason, by=by_staff(request))
        self.message_user(request, f"{len(users)} reset; their sessions have ended.", messages.SUCCESS)
        return None


def _is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.role == User.Role.ADMIN
