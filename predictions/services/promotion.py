"""The rule that makes champions: an engine earns the place by its scores, not by its author. Staff may decide too."""

from datetime import datetime

from django.db import transaction

from predictions.models import EngineVersion
from predictions.services.judging import Verdict, judge, keep_look, look_is_due
from predictions.services.roles import appoint, hold_roles

Role = EngineVersion.Role


def promote_those_who_earned(now: datetime) -> list[EngineVersion]:
    """A look at each challenger whose month is over; gives those that became champions."""
    challengers = EngineVersion.objects.filter(role=Role.CHALLENGER).order_by("pk")
    due = [version for version in challengers if look_is_due(version, now)]
    verdicts = [(version, promote_if_earned(version, now)) for version in due]
    return [version for version, verdict in verdicts if verdict is not None and verdict.earned]


def promote_if_earned(challenger: EngineVersion, now: datetime) -> Verdict | None:
    """Judge it against the present champion, keep the look, and appoint it if it has earned the place.

    None where roles have changed while it was judged, or somebody else had this month's look: the next call sees to it.
    """
    champion = EngineVersion.objects.filter(timeframe=challenger.timeframe, role=Role.CHAMPION).first()
    # A year of scores takes a while to add up; in a transaction nobody else could write meanwhile.
    verdict = judge(challenger, champion)
    return verdict if _settle(challenger, champion, verdict, now) else None


@transaction.atomic
def _settle(
    challenger: EngineVersion, champion: EngineVersion | None, verdict: Verdict, now: datetime
) -> bool:
    held = {one.pk: one.role for one in hold_roles(challenger.timeframe)}
    present = next((pk for pk, role in held.items() if role == Role.CHAMPION), None)
    judged_against = champion and champion.pk
    if held[challenger.pk] != Role.CHALLENGER or present != judged_against:
        return False
    if not look_is_due(challenger, now):
        return False
    keep_look(challenger, verdict, now)
    if verdict.earned:
        appoint(challenger, basis=verdict.basis, reason=verdict.reason)
    return True
