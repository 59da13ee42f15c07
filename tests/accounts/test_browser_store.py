"""What a cookie says stands nowhere in the database, and opens its session all the same."""

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session

from accounts.services.browser_store import SessionStore
from tests.make.accounts import PASSWORD, a_user

pytestmark = pytest.mark.django_db


def test_the_key_of_a_cookie_is_not_in_the_table(client):
    a_user("alice")
    client.post("/sign-in", {"email": "alice@example.com", "password": PASSWORD})
    cookie = client.cookies["sessionid"].value
    row = Session.objects.get()
    assert cookie not in str(Session.objects.values_list())
    assert client.get("/account").status_code == 200
    client.cookies["sessionid"] = row.session_key
    assert client.get("/account").status_code == 302  # what a dump shows signs nobody in


def test_a_session_is_written_read_and_deleted():
    store = SessionStore()
    store["name"] = "value"
    store.save()
    key = store.session_key
    assert SessionStore(key)["name"] == "value" and SessionStore(key).exists(key)
    again = SessionStore(key)
    again["name"] = "other"
    again.save()
    assert (again.session_key, Session.objects.count()) == (key, 1)
    again.cycle_key()
    assert SessionStore(again.session_key)["name"] == "other"
    assert SessionStore(key).get("name") is None
    again.flush()
    assert Session.objects.count() == 0


def test_nobody_chooses_the_key_of_a_new_session():
    chosen = "chosenbyastranger0123456789abcdef"
    store = SessionStore(chosen)
    store["name"] = "value"
    store.save()
    assert store.session_key != chosen


@pytest.mark.django_db(transaction=True)
def test_the_same_holds_for_code_that_waits_in_a_loop():
    async def lived():
        store = SessionStore()
        await store.aset("name", "value")
        await store.asave()
        key = store.session_key
        assert await SessionStore(key).aget("name") == "value"
        assert await store.aexists(key)
        await store.adelete()
        return key

    key = async_to_sync(lived)()
    assert not SessionStore().exists(key)
