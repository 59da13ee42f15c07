"""What the exchange says that there is, beside what its history adds up to. A difference is told to the owner, who
knows what is missing; nothing is booked for it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from portfolios.accounting.exact import exact
from portfolios.accounting.money import is_held
from portfolios.accounting.movements import Way
from portfolios.accounting.taking_apart import taken_apart
from portfolios.exchanges.records import Balance
from portfolios.models import Connection, Portfolio, SeenBalance, Transaction
from portfolios.selectors.bookings import booked_rows
from portfolios.services.syncing.booking import Names
from portfolios.services.syncing.leasing import Held, renew

_OUT = {Way.DEPARTED, Way.DISPOSED, Way.SPENT}
ZERO = Decimal(0)


@transaction.atomic
def keep_balances(held: Held, names: Names, told: Sequence[Balance], now: datetime) -> None:
    """As they were said. Nothing at all where there was something before is not believed at once: rows stay as they
    were last seen. Raises LeaseLost."""
    renew(held, now)
    own = SeenBalance.objects.filter(connection=held.connection)
    if not told and own.filter(total__gt=0).exists():
        own.update(moved_at=None)
        return
    before = {seen.ticker: seen for seen in own}
    totals = {balance.asset: balance.total for balance in told}
    rows = [
        SeenBalance(
            connection=held.connection,
            ticker=ticker,
            asset=names.asset(ticker),
            total=total,
            seen_at=now,
            moved_at=_moved(before.get(ticker), total, now),
        )
        for ticker, total in sorted(totals.items())
    ]
    SeenBalance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "ticker"],
        update_fields=["asset", "total", "seen_at", "moved_at"],
    )
    gone = own.exclude(ticker__in=totals)
    gone.exclude(total=ZERO, moved_at__isnull=False).update(moved_at=now)
    gone.update(total=ZERO, seen_at=now)


def _moved(before: SeenBalance | None, total: Decimal, now: datetime) -> datetime:
    is_same = before is not None and before.total == total
    return before.moved_at if before is not None and before.moved_at and is_same else now


@transaction.atomic
def compare(held: Held, now: datetime) -> None:
    """After all of the history up to `now` was read. Sums are worked out anew only where the portfolio changed."""
    connection = held.connection
    renew(held, now)
    revision = Portfolio.objects.values_list("revision", flat=True).get(pk=connection.portfolio_id)
    if revision != connection.balances_revision:
        _add_up(connection)
    for seen in SeenBalance.objects.filter(connection=connection).exclude(total=None):
        differs = is_held(seen.asset) and seen.booked is not None and seen.total != seen.booked
        since = (seen.differs_since or now) if differs else None
        if since != seen.differs_since:
            SeenBalance.objects.filter(pk=seen.pk).update(differs_since=since)
    Connection.objects.filter(pk=connection.pk).update(balances_revision=revision, balances_at=now)


def _add_up(connection: Connection) -> None:
    """Added up here, since databases do not add amounts exactly."""
    sums = booked_by(Transaction.objects.filter(synced__connection=connection))
    rows = list(SeenBalance.objects.filter(connection=connection).order_by("ticker"))
    for seen in rows:
        seen.booked = sums.pop(seen.asset, ZERO)  # of two tickers for one token the first has all of it
    SeenBalance.objects.bulk_update(rows, ["booked"], batch_size=500)


def booked_by(rows: QuerySet[Transaction]) -> dict[str, Decimal]:
    """What came in less what went out, by asset."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    with exact():
        for movement in taken_apart(booked_rows(rows)):
            sums[movement.asset] += -movement.quantity if movement.way in _OUT else movement.quantity
    return dict(sums)
