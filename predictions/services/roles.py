"""Who is what: each change of a role is one row with its basis, its reason and who decided; nothing else changes one.

Changes of one timeframe wait for each other, so there is one champion at every moment and its history has no holes.
"""

from django.db import transaction

from accounts.models import User
from core.lib.clock import market_now
from core.lib.errors import Conflict
from predictions.horizons import DEFINITIONS
from predictions.models import EngineVersion, RoleChange

Role = EngineVersion.Role
Basis = RoleChange.Basis
REPLACED = ""
"""The basis of a challenger's retirement: no judgement of it, only a younger version of the same engine."""


def hold_roles(timeframe: str) -> list[EngineVersion]:
    """All versions of the timeframe, theirs to change until the transaction ends; always locked in one order.

    A version that is being registered at this moment is not among them, and is nobody's champion yet.
    """
    mine = EngineVersion.objects.filter(timeframe=timeframe).order_by("pk")
    return list(mine.select_for_update(no_key=True))


@transaction.atomic
def appoint(version: EngineVersion, *, basis: str, reason: str, user: User | None = None) -> EngineVersion:
    """Make it the champion of its timeframe; the present one goes on as a challenger.

    Raises Conflict without a reason, for the baseline, and for who is champion already.
    """
    why = _refuse_without_reason(reason)
    held = hold_roles(version.timeframe)
    fresh = next(one for one in held if one.pk == version.pk)
    if fresh.role == Role.BASELINE:
        raise Conflict("Climatology is the baseline; it is published wherever there is no champion.")
    if fresh.role == Role.CHAMPION:
        raise Conflict(f"{fresh} is the champion already.")
    if fresh.definitions != DEFINITIONS:
        raise Conflict(
            f"{fresh} was made for definitions {fresh.definitions}, not {DEFINITIONS}; train anew."
        )
    for one in held:
        if one.role == Role.CHAMPION:
            _change(one, Role.CHALLENGER, basis, f"{fresh} took its place: {why}", user)
    return _change(fresh, Role.CHAMPION, basis, why, user)


@transaction.atomic
def step_down(version: EngineVersion, *, reason: str, user: User | None = None) -> EngineVersion:
    """The champion becomes a challenger again, and climatology is published in its timeframe."""
    why = _refuse_without_reason(reason)
    fresh = next(one for one in hold_roles(version.timeframe) if one.pk == version.pk)
    if fresh.role != Role.CHAMPION:
        raise Conflict(f"{fresh} is not the champion.")
    return _change(fresh, Role.CHALLENGER, Basis.STAFF, why, user)


@transaction.atomic
def roll_back(timeframe: str, *, reason: str, user: User | None = None) -> EngineVersion:
    """The champion before the present one returns, even if it has retired since. Raises Conflict if there was none."""
    why = _refuse_without_reason(reason)
    held = {one.pk: one for one in hold_roles(timeframe)}
    present = next((one.pk for one in held.values() if one.role == Role.CHAMPION), None)
    before = champions_before(timeframe, present)
    if not before:
        raise Conflict(f"Nobody was champion of {timeframe} before; let the champion step down instead.")
    return appoint(held[before[0]], basis=Basis.ROLLBACK, reason=why, user=user)


def champions_before(timeframe: str, present: int | None) -> list[int]:
    """Former champions, newest first and each once, without the present one.

    Whoever was rolled back from does not come next: a second rollback goes one further into the past.
    """
    history = RoleChange.objects.filter(timeframe=timeframe, role_after=Role.CHAMPION).order_by("pk")
    stack: list[int] = []
    for version, basis in history.values_list("version_id", "basis"):
        if basis == Basis.ROLLBACK and version in stack:
            del stack[stack.index(version) :]
        elif version in stack:
            stack.remove(version)
        stack.append(version)
    return [version for version in reversed(stack) if version != present]


def retire(version: EngineVersion, reason: str) -> EngineVersion:
    """A challenger speaks no more. Call it under `hold_roles`, with a version that was read there."""
    if version.role != Role.CHALLENGER:
        raise Conflict(f"{version} is {version.role}; only challengers retire.")
    return _change(version, Role.RETIRED, REPLACED, reason, None)


def _refuse_without_reason(reason: str) -> str:
    if not reason.strip():
        raise Conflict("Say why; the reason is kept and shown in public.")
    return reason.strip()


def _change(version: EngineVersion, role: Role, basis: str, reason: str, user: User | None) -> EngineVersion:
    RoleChange.objects.create(
        version=version,
        timeframe=version.timeframe,
        role_before=version.role,
        role_after=role,
        basis=basis,
        reason=reason,
        user=user,
        changed_at=market_now(),
    )
    version.role = role
    version.save(update_fields=["role"])
    return version
