"""The user: a UUID, an e-mail to log in with, a role and a plan."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower


def normal_email(email: str) -> str:
    """The form under which an address is stored and looked up: no outer space, lower case."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields = {"role": User.Role.ADMIN, "is_superuser": True, "email_verified": True, **fields}
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
    email = models.EmailField(max_length=254, unique=True)
    username = models.CharField(max_length=50, null=True, blank=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.USER)
    plan = models.CharField(max_length=8, choices=Plan, default=Plan.FREE)
    email_verified = models.BooleanField(default=False)
    preferences = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_email"),
            models.UniqueConstraint(Lower("username"), name="one_user_per_username"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """May enter the staff site."""
        return self.role in {self.Role.STAFF, self.Role.ADMIN}
