"""The ledger of calls, as the budgets count it. Wall time: sources know no other."""

from datetime import datetime, timedelta

from django.db.models import Sum

from markets.models import ProviderCalls

MINUTE = timedelta(minutes=1)


def calls_last_minute(source: str, wall: datetime) -> int:
    """This minute's calls, and of the one before as much as the last sixty seconds reach into it."""
    this = wall.replace(second=0, microsecond=0)
    rows = ProviderCalls.objects.filter(source=source, minute__in=(this, this - MINUTE))
    calls = dict(rows.values_list("minute", "calls"))
    reach = 1 - (wall - this) / MINUTE
    return calls.get(this, 0) + round(calls.get(this - MINUTE, 0) * reach)


def calls_this_month(source: str, wall: datetime) -> int:
    start = wall.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = ProviderCalls.objects.filter(source=source, minute__gte=start)
    return rows.aggregate(total=Sum("calls"))["total"] or 0
