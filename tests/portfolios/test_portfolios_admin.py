"""The staff's view of portfolios: found by their owner, linked to him, and never edited."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.make.accounts import a_user
from tests.make.portfolios import a_portfolio, a_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sam(client: Client) -> None:
    client.force_login(a_user("sam"))


@pytest.mark.parametrize("model", ["portfolio", "transaction"])
def test_staff_find_what_somebody_owns_and_come_to_him(client: Client, model: str):
    alice = a_user("alice")
    a_transaction(a_portfolio(alice, name="Hers"))
    a_transaction(a_portfolio(a_user("bob"), name="His"))
    page = client.get(reverse(f"admin:portfolios_{model}_changelist"), {"q": "alice@example.com"})
    text = page.content.decode()
    assert "Hers" in text and "His" not in text
    assert reverse("admin:accounts_user_change", args=[alice.pk]) in text


@pytest.mark.parametrize("model", ["portfolio", "transaction"])
def test_staff_change_nothing(client: Client, model: str):
    row = a_transaction(a_portfolio(a_user("alice")))
    pk = row.pk if model == "transaction" else row.portfolio_id
    for deed, arguments in (("add", []), ("delete", [pk])):
        assert client.get(reverse(f"admin:portfolios_{model}_{deed}", args=arguments)).status_code == 403
    assert client.post(reverse(f"admin:portfolios_{model}_change", args=[pk]), {}).status_code == 403
