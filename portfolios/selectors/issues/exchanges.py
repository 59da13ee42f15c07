"""Issues of exchange accounts that are booked into a portfolio: not read any more, or telling another balance."""

from collections.abc import Iterator
from datetime import datetime

from core.lib.decimals import trimmed
from portfolios.models import Connection, Portfolio
from portfolios.selectors.connections import Difference, balance_differences, stale_connections
from portfolios.selectors.issues.issue import Action, Issue, IssueKind


def of_exchanges(portfolio: Portfolio, wall: datetime) -> Iterator[Issue]:
    """`wall` is wall time."""
    for difference in balance_differences(portfolio.owner_id):
        if difference.connection.portfolio_id == portfolio.pk:
            yield _differs(difference)
    for connection in stale_connections(portfolio.owner_id, wall):
        if connection.portfolio_id == portfolio.pk:
            yield _stale(connection)


def _differs(one: Difference) -> Issue:
    total, booked = trimmed(one.total), trimmed(one.booked)
    return Issue(
        kind=IssueKind.BALANCE_DIFFERS,
        subject=f"{one.connection.pk} {one.ticker}",
        facts=f"{total} against {booked}",
        title=f"{one.connection} says {total} {one.ticker}, its history adds up to {booked}",
        meaning="Something came or went that the exchange does not tell in its history, or that was booked otherwise. "
        "Nothing is corrected by itself: enter what is missing, or leave it.",
        actions=(Action.ADD_TRANSACTION, Action.LEAVE),
        asset=one.asset,
        connection=one.connection,
    )


def _stale(connection: Connection) -> Issue:
    return Issue(
        kind=IssueKind.STALE_CONNECTION,
        subject=str(connection.pk),
        facts=f"{connection.state} {connection.last_sync_at or ''} {connection.last_error_class}",
        title=f"{connection} is not read any more",
        meaning=connection.last_error or "It has not been read for a while; what happened since is not here.",
        actions=(Action.LEAVE,),
        connection=connection,
    )
