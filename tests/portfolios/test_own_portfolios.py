"""Portfolios of one's own: made, changed and deleted, over the API and on pages."""

import pytest
from django.test import Client

from accounts.models import User
from portfolios.models import Portfolio, Transaction
from tests.contract.openapi import JSON
from tests.make.accounts import a_user, bearer
from tests.make.portfolios import a_portfolio, a_transaction
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
LIST = "/api/v1/portfolios"


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user()
    client.force_login(user)
    return user


def send(client: Client, method: str, path: str, who: User, body: object = None) -> tuple[int, dict]:
    reply = getattr(client, method)(path, body, content_type=JSON, headers=bearer(who))
    return reply.status_code, reply.json() if reply.content else {}


def test_the_first_portfolio_is_the_default(client: Client, alice: User):
    made = [send(client, "post", LIST, alice, {"name": name})[1]["data"] for name in ("Main", "Play")]
    assert [(one["name"], one["method"], one["is_default"]) for one in made] == [
        ("Main", "fifo", True),
        ("Play", "fifo", False),
    ]


def test_a_free_plan_has_three_and_says_so(client: Client, alice: User):
    for name in "abc":
        a_portfolio(alice, name=name)
    status, said = send(client, "post", LIST, alice, {"name": "d"})
    assert (status, said["error"]["code"]) == (409, "CONFLICT")
    assert said["error"]["message"] == "Your plan has 3 portfolios, and you have them all. Delete one first."


def test_two_portfolios_of_one_owner_differ_in_name(client: Client, alice: User):
    a_portfolio(alice, name="Main")
    a_portfolio(a_user("bob"), name="Theirs")
    assert send(client, "post", LIST, alice, {"name": "Main"})[0] == 409
    assert send(client, "post", LIST, alice, {"name": "Theirs"})[0] == 201


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "a\nb"}, {"name": "a", "method": "cheapest"}])
def test_what_is_no_portfolio_is_refused(client: Client, alice: User, body: dict[str, str]):
    assert send(client, "post", LIST, alice, body)[0] == 400


def test_one_default_takes_the_place_of_another(client: Client, alice: User):
    first, second = a_portfolio(alice, is_default=True), a_portfolio(alice, name="Play")
    assert send(client, "patch", f"{LIST}/{second.id}", alice, {"is_default": True})[0] == 200
    assert send(client, "patch", f"{LIST}/{second.id}", alice, {"is_default": False})[0] == 400
    assert list(Portfolio.objects.filter(is_default=True)) == [second]
    assert first.owner == alice


def test_the_oldest_left_inherits_the_default(client: Client, alice: User):
    first, second = a_portfolio(alice, is_default=True), a_portfolio(alice, name="Play")
    a_transaction(first)
    assert send(client, "delete", f"{LIST}/{first.id}", alice)[0] == 204
    second.refresh_from_db()
    assert (second.is_default, Transaction.objects.count()) == (True, 0)


def test_what_moved_away_before_a_deletion_stands_alone(client: Client, alice: User):
    gone, kept = a_portfolio(alice, is_default=True), a_portfolio(alice, name="Play")
    out = a_transaction(gone, kind="transfer_out")
    into = a_transaction(kept, kind="transfer_in", pair=out)
    Transaction.objects.filter(pk=out.pk).update(pair=into)
    send(client, "delete", f"{LIST}/{gone.id}", alice)
    assert Transaction.objects.get().pair is None


def test_another_method_counts_anew(client: Client, alice: User):
    portfolio = a_portfolio(alice)
    said = send(client, "patch", f"{LIST}/{portfolio.id}", alice, {"method": "average"})[1]["data"]
    assert said["method"] == "average"
    portfolio.refresh_from_db()
    assert portfolio.revision == 1


def test_nobody_keeps_a_copy_of_what_is_owned(client: Client, alice: User):
    assert client.get(LIST, headers=bearer(alice))["Cache-Control"] == "no-store"
    a_portfolio(alice)
    assert "no-store" in client.get("/portfolios")["Cache-Control"]


def test_pages_of_portfolios_are_for_who_is_signed_in(client: Client):
    assert client.get("/portfolios")["Location"].startswith("/sign-in")


def test_who_has_none_is_told_how_to_begin(visit: Visit, alice: User):  # noqa: F811
    page = visit("/portfolios")
    assert [one.text for one in page.all("h3")] == ["By hand", "From a file", "From an exchange"]
    assert page.one("a", css="button--main").attributes["href"] == "/portfolios/new"


def test_a_portfolio_is_made_with_a_form(client: Client, alice: User):
    client.post("/portfolios/new", {"name": "Main", "method": "hifo", "note": ""})
    assert Portfolio.objects.get(owner=alice).method == "hifo"


def test_a_portfolio_is_renamed_on_its_page(client: Client, alice: User):
    portfolio = a_portfolio(alice)
    client.post(f"/portfolios/{portfolio.id}/settings", {"name": "Savings", "method": "fifo", "note": "x"})
    portfolio.refresh_from_db()
    assert (portfolio.name, portfolio.note) == ("Savings", "x")


@pytest.mark.parametrize(("typed", "left"), [("main", 1), ("Main", 0)])
def test_a_portfolio_is_deleted_only_by_its_name(client: Client, alice: User, typed: str, left: int):
    portfolio = a_portfolio(alice)
    client.post(f"/portfolios/{portfolio.id}/delete", {"delete-typed": typed})
    assert Portfolio.objects.count() == left


@pytest.mark.parametrize("path", ["settings", "default", "delete"])
def test_another_users_portfolio_is_not_there(client: Client, alice: User, path: str):
    theirs = a_portfolio(a_user("bob"))
    assert client.post(f"/portfolios/{theirs.id}/{path}", {"delete-typed": "Main"}).status_code == 404
    assert Portfolio.objects.get() == theirs
