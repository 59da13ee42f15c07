"""Keys that were examined are kept, sealed, and the first synchronisation is due at once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.selectors.users import account_of
from accounts.services.audit import NOWHERE, Action, Origin, record
from core.lib.errors import Conflict, NotFound
from portfolios.exchanges.base import Credentials
from portfolios.models import Connection, SyncCursor
from portfolios.selectors.portfolios import portfolio_of
from portfolios.services.connecting.examining import Examined, refusal_of
from portfolios.services.connecting.waking import wake
from portfolios.services.reaching import digest_of, seal_into

MOST_CONNECTIONS = {User.Plan.FREE: 1, User.Plan.PRO: 10}
State = Connection.State


def connect(
    *,
    owner_id: UUID,
    portfolio_id: UUID,
    name: str,
    credentials: Credentials,
    examined: Examined,
    confirmed: bool,
    now: datetime,
    dollar_coins: bool = False,
    origin: Origin = NOWHERE,
) -> Connection:
    """BadInput with the reason where the keys do more than read, or their owner does not say that they don't; Conflict
    where the key is connected already, or the plan allows no more."""
    _refuse(examined, confirmed)
    with transaction.atomic():
        owner = account_of(owner_id, locked=True)  # so that two at once are not one too many
        portfolio = portfolio_of(owner_id, portfolio_id)
        _refuse_known(owner_id, examined.exchange, credentials)
        _refuse_too_many(owner)
        connection = Connection(
            owner=owner, portfolio=portfolio, exchange=examined.exchange, created_at=now, due_at=now
        )
        connection.dollar_coins = dollar_coins
        connection.name = name or connection.get_exchange_display()
        _take_keys(connection, credentials, examined, confirmed, now)
        connection.save(force_insert=True)
        note(Action.EXCHANGE_CONNECTED, connection, now, origin)
        wake()
    return connection


def replace_keys(
    *,
    owner_id: UUID,
    connection_id: UUID,
    credentials: Credentials,
    examined: Examined,
    confirmed: bool,
    now: datetime,
    origin: Origin = NOWHERE,
) -> Connection:
    """New keys of the same exchange. They may be another account's, so everything is read from the beginning; what is
    booked already is known by its id."""
    _refuse(examined, confirmed)
    with transaction.atomic():
        account_of(owner_id, locked=True)
        connection = own_connection(owner_id, connection_id)
        if connection.exchange != examined.exchange:
            raise Conflict(f"This connection is one to {connection.get_exchange_display()}.")
        _refuse_known(owner_id, examined.exchange, credentials, but=connection_id)
        _take_keys(connection, credentials, examined, confirmed, now)
        connection.state, connection.due_at, connection.failures = State.ACTIVE, now, 0
        connection.last_error_class = connection.last_error = ""
        connection.last_error_at = None
        connection.lease = connection.leased_until = (
            None  # whoever holds it uses the old keys, and stores no more
        )
        connection.save()
        SyncCursor.objects.filter(connection=connection).delete()
        note(Action.EXCHANGE_KEYS, connection, now, origin)
        wake()
    return connection


def own_connection(owner_id: UUID, connection_id: UUID) -> Connection:
    """Held until the transaction ends."""
    own = Connection.objects.select_for_update().filter(id=connection_id, owner_id=owner_id).first()
    if own is None:
        raise NotFound("You have no such connection.")
    return own


def note(action: Action, connection: Connection, now: datetime, origin: Origin) -> None:
    """Whose it is, is who did it."""
    record(
        action,
        account_id=connection.owner_id,
        actor_id=connection.owner_id,
        now=now,
        origin=origin,
        about=connection,
        detail=connection.get_exchange_display(),
    )


def _refuse(examined: Examined, confirmed: bool) -> None:
    refusal = refusal_of(examined, confirmed)
    if refusal is not None:
        raise refusal


def _take_keys(
    connection: Connection, credentials: Credentials, examined: Examined, confirmed: bool, now: datetime
) -> None:
    seal_into(connection, credentials)
    connection.keys_since = connection.rights_seen_at = now
    connection.rights, connection.rights_lacking = examined.verdict, list(examined.lacking)
    connection.rights_confirmed_at = now if examined.must_confirm and confirmed else None


def _refuse_known(owner_id: UUID, exchange: str, credentials: Credentials, but: UUID | None = None) -> None:
    same = Connection.objects.filter(
        owner_id=owner_id, exchange=exchange, key_digest=digest_of(exchange, credentials)
    )
    if any(one != but for one in same.values_list("id", flat=True)):
        raise Conflict("This key is connected already.")


def _refuse_too_many(owner: User) -> None:
    most = MOST_CONNECTIONS[User.Plan(owner.plan)]
    if Connection.objects.filter(owner=owner).count() >= most:
        many = "one connection" if most == 1 else f"{most} connections"
        raise Conflict(f"Your plan has {many}, all in use. Disconnect one first.")
