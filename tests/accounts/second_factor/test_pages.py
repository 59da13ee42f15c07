"""The second factor on the site."""

from datetime import timedelta

import pyotp
import pytest

from core.lib.clock import wall_now
from tests.accounts.second_factor.phone import NOW, enrolled
from tests.make.accounts import PASSWORD, a_user

pytestmark = pytest.mark.django_db


def test_the_pages_take_one_from_off_to_on_to_off(client):
    client.force_login(a_user("alice"))
    path = "/account/second-factor"
    assert "Set it up" in client.get(path).content.decode()
    assert "This is not your password." in client.post(path, {"password": "wrong"}).content.decode()
    client.post(path, {"password": PASSWORD})
    page = client.get(path).content.decode()
    app = pyotp.TOTP(page.partition("<code>")[2].partition("</code>")[0].replace(" ", ""))
    assert f"secret={app.secret}" in page
    assert "<svg" in page and "QR code for your app" in page
    assert "This code is wrong" in client.post(path, {"code": "000000"}).content.decode()
    codes = client.post(path, {"code": app.at(wall_now() - timedelta(seconds=30))}).content.decode()
    assert codes.count("<li><code>") == 10
    on = client.get(path).content.decode()
    assert "10 recovery codes left" in on and app.secret not in on
    client.post(path, {"password": PASSWORD, "code": app.at(wall_now())})
    assert "Set it up" in client.get(path).content.decode()


def test_signing_in_on_the_site_takes_the_code(client):
    app, _ = enrolled(a_user("alice"), NOW - timedelta(minutes=2))
    said = {"email": "alice@example.com", "password": PASSWORD}
    page = client.post("/sign-in", said).content.decode()
    assert page.count("Write the six digits of your app") == 1
    assert client.post("/sign-in", {**said, "code": app.at(wall_now())})["Location"] == "/"
