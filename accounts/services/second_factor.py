"""The second factor: enrolling, checking a code, and ending it.

A code counts within one step (30 s) of its own and once: whoever raises `last_step` to it, in one conditional
update, has used it. A recovery code stands in for the app once.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from django.db import transaction

from accounts.models import RecoveryCode, SecondFactor, User
from accounts.selectors.users import account_of
from accounts.services.administration import By, note, sign_out
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.mail import Kind, owe
from accounts.services.passwords import confirm_password
from accounts.services.sessions import end_sessions_of
from core.lib.errors import BadInput, Conflict, NotAllowed
from core.lib.sealed_column import SealedColumn

RECOVERY_CODES = 10
TIME_TO_CONFIRM = timedelta(minutes=15)
STEP_SECONDS = 30
SECRET = SealedColumn(SecondFactor, "sealed_secret", purpose="second factor", called="secret")
_WRONG = "This code is wrong, or was used already."


@dataclass(frozen=True)
class Enrolment:
    """What the app on the phone takes; never in a log."""

    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)


def begin(*, user_id: UUID, password: str, now: datetime, origin: Origin = NOWHERE) -> Enrolment:
    """A new secret, which counts once `confirm` has seen a code of it."""
    user = confirm_password(user_id=user_id, password=password, now=now, origin=origin)
    if user.second_factor_since:
        raise Conflict("You have a second factor already. Switch it off first.")
    secret = pyotp.random_base32()
    sealed = SECRET.sealed(SecondFactor(user=user), secret)
    SecondFactor.objects.update_or_create(
        user=user, defaults={"sealed_secret": sealed, "begun_at": now, "last_step": 0}
    )
    return _enrolment(user, secret)


def begun(user: User, now: datetime) -> Enrolment | None:
    """The enrolment that waits for its first code, while there is time."""
    row = SecondFactor.objects.filter(user=user, begun_at__gt=now - TIME_TO_CONFIRM).first()
    return _enrolment(user, SECRET.get(row)) if row and not user.second_factor_since else None


def confirm(
    *, user_id: UUID, code: str, now: datetime, keep: UUID | None = None, origin: Origin = NOWHERE
) -> list[str]:
    """The recovery codes, shown this once; from now on the account needs a code. Other sessions end."""
    with transaction.atomic():
        user = account_of(user_id, locked=True)
        if begun(user, now) is None:
            raise Conflict("There is nothing to confirm. Begin again.")
        if not _takes_step(user, code, now):
            raise BadInput.at("code", _WRONG)
        user.second_factor_since = now
        user.save(update_fields=["second_factor_since"])
        codes = _new_recovery_codes(user)
        _tell(user, Action.SECOND_FACTOR_ON, Kind.SECOND_FACTOR_ON, now, origin, keep)
    return codes


def disable(
    *,
    user_id: UUID,
    password: str,
    code: str,
    now: datetime,
    keep: UUID | None = None,
    origin: Origin = NOWHERE,
) -> None:
    """Needs password and code. Staff keep theirs."""
    user = confirm_password(user_id=user_id, password=password, now=now, origin=origin)
    if user.is_staff and user.second_factor_since:
        raise NotAllowed("Staff need a second factor.")
    with transaction.atomic():
        _use_code(user, code, now)
        _forget(user)
        _tell(user, Action.SECOND_FACTOR_OFF, Kind.SECOND_FACTOR_OFF, now, origin, keep)


def renew_recovery_codes(
    *,
    user_id: UUID,
    password: str,
    code: str,
    now: datetime,
    keep: UUID | None = None,
    origin: Origin = NOWHERE,
) -> list[str]:
    """Fresh ones, shown this once; the old ones count no more. Needs password and code, and ends other sessions."""
    user = confirm_password(user_id=user_id, password=password, now=now, origin=origin)
    with transaction.atomic():
        _use_code(user, code, now)
        codes = _new_recovery_codes(user)
        _tell(user, Action.RECOVERY_CODES_RENEWED, Kind.RECOVERY_CODES_RENEWED, now, origin, keep)
    return codes


def reset_by_staff(*, user: User, reason: str, by: By) -> None:
    """For somebody who lost phone and codes, once staff know who asks. Every session ends."""
    with transaction.atomic():
        _forget(user)
        note(user, f"by staff: {reason}", by, Action.SECOND_FACTOR_OFF)
        owe(user, Kind.SECOND_FACTOR_OFF, now=by.now, detail="Khalsi’s staff did so.")
        sign_out(user, "second factor reset", by)


def takes_code(user: User, code: str, now: datetime) -> bool:
    """Whether this code of the app, or recovery code, counts; it is used up then."""
    return _takes_step(user, code, now) or _takes_recovery_code(user, code, now)


def _use_code(user: User, code: str, now: datetime) -> None:
    if not user.second_factor_since:
        raise Conflict("You have no second factor.")
    if not takes_code(user, code, now):
        raise BadInput.at("code", _WRONG)


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _takes_step(user: User, code: str, now: datetime) -> bool:
    row = SecondFactor.objects.filter(user=user).first()
    digits = code.replace(" ", "")
    if row is None or not (digits.isascii() and digits.isdigit()):
        return False
    totp, step = pyotp.TOTP(SECRET.get(row)), int(now.timestamp()) // STEP_SECONDS
    for near in (step - 1, step, step + 1):
        if secrets.compare_digest(totp.generate_otp(near), digits):
            unused = SecondFactor.objects.filter(pk=row.pk, last_step__lt=near)
            return unused.update(last_step=near) == 1
    return False


def _takes_recovery_code(user: User, code: str, now: datetime) -> bool:
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(code), used_at=None)
    return unused.update(used_at=now) == 1


def _new_recovery_codes(user: User) -> list[str]:
    """80 random bits each, in fours."""
    raw = [pyotp.random_base32()[:16].lower() for _ in range(RECOVERY_CODES)]
    codes = ["-".join(one[start : start + 4] for start in range(0, 16, 4)) for one in raw]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code)) for code in codes)
    return codes


def _digest(code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").lower()
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _forget(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    user.second_factor_since = None
    user.save(update_fields=["second_factor_since"])


def _tell(user: User, action: Action, kind: Kind, now: datetime, origin: Origin, keep: UUID | None) -> None:
    record(action, account_id=user.id, actor_id=user.id, now=now, origin=origin)
    owe(user, kind, now=now, origin=origin)
    because = "second factor changed"
    end_sessions_of(user_id=user.id, because=because, now=now, by=user.id, origin=origin, but=keep)


def _enrolment(user: User, secret: str) -> Enrolment:
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name="Khalsi")
    return Enrolment(secret=secret, otpauth_uri=uri)
