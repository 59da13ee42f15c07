"""Who asks for a reading is told how it went, whatever was under way."""

import pytest

from core.models import JobRun
from portfolios.exchanges.errors import ExchangeAway, LimitReached, WrongKeys
from portfolios.models import Connection
from portfolios.services.connecting.asking import ask_for_sync
from tests.make.exchanges import NOW, a_connection
from tests.portfolios.exchange_accounts.reading import MINUTE, sync, told

pytestmark = pytest.mark.django_db


def test_what_was_asked_for_tells_how_it_went(alice, exchange):
    connection = a_connection(alice)
    sync()
    run = ask_for_sync(owner_id=alice.id, connection_id=connection.id, now=NOW + MINUTE)
    assert ask_for_sync(owner_id=alice.id, connection_id=connection.id, now=NOW + MINUTE).pk == run.pk
    assert sync(NOW + MINUTE) == 1
    run.refresh_from_db()
    assert (run.state, run.progress, run.owner) == (JobRun.State.DONE, 1.0, alice.id)
    assert (told(connection).job_id, connection.asked_at) == (None, None)


def asked_during_a_reading(connection, exchange, failure=None):
    """The run that its owner asked for while a worker was reading already."""
    runs = []

    def ask(call):
        if call == "trades" and not runs:
            now = {"owner_id": connection.owner_id, "connection_id": connection.id, "now": NOW}
            runs.append(ask_for_sync(**now))
        return failure if call == "trades" else None

    exchange.fails = ask
    return runs


def test_what_is_asked_for_during_a_reading_is_read_after_it(alice, exchange):
    connection = a_connection(alice)
    runs = asked_during_a_reading(connection, exchange)
    assert sync() == 2
    runs[0].refresh_from_db()
    assert (runs[0].state, runs[0].detail) == (JobRun.State.DONE, "Kraken: up to date")
    assert (told(connection).job_id, connection.asked_at) == (None, None)
    assert connection.due_at == NOW + 5 * MINUTE


def test_who_waits_is_told_that_a_limit_is_waited_for(alice, exchange):
    connection = a_connection(alice)
    failure = LimitReached("Kraken takes no more; next try in 30 s.", exchange="kraken", retry_after=30)
    runs = asked_during_a_reading(connection, exchange, failure)
    sync()
    runs[0].refresh_from_db()
    assert (runs[0].state, runs[0].detail) == (JobRun.State.RUNNING, failure.message)


@pytest.mark.parametrize(
    ("failures", "failure"),
    [
        (0, WrongKeys("Kraken refused these keys.", exchange="kraken")),
        (3, ExchangeAway("Kraken answered 500.", exchange="kraken")),
    ],
)
def test_what_is_asked_for_during_a_reading_that_fails_for_good_is_told_so(
    alice, exchange, failures, failure
):
    connection = a_connection(alice)
    Connection.objects.update(failures=failures)
    runs = asked_during_a_reading(connection, exchange, failure)
    sync()
    runs[0].refresh_from_db()
    assert (runs[0].state, runs[0].detail) == (JobRun.State.FAILED, failure.message)
