"""The end of an account: gone in one transaction with all that hangs on it. The audit log keeps plain ids."""

from datetime import datetime
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.models import User
from accounts.services.administration import By, note, refuse_last_admin, sign_out
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.mail import Kind, owe
from accounts.services.passwords import confirm_password
from accounts.services.second_factor import takes_code
from core.lib.errors import BadInput
from core.models import IdempotentReply, JobRun


def delete_own_account(
    *, user_id: UUID, password: str, now: datetime, code: str = "", origin: Origin = NOWHERE
) -> None:
    """By the password, and a code where there is a second factor. The last admin stays (Conflict)."""
    user = confirm_password(user_id=user_id, password=password, now=now, origin=origin)
    with transaction.atomic():
        if user.second_factor_since and not takes_code(user, code, now):
            raise BadInput.at("code", "Write the six digits of your app, or a recovery code.")
        _delete(user, By(actor_id=user.id, now=now, origin=origin))


def delete_by_staff(*, user: User, by: By) -> None:
    _delete(user, by, logged="by staff", told="Khalsi’s staff did so.")


def note_export(*, user_id: UUID, now: datetime, origin: Origin = NOWHERE) -> None:
    """Whoever has a session can take everything along, so the owner can see that somebody did."""
    record(Action.EXPORTED, account_id=user_id, actor_id=user_id, now=now, origin=origin)


def _delete(user: User, by: By, *, logged: str = "", told: str = "") -> None:
    """1. Sessions end and feeds close. 2. Log and farewell. 3. The row, and by its keys what hangs on it."""
    with transaction.atomic():
        refuse_last_admin(user)
        sign_out(user, "account deleted", by)
        note(user, logged, by, Action.ACCOUNT_DELETED)
        owe(None, Kind.ACCOUNT_DELETED, now=by.now, to=user.email, detail=told, origin=by.origin)
        _forget_name_in_the_staff_log(user)
        IdempotentReply.objects.filter(owner=user.id).delete()
        JobRun.objects.filter(owner=user.id).delete()
        User.objects.filter(id=user.id).delete()


def _forget_name_in_the_staff_log(user: User) -> None:
    """Django's own log of the staff site keeps the address of whom staff changed."""
    kind = ContentType.objects.get_for_model(User)
    of_user = LogEntry.objects.filter(content_type=kind, object_id=str(user.id))
    of_user.update(object_repr="a deleted account")
