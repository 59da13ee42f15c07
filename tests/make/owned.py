"""One of everything that belongs to somebody, by the name of its id in a path.

A new route with an id adds its maker here; `tests/contract/test_mine_is_mine.py` then tries it with a stranger.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from accounts.models import User
from accounts.services.api_keys import make_api_key
from core.lib.clock import wall_now
from markets.models import Token
from tests.make.accounts import tokens_for
from tests.make.alerts import a_made_alert, an_event
from tests.make.channels import a_channel, a_dead_delivery
from tests.make.exchanges import a_bare_connection
from tests.make.imports import an_import
from tests.make.markets import NOON
from tests.make.portfolios import a_holding, a_portfolio, a_share_link, a_transaction, a_transfer_in


@dataclass(frozen=True)
class Owned:
    """A row, and the ids that a path to it holds: its own, and those of what it lies in."""

    row: Model
    places: dict[str, str] = field(default_factory=dict)

    def as_stored(self) -> dict[str, Any] | None:
        """Every column as it is in the database now; None where the row is gone."""
        return type(self.row)._base_manager.filter(pk=self.row.pk).values().first()


def a_session(owner: User) -> Owned:
    tokens_for(owner)
    row = owner.sessions.latest("created_at")
    return Owned(row, {"session_id": str(row.pk)})


def a_key(owner: User) -> Owned:
    row, _ = make_api_key(user_id=owner.id, name="bot", scopes=["read"], now=wall_now())
    return Owned(row, {"key_id": str(row.pk)})


def an_alert(owner: User) -> Owned:
    row = a_made_alert(owner, Token.objects.get(coingecko_id="solana"), now=NOON)
    return Owned(row, {"alert_id": str(row.pk)})


def an_event_of_theirs(owner: User) -> Owned:
    alert = a_made_alert(owner, Token.objects.get(coingecko_id="solana"), "price_below", now=NOON)
    row = an_event(alert)
    return Owned(row, {"event_id": str(row.pk)})


def a_channel_of_theirs(owner: User) -> Owned:
    row = a_channel(owner)
    return Owned(row, {"channel_id": str(row.pk)})


def a_delivery_of_theirs(owner: User) -> Owned:
    row = a_dead_delivery(a_channel(owner))
    return Owned(row, {"delivery_id": str(row.pk)})


def a_portfolio_of_theirs(owner: User) -> Owned:
    row = a_portfolio(owner, name="Theirs")
    a_holding(row, "WHAT")
    a_transaction(row, asset="WHAT")
    a_holding(row)
    a_transaction(row)
    return Owned(row, {"portfolio_id": str(row.pk)})


def a_transaction_of_theirs(owner: User) -> Owned:
    row = a_transfer_in(a_portfolio(owner, name="Booked"))
    return Owned(row, {"portfolio_id": str(row.portfolio_id), "transaction_id": str(row.pk)})


def an_import_of_theirs(owner: User) -> Owned:
    portfolio = a_portfolio(owner, name="Imported")
    row = an_import(portfolio)
    return Owned(row, {"portfolio_id": str(portfolio.pk), "import_id": str(row.pk)})


def a_connection_of_theirs(owner: User) -> Owned:
    row = a_bare_connection(owner, key_digest="theirs")
    return Owned(row, {"connection_id": str(row.pk)})


def a_share_link_of_theirs(owner: User) -> Owned:
    portfolio = a_portfolio(owner, name="Shared")
    row = a_share_link(portfolio, f"token of {owner.pk}")
    return Owned(row, {"portfolio_id": str(portfolio.pk), "link_id": str(row.pk)})


OWNED: dict[str, Callable[[User], Owned]] = {
    "session_id": a_session,
    "key_id": a_key,
    "alert_id": an_alert,
    "event_id": an_event_of_theirs,
    "channel_id": a_channel_of_theirs,
    "delivery_id": a_delivery_of_theirs,
    "portfolio_id": a_portfolio_of_theirs,
    "link_id": a_share_link_of_theirs,
    "transaction_id": a_transaction_of_theirs,
    "import_id": an_import_of_theirs,
    "connection_id": a_connection_of_theirs,
}
NOBODYS = {"symbol", "job_id", "asset"}
"""Names in paths of what belongs to nobody: tokens, and jobs, which whoever may start one may watch."""
