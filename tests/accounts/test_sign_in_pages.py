"""Signing in and out on the site, as a browser does it."""

import pytest
from django.test import Client

from accounts.models import User
from tests.make.accounts import PASSWORD, a_user

pytestmark = pytest.mark.django_db
ALICE = {"email": "alice@example.com", "password": PASSWORD}


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_a_visitor_signs_in_and_out(client):
    a_user("alice")
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert 'type="password"' in page.content.decode()
    assert client.post("/sign-in", ALICE)["Location"] == "/"
    assert signed_in(client)
    assert client.post("/sign-out")["Location"] == "/"
    assert not signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(client):
    a_user("alice")
    pages = [
        client.post("/sign-in", {"email": email, "password": "not the right one"}).content.decode()
        for email in ("alice@example.com", "nobody@example.com")
    ]
    assert "The e-mail or the password is wrong." in pages[0]
    assert shown(pages[0]) == shown(pages[1]).replace("nobody@", "alice@")
    assert not signed_in(client)


def shown(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return "\n".join(line for line in main.splitlines() if "csrfmiddlewaretoken" not in line)


def test_the_password_is_never_shown_again(client):
    page = client.post("/sign-in", {"email": "alice@example.com", "password": "my secret words"})
    assert "my secret words" not in page.content.decode()


def test_a_visitor_comes_back_to_where_he_was_going(client):
    a_user("alice")
    assert (
        'name="next" value="/tokens/SOL?id=solana"'
        in client.get("/sign-in?next=/tokens/SOL%3Fid%3Dsolana").content.decode()
    )
    assert client.post("/sign-in", {**ALICE, "next": "/tokens/SOL"})["Location"] == "/tokens/SOL"


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\thttps://evil.example",
        "https://testserver@evil.example/",
    ],
)
def test_nobody_is_sent_to_another_site(client, next_):
    a_user("alice")
    assert "evil" not in client.get("/sign-in", {"next": next_}).content.decode()
    assert client.post("/sign-in", {**ALICE, "next": next_})["Location"] == "/"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/sign-out"])
def test_a_form_of_another_site_is_refused(path):
    a_user("alice")
    assert Client(enforce_csrf_checks=True).post(path, ALICE).status_code == 403


def test_signing_out_takes_a_form(client):
    client.force_login(a_user("alice"))
    assert client.get("/sign-out").status_code == 405
    assert signed_in(client)


def test_the_browser_session_gets_a_new_key(client):
    a_user("alice")
    session = client.session
    session["before"] = True
    session.save()
    client.post("/sign-in", ALICE)
    assert client.session.session_key != session.session_key


def test_a_disabled_user_stays_out(client):
    a_user("alice", is_active=False)
    assert "The e-mail or the password is wrong." in client.post("/sign-in", ALICE).content.decode()


def test_the_pages_are_not_kept(client):
    assert "no-store" in client.get("/sign-in")["Cache-Control"]


@pytest.mark.parametrize(
    "body", [{}, {"email": "a\0@b.c", "password": "x"}, {"email": "x" * 300, "password": "y" * 300}]
)
def test_nonsense_shows_the_form_again(client, body):
    for path in ("/sign-in", "/sign-up"):
        page = client.post(path, body)
        assert page.status_code == 200
        assert 'class="error ' in page.content.decode()


def test_a_newcomer_makes_an_account_and_is_in(client):
    assert client.post("/sign-up", {**ALICE, "username": "Alice"})["Location"] == "/"
    assert signed_in(client)
    assert User.objects.get().username == "Alice"


def test_a_username_may_be_left_empty(client):
    client.post("/sign-up", {**ALICE, "username": ""})
    assert User.objects.get().username is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "has an account already"),
        ({"email": "carol@example.com", "username": "ALICE"}, "username is taken"),
        ({"email": "carol@example.com", "password": "short"}, "at least 8"),
        ({"email": "carol"}, "Write an e-mail address such as"),
    ],
)
def test_a_sign_up_that_fails_says_why(client, changes, message):
    a_user("alice")
    page = client.post("/sign-up", {**ALICE, **changes})
    assert message in page.content.decode()
    assert User.objects.count() == 1
