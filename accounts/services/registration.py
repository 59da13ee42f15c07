"""New accounts. What people may say of themselves is listed here; role, plan and the rest have defaults."""

from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.models.names import normal_email, normal_username
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.mail import Kind, owe
from core.lib.errors import BadInput, Conflict, FieldError


def register(
    *,
    email: str,
    password: str,
    now: datetime,
    username: str | None = None,
    preferences: dict[str, Any] | None = None,
    origin: Origin = NOWHERE,
) -> User:
    """The new user; BadInput for a weak password, Conflict where the e-mail or the username is taken."""
    user = User(email=normal_email(email), preferences=preferences or {})
    user.username = normal_username(username) if username else None
    check_password_rules(password, user)
    refuse_taken(user)
    user.set_password(password)
    with transaction.atomic():
        save_unless_taken(user, force_insert=True)
        record(Action.REGISTERED, account_id=user.id, actor_id=user.id, now=now, origin=origin)
        owe(user, Kind.VERIFY, now=now)
    return user


def check_password_rules(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        details = tuple(FieldError("password", message) for message in error.messages)
        raise BadInput(details[0].message, details=details) from error


def refuse_taken(user: User) -> None:
    if User.objects.exclude(id=user.id).filter(email=user.email).exists():
        raise Conflict("This e-mail has an account already. Log in instead.")
    if user.username and user.namesakes().exists():
        raise Conflict("This username is taken. Choose another one.")


def save_unless_taken(user: User, **options: Any) -> None:
    """Saves, where the database has the last word on who came first."""
    try:
        with transaction.atomic():
            user.save(**options)
    except IntegrityError:
        refuse_taken(user)
        raise
