"""Fresh recovery codes, for who used or lost the first."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry, Mail, RecoveryCode
from accounts.services import second_factor
from core.lib.clock import wall_now
from core.lib.errors import BadInput, Conflict, NotSignedIn
from tests.accounts.second_factor.phone import NOW, enrolled, later, logged_in
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for

pytestmark = pytest.mark.django_db


def test_fresh_codes_take_the_place_of_the_old():
    alice = a_user("alice")
    app, old = enrolled(alice)
    new = second_factor.renew_recovery_codes(
        user_id=alice.id, password=PASSWORD, code=app.at(later(3)), now=later(3)
    )
    assert len(set(new)) == 10 and not set(new) & set(old)
    assert logged_in(new[0]) == alice
    with pytest.raises(NotSignedIn):
        logged_in(old[0])


def test_one_of_the_old_codes_will_do_for_who_lost_the_phone():
    alice = a_user("alice")
    _, old = enrolled(alice)
    new = second_factor.renew_recovery_codes(user_id=alice.id, password=PASSWORD, code=old[3], now=NOW)
    assert second_factor.recovery_codes_left(alice) == len(new) == 10


@pytest.mark.parametrize(
    ("password", "code", "field"), [("not this one", "", "password"), (PASSWORD, "000000", "code")]
)
def test_they_need_password_and_code(password, code, field):
    alice = a_user("alice")
    app, _ = enrolled(alice)
    before = set(RecoveryCode.objects.values_list("digest", flat=True))
    with pytest.raises(BadInput) as refusal:
        second_factor.renew_recovery_codes(
            user_id=alice.id, password=password, code=code or app.at(later(3)), now=later(3)
        )
    assert refusal.value.details[0].field == field
    assert set(RecoveryCode.objects.values_list("digest", flat=True)) == before


def test_who_has_no_second_factor_has_no_codes():
    alice = a_user("alice")
    with pytest.raises(Conflict):
        second_factor.renew_recovery_codes(user_id=alice.id, password=PASSWORD, code="1", now=NOW)
    assert not RecoveryCode.objects.exists()


def test_other_sessions_end_and_the_owner_hears_of_it():
    alice = a_user("alice")
    app, _ = enrolled(alice)
    tokens_for(alice), tokens_for(alice)
    keep = alice.sessions.first()
    Mail.objects.all().delete()
    second_factor.renew_recovery_codes(
        user_id=alice.id, password=PASSWORD, code=app.at(later(3)), now=later(3), keep=keep.id
    )
    assert list(alice.sessions.filter(ended_at=None)) == [keep]
    assert [mail.kind for mail in Mail.objects.all()] == ["recovery_codes_renewed"]
    assert AuditEntry.objects.filter(account_id=alice.id, action="recovery_codes_renewed").count() == 1


def test_the_call_gives_them_once(post):
    alice = a_user("alice")
    _, old = enrolled(alice)
    reply = post("totp/recovery-codes", {"password": PASSWORD, "code": old[0]}, headers=bearer(alice))
    assert len(reply.json()["data"]["recovery_codes"]) == 10
    assert reply["Cache-Control"] == "no-store"
    assert post("totp/recovery-codes", {"password": PASSWORD, "code": old[1]}).status_code == 401


def test_the_page_gives_them_once(client):
    alice = a_user("alice")
    app, _ = enrolled(alice, NOW - timedelta(minutes=2))
    client.force_login(alice)
    path = "/account/second-factor/recovery-codes"
    assert path in client.get("/account/second-factor").content.decode()
    assert "10 recovery codes left" in client.get(path).content.decode()
    assert (
        "This code is wrong" in client.post(path, {"password": PASSWORD, "code": "000000"}).content.decode()
    )
    page = client.post(path, {"password": PASSWORD, "code": app.at(wall_now())}).content.decode()
    assert page.count("<li><code>") == 10


def test_without_a_second_factor_the_page_leads_to_setting_it_up(client):
    client.force_login(a_user("alice"))
    assert client.get("/account/second-factor/recovery-codes")["Location"] == "/account/second-factor"
