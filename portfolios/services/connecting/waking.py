"""Say after commit that there is work; the sweep finds what is not heard."""

from django.db import transaction

from portfolios import events
from portfolios.models import Connection


def wake() -> None:
    transaction.on_commit(lambda: events.connections_due.send(sender=Connection))
