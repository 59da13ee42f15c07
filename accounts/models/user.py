"""The user: a UUID, an e-mail to log in with, a role and a plan."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from accounts.models.names import (
    USERNAME_RULE,
    normal_email,
    normal_username,
    username_key,
    validate_address,
    validate_username,
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields = {**fields, "role": User.Role.ADMIN, "email_verified": True}
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normal_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    class Role(models.TextChoices):
        USER = "user"
        ANALYST = "analyst"
        STAFF = "staff"
        ADMIN = "admin"

    class Plan(models.TextChoices):
        FREE = "free"
        PRO = "pro"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True, validators=[validate_address])
    username = models.CharField(
        max_length=50, null=True, blank=True, validators=[validate_username], help_text=USERNAME_RULE
    )
    username_key = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text="What usernames compare by.",
    )
    role = models.CharField(max_length=8, choices=Role, default=Role.USER)
    plan = models.CharField(max_length=8, choices=Plan, default=Plan.FREE)
    email_verified = models.BooleanField(default=False)
    second_factor_since = models.DateTimeField(null=True, blank=True, editable=False)
    preferences = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_email"),
            models.CheckConstraint(
                condition=models.Q(role="admin", is_superuser=True)
                | models.Q(role__in=["user", "analyst", "staff"], is_superuser=False),
                name="superuser_means_admin",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """May enter the staff site."""
        return self.role in {self.Role.STAFF, self.Role.ADMIN}

    @property
    def must_confirm_email(self) -> bool:
        """Until then the tokens of a registration reach the own profile, verification and public data alone."""
        return settings.REQUIRE_EMAIL_VERIFICATION and not self.email_verified

    def clean(self) -> None:
        self.email = normal_email(self.email)
        self.username = normal_username(self.username) if self.username else None
        if self.username and self.namesakes().exists():
            raise ValidationError({"username": "This username is taken."})

    def namesakes(self) -> "models.QuerySet[User]":
        """Others whose username compares equal."""
        return User.objects.exclude(id=self.id).filter(username_key=username_key(self.username or ""))

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """The role alone decides who is Django's superuser, and the username what names compare by."""
        self.is_superuser = self.role == self.Role.ADMIN
        self.username_key = username_key(self.username) if self.username else None
        if update_fields is not None:
            update_fields = {*update_fields, "is_superuser", "username_key"}
        super().save(*args, update_fields=update_fields, **options)

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Of a user whose columns are known in part the rest comes in one query, whatever is asked for first."""
        if fields is not None:
            fields = [*{*fields, *self.get_deferred_fields()}]
        super().refresh_from_db(using, fields, from_queryset)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Admins may everything; staff may look at everything and do what the settings list."""
        if self.is_active and self.role == self.Role.STAFF and _staff_may(perm):
            return True
        return super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return (self.is_active and self.role == self.Role.STAFF) or super().has_module_perms(app_label)


def _staff_may(perm: str) -> bool:
    return perm.partition(".")[2].startswith("view_") or perm in settings.STAFF_PERMISSIONS
