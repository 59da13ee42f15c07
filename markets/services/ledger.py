"""Calls are written down before they are made, and refused where the plan keeps them for something more
important.
"""

from django.db.models import F

from core.lib.clock import wall_now
from core.lib.errors import BudgetSpent
from core.net.budget import allowed
from markets.models import ProviderCalls
from markets.providers.coingecko.plans import plan
from markets.selectors.calls import calls_last_minute, calls_this_month


def spend(source: str, kind: str) -> None:
    """One call of this kind to CoinGecko, written down; raises BudgetSpent where there is none left for
    it.
    """
    wall = wall_now()
    budget = plan().budget
    if budget.per_minute is not None or budget.per_month is not None:
        allowance = allowed(
            budget, calls_last_minute(source, wall), calls_this_month(source, wall), kind, wall
        )
        if not allowance.allowed:
            raise BudgetSpent(
                f"No call to {source} is left for {kind}: {allowance.reason}; next try in"
                f" {allowance.retry_after:.0f} s.",
                retry_after=allowance.retry_after,
            )
    note_calls(source, 1)


def note_calls(source: str, calls: int) -> None:
    if calls < 1:
        return
    minute = wall_now().replace(second=0, microsecond=0)
    row, _ = ProviderCalls.objects.get_or_create(source=source, minute=minute)
    ProviderCalls.objects.filter(pk=row.pk).update(calls=F("calls") + calls)
