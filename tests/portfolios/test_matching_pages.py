"""The other end of a transfer, on its page and over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from portfolios.models import Portfolio, Transaction
from tests.contract.openapi import JSON
from tests.make.accounts import a_user, bearer
from tests.make.markets import a_token
from tests.make.portfolios import DAY, a_portfolio, a_transaction
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def hot(client: Client) -> Portfolio:
    a_token("SOL", "solana")
    user = a_user()
    client.force_login(user)
    return a_portfolio(user)


@pytest.fixture
def out(hot: Portfolio) -> Transaction:
    return a_transaction(hot, kind="transfer_out")


@pytest.fixture
def come(hot: Portfolio) -> Transaction:
    cold = a_portfolio(hot.owner, name="Cold")
    return a_transaction(cold, kind="transfer_in", quantity=9, executed_at=DAY + timedelta(minutes=4))


def page_of(row: Transaction) -> str:
    return f"/portfolios/{row.portfolio_id}/transactions/{row.id}/match"


def call(client: Client, method: str, row: Transaction, body: Any = None) -> tuple[int, Any]:
    who = bearer(row.portfolio.owner)
    reply = getattr(client, method)(f"/api/v1{page_of(row)}", body, content_type=JSON, headers=who)
    said = reply.json() if reply.content else {}
    return reply.status_code, said.get("data", said.get("error"))


def test_a_transfer_is_matched_and_parted_on_its_page(client: Client, visit: Visit, out, come):  # noqa: F811
    assert "9 SOL arrived in Cold" in visit(page_of(out)).text
    client.post(page_of(out), {"with": str(come.id)})
    out.refresh_from_db()
    assert out.pair == come
    assert "Part them" in visit(page_of(come)).text
    client.post(page_of(come), {"do": "part"})
    out.refresh_from_db()
    assert out.pair is None


def test_what_cannot_be_matched_is_said_on_the_page(client: Client, out):
    for chosen in ("", str(out.id)):
        reply = client.post(page_of(out), {"with": chosen}, follow=True)
        assert reply.status_code == 200
        assert "messages" in reply.context


def test_only_transfers_have_another_end(client: Client, hot: Portfolio):
    assert client.get(page_of(a_transaction(hot))).status_code == 404


def test_a_transfer_is_matched_and_parted_over_the_api(client: Client, out, come):
    status, said = call(client, "get", out)
    assert (status, said["pair"]) == (200, None)
    assert [(one["transaction"]["id"], one["lost"], one["seconds_apart"]) for one in said["candidates"]] == [
        (str(come.id), "1", 240.0)
    ]
    status, said = call(client, "post", come, {"transaction_id": str(out.id)})
    assert (status, said["pair"]["id"], said["candidates"]) == (200, str(out.id), [])
    assert [call(client, "delete", out)[0] for _ in range(2)] == [204, 204]
    assert not Transaction.objects.exclude(pair=None).exists()


def test_a_strangers_end_is_not_there(client: Client, out):
    theirs = a_transaction(a_portfolio(a_user("bob")), kind="transfer_in")
    assert call(client, "post", out, {"transaction_id": str(theirs.id)})[0] == 404
