"""The staff's view of portfolios: found by their owner, linked to him, and never edited."""

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from portfolios.models import ImportBatch, Transaction
from tests.make.accounts import a_user
from tests.make.imports import a_begun_import, a_checked_import
from tests.make.portfolios import a_portfolio, a_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sam(client: Client) -> None:
    client.force_login(a_user("sam"))


MODELS = ["portfolio", "transaction", "importbatch"]


@pytest.mark.parametrize("model", MODELS)
def test_staff_find_what_somebody_owns_and_come_to_him(client: Client, model: str):
    alice = a_user("alice")
    for portfolio in (a_portfolio(alice, name="Hers"), a_portfolio(a_user("bob"), name="His")):
        a_transaction(portfolio)
        a_checked_import(portfolio)
    page = client.get(reverse(f"admin:portfolios_{model}_changelist"), {"q": "alice@example.com"})
    text = page.content.decode()
    assert "Hers" in text and "His" not in text
    assert reverse("admin:accounts_user_change", args=[alice.pk]) in text


@pytest.mark.parametrize("model", MODELS)
def test_staff_change_nothing(client: Client, model: str):
    row = a_transaction(a_portfolio(a_user("alice")))
    batch = a_checked_import(row.portfolio)
    pk = {"transaction": row.pk, "portfolio": row.portfolio_id, "importbatch": batch.pk}[model]
    for deed, arguments in (("add", []), ("delete", [pk])):
        assert client.get(reverse(f"admin:portfolios_{model}_{deed}", args=arguments)).status_code == 403
    assert client.post(reverse(f"admin:portfolios_{model}_change", args=[pk]), {}).status_code == 403


def test_staff_see_how_far_an_import_came_and_nothing_of_its_rows(client: Client):
    bad = "2026-13-01,1,SECRETCOIN,2,SOL\n"
    text = (
        "Date,Sent Amount,Sent Currency,Received Amount,Received Currency\n2026-01-05,3,USD,77.125,HUSHCOIN\n"
        + bad
    )
    batch = a_begun_import(a_portfolio(a_user("alice")), text)
    batch.run.progress = 0.42
    batch.run.save()
    pages = [
        client.get(reverse("admin:portfolios_importbatch_changelist")).content.decode(),
        client.get(reverse("admin:portfolios_importbatch_change", args=[batch.pk])).content.decode(),
    ]
    assert "42%" in pages[0] and "koinly" in pages[0] and "Being imported" in pages[0]
    for page in pages:
        assert "alice@example.com" in page
        assert not any(word in page for word in ("77.125", "HUSHCOIN", "SECRETCOIN", "Sent Amount"))


def test_the_list_of_imports_asks_as_much_for_many_as_for_one(client: Client, django_assert_max_num_queries):
    portfolio = a_portfolio(a_user("alice"))
    for _ in range(4):
        a_checked_import(portfolio)
    with django_assert_max_num_queries(12):
        client.get(reverse("admin:portfolios_importbatch_changelist"))
    rows = site.get_model_admin(ImportBatch).get_queryset(RequestFactory().get("/"))
    assert "content" in rows.first().get_deferred_fields()


def test_the_newest_transactions_are_found_by_an_index():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which reads a small table from end to end, and sorts it
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
    (order,) = site.get_model_admin(Transaction).ordering
    assert "transactions_by_change" in Transaction.objects.order_by(order)[:100].explain()
