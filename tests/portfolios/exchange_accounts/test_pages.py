"""The pages of exchange accounts work without script, and show nothing of keys."""

from decimal import Decimal

import pytest
from django.urls import reverse

from portfolios.exchanges.records import Balance, Rights, Verdict
from portfolios.models import Connection, SyncCursor, Transaction
from portfolios.services.syncing import sync_due
from tests.make.accounts import a_user
from tests.make.exchanges import KEYS, NOW, a_bare_connection, a_connection, a_trade
from tests.make.portfolios import a_portfolio

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client):
    user = a_user("alice")
    client.force_login(user)
    return user


def shown(client, name, *args):
    reply = client.get(reverse(name, args=args))
    assert reply.status_code == 200
    return reply.content.decode()


def given(client, exchange="kraken", follow=True, **said):
    body = {"key": KEYS.key, "secret": KEYS.secret, "name": "Savings", **said}
    return client.post(reverse("exchange-new", args=[exchange]), body, follow=follow)


def test_an_empty_page_shows_the_exchanges(client, alice):
    page = shown(client, "exchanges")
    assert "No account connected" in page
    for title in ("Binance", "Coinbase", "Kraken", "KuCoin"):
        assert title in page


def test_the_dialogue_asks_for_what_the_exchange_needs_alone(client, alice):
    assert "passphrase" not in shown(client, "exchange-new", "kraken")
    assert 'name="passphrase"' in shown(client, "exchange-new", "kucoin")
    assert client.get(reverse("exchange-new", args=["mtgox"])).status_code == 404


def test_keys_are_tried_and_nothing_is_kept(client, alice, exchange):
    exchange.balances = [Balance("SOL", Decimal(1))]
    page = given(client, do="test").content.decode()
    assert "They work, and can only read" in page and "1 token" in page
    assert KEYS.key not in page and KEYS.secret not in page
    assert not Connection.objects.exists()


def test_the_result_of_a_test_comes_alone_where_htmx_asks(client, alice, exchange):
    body = {"key": KEYS.key, "secret": KEYS.secret, "name": "x", "do": "test"}
    path = reverse("exchange-new", args=["kraken"])
    page = client.post(path, body, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<div class="stack stack--small" id="tested"') and "<form" not in page


def test_an_account_is_connected(client, alice, exchange):
    exchange.trades = [a_trade()]
    page = given(client, do="connect").content.decode()
    assert "is connected" in page and "Savings" in page
    sync_due()
    page = shown(client, "exchange", Connection.objects.get().id)
    assert "Up to date" in page and "History complete" in page and "1 new of 1 rows" in page
    assert KEYS.key not in page


def test_a_first_reading_is_watched_until_it_ends(client, alice, exchange):
    exchange.trades = [a_trade(number) for number in range(3)]
    exchange.page_size = 2
    connection = a_connection(alice)
    assert "Waits for its turn" in shown(client, "exchange", connection.id)
    pages = []
    exchange.fails = lambda call: pages.append(asked_again(client, connection)) if call == "trades" else None
    sync_due()
    first, second = (page.content.decode() for page in pages)
    assert "Trades are read: 0 transactions so far" in first and "<main" not in first
    assert "Trades are read: 2 transactions so far" in second
    assert asked_again(client, connection)["HX-Refresh"] == "true"
    assert "transactions so far" not in shown(client, "exchange", connection.id)


def test_a_complete_history_says_what_is_not_in_it(client, alice):
    connection = a_bare_connection(alice, exchange="kucoin", last_sync_at=NOW)
    for kind in SyncCursor.Kind:
        connection.cursors.create(kind=kind, reached=NOW, looked_at=NOW)
    page = shown(client, "exchange", connection.id)
    assert "History complete, as far as KuCoin tells it" in page
    assert "What KuCoin does not tell" not in page  # nothing that has to be opened
    assert "high-frequency trading apart; those are not read" in page


def asked_again(client, connection):
    return client.get(reverse("exchange", args=[connection.id]), headers={"HX-Request": "true"})


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        (Rights(Verdict.CAN_DO_MORE, ("trade",)), "can do more than read"),
        (Rights(Verdict.UNKNOWN), "does not say whether these keys can only read"),
    ],
)
def test_keys_that_are_refused_say_why(client, alice, exchange, rights, words):
    exchange.rights = rights
    page = given(client, do="connect").content.decode()
    assert words in page and KEYS.key not in page and KEYS.secret not in page
    assert not Connection.objects.exists()


def test_confirming_connects_where_the_exchange_cannot_say(client, alice, exchange):
    exchange.rights = Rights(Verdict.UNKNOWN)
    given(client, do="connect", confirm_read_only="on")
    assert Connection.objects.count() == 1


def test_a_full_plan_says_so(client, alice):
    a_bare_connection(alice)
    page = shown(client, "exchanges")
    assert "all in use" in page and "1 of 1 connection" in page


def test_a_connection_that_needs_its_owner_offers_new_keys(client, alice, exchange):
    connection = a_connection(alice)
    Connection.objects.update(state="needs_attention", last_error="Kraken refused these keys.")
    for page in (shown(client, "exchanges"), shown(client, "exchange", connection.id)):
        assert "Needs you" in page and "Kraken refused these keys." in page
    path = reverse("exchange-keys", args=[connection.id])
    page = client.post(path, {"key": KEYS.key, "secret": KEYS.secret, "do": "connect"}, follow=True)
    assert "has new keys" in page.content.decode()
    assert Connection.objects.get().state == "active"


def act(client, connection, **said):
    return client.post(reverse("exchange-act", args=[connection.id]), said, follow=True).content.decode()


def test_it_is_read_now(client, alice, exchange):
    connection = a_connection(alice)
    assert "is being read" in act(client, connection, do="sync")
    connection.refresh_from_db()
    assert connection.asked_at is not None
    assert "1 being read" in client.post(reverse("exchanges-sync"), follow=True).content.decode()


def test_disconnecting_is_confirmed(client, alice, exchange):
    exchange.trades = [a_trade()]
    connection = a_connection(alice)
    sync_due()
    assert "Tick that you are sure" in act(client, connection, do="disconnect")
    assert Connection.objects.exists()
    page = act(client, connection, do="disconnect", sure="yes", rows="delete")
    assert "its keys are gone. 1 transactions went with it." in page
    assert not Connection.objects.exists() and not Transaction.objects.exists()


def test_balances_that_differ_are_shown(client, alice, exchange):
    exchange.balances = [Balance("SOL", Decimal(7))]
    connection = a_connection(alice)
    for _ in range(2):
        sync_due()
        Connection.objects.update(due_at=connection.created_at)
    page = shown(client, "exchange", connection.id)
    assert "Balances that differ" in page and "1 balance differs" in page


def test_anothers_are_not_there(client, alice):
    bobs = a_bare_connection(a_user("bob"))
    for name in ("exchange", "exchange-keys"):
        assert client.get(reverse(name, args=[bobs.id])).status_code == 404
    assert client.post(reverse("exchange-act", args=[bobs.id]), {"do": "sync"}).status_code == 404
    a_portfolio(alice)
    assert bobs.name not in shown(client, "exchanges")


def test_strangers_sign_in_first(client):
    assert client.get(reverse("exchanges")).status_code == 302
