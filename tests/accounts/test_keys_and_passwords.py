"""What a new password does to API keys: a change leaves them unless it is asked to, a reset ends them."""

import pytest

from accounts.models import ApiKey, AuditEntry, Mail
from accounts.services.api_keys import make_api_key
from accounts.services.one_time_tokens import Purpose, issue
from accounts.services.passwords import change_password, reset_password
from core.lib.clock import wall_now
from core.lib.errors import BadInput
from tests.make.accounts import PASSWORD, a_user, bearer

pytestmark = pytest.mark.django_db
NEW = "quiet rivers bend twice"
NOW = wall_now()


def a_key(user, name="bot") -> dict[str, str]:
    """What a program sends."""
    _, key = make_api_key(user_id=user.id, name=name, scopes=["read"], now=NOW)
    return {"Authorization": f"Api-Key {key}"}


def works(client, headers) -> bool:
    return client.get("/api/v1/market/sources", headers=headers).status_code == 200


def test_a_change_leaves_programs_at_work_and_the_notice_counts_their_keys(client):
    alice = a_user("alice")
    headers = a_key(alice, name="visit evil.example")
    Mail.objects.all().delete()
    change_password(user_id=alice.id, current_password=PASSWORD, password=NEW, now=NOW)
    assert works(client, headers)
    said = Mail.objects.get().words["detail"]
    assert f"khalsi_{ApiKey.objects.get().prefix}…" in said
    assert "evil" not in said, "what a thief called his key is not told in our name"


def test_a_change_ends_the_keys_where_that_is_asked_for(client):
    alice, bob = a_user("alice"), a_user("bob")
    mine, others = [a_key(alice), a_key(alice)], a_key(bob)
    assert works(client, mine[0])
    body = {"current_password": PASSWORD, "password": NEW, "end_keys": True}
    reply = client.post(
        "/api/v1/auth/password/change", body, content_type="application/json", headers=bearer(alice)
    )
    assert reply.status_code == 204
    assert [works(client, one) for one in mine] == [False, False]
    assert works(client, others)
    told = AuditEntry.objects.filter(account_id=alice.id, action="api_key_revoked")
    assert {entry.object_id for entry in told} == {str(key.id) for key in alice.api_keys.all()}
    assert (
        Mail.objects.get(kind="password_changed").words["detail"] == "Your API keys (2) were revoked with it."
    )


def test_a_reset_ends_them(client):
    alice = a_user("alice")
    headers = a_key(alice)
    reset_password(token=issue(alice, Purpose.RESET, email=alice.email, now=NOW), password=NEW, now=NOW)
    assert not works(client, headers)


def test_a_password_that_is_refused_ends_none(client):
    alice = a_user("alice")
    headers = a_key(alice)
    with pytest.raises(BadInput):
        change_password(user_id=alice.id, current_password=PASSWORD, password="short", end_keys=True, now=NOW)
    assert works(client, headers)


def test_without_keys_the_notice_says_nothing_of_them():
    alice = a_user("alice")
    change_password(user_id=alice.id, current_password=PASSWORD, password=NEW, now=NOW)
    assert Mail.objects.get().words["detail"] == ""


@pytest.mark.parametrize("end_keys", ["yes", 1, None, []])
def test_whether_to_end_them_is_yes_or_no(client, end_keys):
    alice = a_user("alice")
    body = {"current_password": PASSWORD, "password": NEW, "end_keys": end_keys}
    reply = client.post(
        "/api/v1/auth/password/change", body, content_type="application/json", headers=bearer(alice)
    )
    assert reply.status_code == 400
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_page_lists_them_and_ends_them_if_asked(client):
    alice = a_user("alice")
    client.force_login(alice)
    assert "end_keys" not in client.get("/account/password").content.decode()
    headers = a_key(alice, name="<b>bot</b>")
    page = client.get("/account/password").content.decode()
    assert "&lt;b&gt;bot&lt;/b&gt;" in page and "Revoke my API keys, too (1)" in page
    client.post("/account/password", {"current_password": PASSWORD, "password": NEW, "end_keys": "on"})
    assert not works(client, headers)
    alice.refresh_from_db()
    assert alice.check_password(NEW)
