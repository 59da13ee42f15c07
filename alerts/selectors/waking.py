"""The alerts that new readings could change, found by an index; two queries, whatever the number of gauges."""

from collections.abc import Sequence
from itertools import chain

from django.db.models import F, Q

from alerts.models import Alert


def wakened(gauge_ids: Sequence[int]) -> list[Alert]:
    """Active alerts on these gauges whose `wakes_above` or `wakes_below` was reached by the readings remembered last.

    Each with its owner and token, of whom many share one. Locked, so that whoever changes or pauses one of them does so
    before or after. To be called by who holds the gauges, in a transaction: nobody else locks several alerts, so their
    order does not matter.
    """
    awake = Q(asleep_until=None) | Q(asleep_until__lte=F("gauge__observed_at"))
    those = Alert.objects.filter(awake, gauge_id__in=gauge_ids, state=Alert.State.ACTIVE)
    locked = those.prefetch_related("owner", "token", "portfolio").select_for_update(of=("self",))
    above, below = (
        locked.filter(wakes_above__lte=F("gauge__high")),
        locked.filter(wakes_below__gte=F("gauge__low")),
    )
    return list({alert.id: alert for alert in chain(above, below)}.values())
