"""The own profile on the site."""

import pytest

from tests.make.accounts import a_user

pytestmark = pytest.mark.django_db


def test_the_owner_changes_the_name_others_see(client):
    alice = a_user("alice", email_verified=False)
    client.force_login(alice)
    page = client.get("/account").content.decode()
    assert 'value="alice"' in page and "not confirmed yet" in page and "plan free" in page
    assert client.post("/account", {"username": "Zoë9"})["Location"] == "/account"
    alice.refresh_from_db()
    assert alice.username == "Zoë9"
    client.post("/account", {"username": ""})
    alice.refresh_from_db()
    assert alice.username is None


@pytest.mark.parametrize(
    ("username", "said"), [("BOB", "This username is taken."), ("a b", "Write 3 to 50 letters and digits.")]
)
def test_a_name_that_cannot_be_is_refused(client, username, said):
    alice = a_user("alice")
    a_user("bob")
    client.force_login(alice)
    assert said in client.post("/account", {"username": username}).content.decode()
    alice.refresh_from_db()
    assert alice.username == "alice"


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get("/account")["Location"] == "/sign-in?next=/account"
