"""Accounts are connected by keys that only read, and let go with nothing left of them."""

from decimal import Decimal

import pytest

from accounts.models import AuditEntry
from core.models import JobRun
from portfolios.exchanges.base import Credentials
from portfolios.exchanges.errors import ExchangeAway
from portfolios.exchanges.records import Balance, Rights, Verdict
from portfolios.models import Connection, Holding, Transaction
from portfolios.services.connecting.leaving import disconnect
from portfolios.services.reaching import credentials_of
from portfolios.services.sealed import KEY, SECRET
from portfolios.services.syncing import sync_due
from portfolios.services.syncing.leasing import take
from portfolios.services.syncing.working import synchronise
from tests.make.accounts import a_user, bearer
from tests.make.exchanges import KEYS, NOW, a_bare_connection, a_connection, a_trade
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio

pytestmark = pytest.mark.django_db
BODY = {"exchange": "kraken", "key": KEYS.key, "secret": KEYS.secret}


@pytest.fixture
def alice():
    return a_user("alice")


@pytest.fixture
def post(client, alice):
    def sent(path, body=None, who=alice, **headers):
        all_headers = {**bearer(who), **headers}
        return client.post(
            f"/api/v1/exchanges/{path}", body or {}, content_type="application/json", headers=all_headers
        )

    return sent


def faults(reply):
    assert reply.status_code == 400, reply.content
    return {one["field"]: one["message"] for one in reply.json()["error"]["details"]}


def test_the_exchanges_say_what_they_need(client, alice):
    rows = client.get("/api/v1/exchanges/supported", headers=bearer(alice)).json()["data"]
    needs = {row["exchange"]: [field["name"] for field in row["fields"]] for row in rows}
    assert needs == {
        "binance": ["key", "secret"],
        "coinbase": ["key", "secret"],
        "kraken": ["key", "secret"],
        "kucoin": ["key", "secret", "passphrase"],
    }


def test_keys_are_tried_and_nothing_is_kept(post, exchange):
    exchange.balances = [Balance("SOL", Decimal(1)), Balance("BTC", Decimal(2))]
    told = post("test", BODY).json()["data"]
    assert (told["usable"], told["verdict"], told["assets"], told["reason"]) == (True, "read_only", 2, "")
    assert not Connection.objects.exists() and not AuditEntry.objects.filter(action="exchange_connected")


def test_wrong_keys_are_told_so(post, exchange):
    told = post("test", {**BODY, "key": "no-such-key-at-all"}).json()["data"]
    assert (told["usable"], told["reason"]) == (False, "The exchange knows no such key.")
    assert "no-such-key-at-all" not in str(told)


def test_an_account_is_connected_and_read_at_once(post, exchange, alice):
    a_token("SOL", coingecko_id="solana")
    exchange.trades = [a_trade()]
    reply = post("connect", {**BODY, "name": "Savings"})
    assert reply.status_code == 201
    shown = reply.json()["data"]
    assert (shown["name"], shown["state"], shown["completeness"]) == ("Savings", "active", "unknown")
    assert sync_due() == 1
    assert Holding.objects.get(portfolio__owner=alice).asset == "solana"
    entry = AuditEntry.objects.get(action="exchange_connected")
    assert (entry.account_id, entry.object_id, entry.detail) == (alice.id, shown["id"], "Kraken")


@pytest.mark.parametrize("path", ["test", "connect"])
def test_nothing_of_the_keys_comes_back(post, exchange, path):
    text = post(path, BODY).content.decode()
    assert KEYS.key not in text and KEYS.secret not in text


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        (Rights(Verdict.CAN_DO_MORE, ("withdraw-funds",)), "can do more than read (withdraw-funds)"),
        (Rights(Verdict.READ_ONLY, (), ("ledger",)), "may not read all that is needed (ledger)"),
    ],
    ids=["more", "less"],
)
def test_keys_that_do_more_or_less_than_read_are_refused(post, exchange, rights, words):
    exchange.rights = rights
    assert words in faults(post("connect", {**BODY, "confirm_read_only": True}))["key"]
    told = post("test", BODY).json()["data"]
    assert not told["usable"] and words in told["reason"]
    assert not Connection.objects.exists()


def test_where_the_exchange_cannot_say_its_owner_does(post, exchange):
    exchange.rights = Rights(Verdict.UNKNOWN)
    assert set(faults(post("connect", BODY))) == {"confirm_read_only"}
    assert post("test", BODY).json()["data"]["must_confirm"] is True
    assert post("connect", {**BODY, "confirm_read_only": True}).status_code == 201
    assert Connection.objects.get().rights_confirmed_at is not None
    assert sync_due() == 1 and Connection.objects.get().state == "active"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"exchange": "mtgox"}, "exchange"),
        ({"key": "a\nb"}, "key"),
        ({"key": ""}, "key"),
        ({"secret": None}, "secret"),
        ({"passphrase": "kraken has none"}, "passphrase"),
        ({"exchange": "kucoin"}, "passphrase"),
        ({"portfolio_id": "mine"}, "portfolio_id"),
        ({"confirm_read_only": "perhaps"}, "confirm_read_only"),
    ],
)
def test_what_cannot_be_is_refused_without_being_repeated(post, exchange, body, field):
    reply = post("connect", {**BODY, **body})
    assert field in faults(reply)
    assert KEYS.secret not in reply.content.decode()
    assert exchange.calls == []


def test_an_exchange_that_is_away_is_told_so(post, exchange):
    exchange.fails = lambda call: ExchangeAway("Kraken did not answer in time.", exchange="kraken")
    reply = post("connect", BODY)
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "SOURCE_UNAVAILABLE")
    assert not Connection.objects.exists()


def test_a_key_is_connected_once(post, exchange):
    assert post("connect", BODY).status_code == 201
    assert post("connect", BODY).status_code == 409


def test_a_repeat_under_a_key_connects_once_and_asks_nobody_again(post, exchange):
    first = post("connect", BODY, **{"Idempotency-Key": "one"})
    calls = len(exchange.calls)
    again = post("connect", BODY, **{"Idempotency-Key": "one"})
    assert (again.status_code, again.content) == (201, first.content)
    assert len(exchange.calls) == calls


def test_a_refused_connection_frees_its_key(post, exchange):
    exchange.rights = Rights(Verdict.CAN_DO_MORE)
    assert post("connect", BODY, **{"Idempotency-Key": "one"}).status_code == 400
    exchange.rights = Rights(Verdict.READ_ONLY)
    assert post("connect", BODY, **{"Idempotency-Key": "one"}).status_code == 201


def test_a_plan_has_so_many_connections(post, exchange, alice):
    a_bare_connection(alice)
    reply = post("connect", BODY)
    assert reply.status_code == 409 and "one connection" in reply.json()["error"]["message"]
    bob = a_user("bob", plan="pro")
    for number in range(9):
        a_bare_connection(bob, key_digest=str(number))
    assert post("connect", BODY, who=bob).status_code == 201
    exchange.good_keys = Credentials("yet-another-key", "s")
    assert post("connect", {**BODY, "key": "yet-another-key"}, who=bob).status_code == 409


def test_who_has_no_portfolio_gets_one_and_another_chooses(post, exchange, alice):
    post("connect", BODY)
    assert alice.portfolios.get().is_default
    other = a_portfolio(a_user("bob"))
    assert post("connect", {**BODY, "portfolio_id": str(other.id)}).status_code == 404


def test_who_tries_many_keys_waits(post, exchange, settings):
    settings.RATE_LIMIT_MAX = 1000
    replies = [post("test", BODY).status_code for _ in range(31)]
    assert replies == [200] * 30 + [429]


def test_the_keys_lie_sealed_and_open_nowhere_else(alice, exchange):
    connection = a_connection(alice)
    stored = str(Connection.objects.filter(id=connection.id).values().get())
    assert KEYS.key not in stored and KEYS.secret not in stored
    assert credentials_of(Connection.objects.get()) == KEYS
    assert KEYS.key not in repr(credentials_of(connection)) and KEYS.key not in repr(connection)
    other = Connection(id=a_bare_connection(a_user("bob")).id, owner_id=a_user("carol").id)
    other.sealed_key, other.sealed_secret = connection.sealed_key, connection.sealed_secret
    for column in (KEY, SECRET):
        with pytest.raises(Exception, match="belongs to another row"):
            column.get(other)


@pytest.mark.parametrize(("query", "left"), [("", 1), ("?with_transactions=true", 0)])
def test_disconnecting_takes_the_keys_and_what_came_if_wanted(client, alice, exchange, query, left):
    exchange.trades = [a_trade()]
    connection = a_connection(alice)
    sync_due()
    path = f"/api/v1/exchanges/connections/{connection.id}{query}"
    assert client.delete(path, headers=bearer(alice)).status_code == 204
    assert not Connection.objects.exists()
    assert Transaction.objects.count() == Holding.objects.filter(quantity__gt=0).count() == left
    assert AuditEntry.objects.get(action="exchange_disconnected").account_id == alice.id


def test_what_stayed_is_not_booked_again_when_it_is_connected_again(alice, exchange):
    exchange.trades = [a_trade()]
    connection = a_connection(alice)
    sync_due()
    disconnect(owner_id=alice.id, connection_id=connection.id, with_rows=False, now=NOW)
    again = a_connection(alice)
    sync_due()
    assert Transaction.objects.count() == 1
    assert disconnect(owner_id=alice.id, connection_id=again.id, with_rows=True, now=NOW) == 1


def test_a_worker_that_reads_finds_the_connection_gone(alice, exchange):
    exchange.trades = [a_trade()]
    connection = a_connection(alice)
    held = take(connection.id, NOW)
    exchange.fails = lambda call: Connection.objects.all().delete() and None if call == "trades" else None
    synchronise(held, clock=lambda: NOW)
    assert not Transaction.objects.exists()


def test_sync_now_is_a_job_that_its_owner_watches(client, post, alice, exchange):
    connection = a_connection(alice)
    reply = post(f"connections/{connection.id}/sync")
    assert reply.status_code == 202
    job = f"/api/v1/jobs/{reply.json()['data']['job_id']}"
    assert client.get(job, headers=bearer(alice)).json()["data"]["state"] == "running"
    assert client.get(job, headers=bearer(a_user("bob"))).status_code == 404
    sync_due()
    assert client.get(job, headers=bearer(alice)).json()["data"]["state"] == "done"
    assert post("sync-all").json()["data"]["job_ids"] == [JobRun.objects.latest("id").pk]


def test_what_needs_keys_is_not_synchronised(post, alice):
    connection = a_bare_connection(alice, state="needs_attention")
    assert post(f"connections/{connection.id}/sync").status_code == 409
    assert post("sync-all").json()["data"]["job_ids"] == []


def test_new_keys_take_the_place_of_the_old(post, alice, exchange):
    connection = a_connection(alice)
    Connection.objects.update(state="needs_attention", last_error="Refused.")
    exchange.good_keys = Credentials("another-key-0123456789", "another-secret")
    body = {**BODY, "key": exchange.good_keys.key, "connection_id": str(connection.id)}
    shown = post("connect", body).json()["data"]
    assert (shown["id"], shown["state"], shown["last_error"]) == (str(connection.id), "active", "")
    assert AuditEntry.objects.filter(action="exchange_keys", object_id=str(connection.id)).exists()
    bob = a_user("bob")
    assert post("connect", body, who=bob).status_code == 404


def test_the_list_says_how_each_is(client, alice, exchange):
    a_connection(alice)
    sync_due()
    reply = client.get("/api/v1/exchanges/connections", headers=bearer(alice))
    (row,) = reply.json()["data"]
    assert (row["completeness"], row["is_stale"], row["differences"]) == ("complete", False, 0)
    assert {one["kind"] for one in row["history"]} == {"trades", "deposits", "withdrawals"}
    assert reply["Cache-Control"] == "no-store"
    assert client.get("/api/v1/exchanges/connections", headers=bearer(a_user("bob"))).json()["data"] == []


def test_a_stranger_gets_nothing(client):
    assert client.get("/api/v1/exchanges/connections").status_code == 401
