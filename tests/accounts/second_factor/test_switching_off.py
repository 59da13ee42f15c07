"""Switching it off, and the calls from off to on to off."""

from datetime import timedelta

import pyotp
import pytest

from accounts.models import Mail, RecoveryCode, SecondFactor
from accounts.services import second_factor
from core.lib.clock import wall_now
from core.lib.errors import BadInput, NotAllowed
from tests.accounts.second_factor.phone import enrolled, later, logged_in
from tests.make.accounts import PASSWORD, a_user, bearer

pytestmark = pytest.mark.django_db


def test_switching_it_off_needs_password_and_code():
    alice = a_user("alice")
    app, _ = enrolled(alice)
    for password, code in (("not this one", app.at(later(3))), (PASSWORD, "000000")):
        with pytest.raises(BadInput):
            second_factor.disable(user_id=alice.id, password=password, code=code, now=later(3))
    second_factor.disable(user_id=alice.id, password=PASSWORD, code=app.at(later(3)), now=later(3))
    assert logged_in("") == alice
    assert not SecondFactor.objects.exists() and not RecoveryCode.objects.exists()
    assert "second_factor_off" in [mail.kind for mail in Mail.objects.all()]


def test_staff_keep_theirs():
    sam = a_user("sam", second_factor_since=None)
    app, _ = enrolled(sam)
    with pytest.raises(NotAllowed):
        second_factor.disable(user_id=sam.id, password=PASSWORD, code=app.at(later(3)), now=later(3))


def test_the_calls_take_one_from_off_to_on_to_off(post):
    headers = bearer(a_user("alice"))
    data = post("totp/enable", {"password": PASSWORD}, headers=headers).json()["data"]
    assert set(data) == {"secret", "otpauth_uri"}
    app = pyotp.TOTP(data["secret"])
    code = app.at(wall_now() - timedelta(seconds=30))
    confirmed = post("totp/confirm", {"code": code}, headers=headers)
    assert len(confirmed.json()["data"]["recovery_codes"]) == 10
    assert confirmed["Cache-Control"] == "no-store"
    body = {"password": PASSWORD, "code": app.at(wall_now())}
    assert post("totp/disable", body, headers=headers).status_code == 204
    assert post("totp/confirm", {"code": code}, headers=headers).status_code == 409


@pytest.mark.parametrize("call", ["enable", "confirm", "disable"])
def test_a_stranger_switches_nothing(post, call):
    assert post(f"totp/{call}", {"password": PASSWORD, "code": "1"}).status_code == 401
