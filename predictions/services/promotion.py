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


@transaction.atomic
def promote_if_earned(challenger: EngineVersion, now: datetime) -> Verdict | None:
    """Judge it against whoever is champion at this moment, keep the look, and appoint it if it has earned the place.

    None where it is no challenger any more, or somebody else has had this month's look meanwhile.
    """
    held = hold_roles(challenger.timeframe)
    fresh = next(one for one in held if one.pk == challenger.pk)
    if fresh.role != Role.CHALLENGER or not look_is_due(fresh, now):
        return None
    champion = next((one for one in held if one.role == Role.CHAMPION), None)
    verdict = judge(fresh, champion)
    keep_look(fresh, verdict, now)
    if verdict.earned:
        appoint(fresh, basis=verdict.basis, reason=verdict.reason)
    return verdict
