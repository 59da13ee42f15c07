"""A user's account at an exchange, opened for a while."""

import hashlib
from contextlib import AbstractContextManager

from django.conf import settings

from portfolios.exchanges.base import Credentials, Exchange
from portfolios.exchanges.registry import open_exchange
from portfolios.exchanges.transport import Timeouts
from portfolios.models import Connection
from portfolios.services.pacing import Turns
from portfolios.services.sealed import KEY, PASSPHRASE, SECRET

HURRIED = Timeouts(connect=2.0, read=4.0, total=5.0)


def reach(
    exchange: str, credentials: Credentials, turns: Turns, timeouts: Timeouts | None = None
) -> AbstractContextManager[Exchange]:
    """Raises ExchangeFailure, as every question to it does."""
    there = settings.EXCHANGE_URLS.get(exchange, "")
    return open_exchange(exchange, credentials, before_call=turns, base_url=there, timeouts=timeouts)


def credentials_of(connection: Connection) -> Credentials:
    """Opened for one use. Raises CannotOpen."""
    return Credentials(
        key=KEY.get(connection),
        secret=SECRET.get(connection),
        passphrase=PASSPHRASE.get(connection) if connection.sealed_passphrase else "",
    )


def seal_into(connection: Connection, credentials: Credentials) -> None:
    KEY.put(connection, credentials.key)
    SECRET.put(connection, credentials.secret)
    connection.sealed_passphrase = ""
    if credentials.passphrase:
        PASSPHRASE.put(connection, credentials.passphrase)
    connection.key_digest = digest_of(connection.exchange, credentials)


def digest_of(exchange: str, credentials: Credentials) -> str:
    """By which the same key is known again; keys are long and random, so nobody guesses them from it."""
    return hashlib.sha256(f"khalsi {exchange} {credentials.key}".encode(errors="replace")).hexdigest()


def account_name(digest: str) -> str:
    """What an account's own limits are counted by."""
    return digest[:24]
