"""The secret of the second factor at rest."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import SecondFactor
from accounts.services import second_factor
from core.lib.sealing import CannotOpen, key_id, opened, seal
from tests.accounts.second_factor.phone import NOW, enrolled
from tests.make.accounts import a_user

pytestmark = pytest.mark.django_db


def test_a_sealed_secret_opens_where_it_belongs_and_nowhere_else():
    sealed = seal("JBSWY3DP", purpose="p", belongs_to="row 1")
    assert "JBSWY3DP" not in sealed
    assert opened(sealed, purpose="p", belongs_to="row 1") == "JBSWY3DP"
    for purpose, row in (("p", "row 2"), ("q", "row 1")):
        with pytest.raises(CannotOpen):
            opened(sealed, purpose=purpose, belongs_to=row)


def test_the_same_secret_is_sealed_differently_each_time():
    assert len({seal("x", purpose="p", belongs_to="r") for _ in range(5)}) == 5


def test_a_key_that_was_replaced_still_opens_and_a_foreign_one_does_not(settings):
    old, new = "o" * 43, "n" * 43
    settings.CREDENTIALS_KEYS = [old]
    sealed = seal("x", purpose="p", belongs_to="r")
    settings.CREDENTIALS_KEYS = [new, old]
    assert opened(sealed, purpose="p", belongs_to="r") == "x"
    assert seal("x", purpose="p", belongs_to="r").startswith(key_id(new))
    settings.CREDENTIALS_KEYS = [new]
    with pytest.raises(CannotOpen):
        opened(sealed, purpose="p", belongs_to="r")


def test_a_stored_secret_is_sealed_and_does_not_open_in_another_users_row():
    alice, bob = a_user("alice"), a_user("bob")
    app, _ = enrolled(alice)
    row = SecondFactor.objects.get()
    assert app.secret not in row.sealed_secret
    SecondFactor.objects.create(user=bob, sealed_secret=row.sealed_secret, begun_at=NOW)
    with pytest.raises(CannotOpen):
        second_factor.begun(bob, NOW)


def test_a_key_that_opens_nothing_stored_stops_the_start(settings):
    enrolled(a_user("alice"))
    settings.CREDENTIALS_KEYS = ["another key that is as long as it should be"]
    with pytest.raises(CommandError, match="CREDENTIALS_KEY: what is stored was sealed with another key"):
        call_command("prepare")
