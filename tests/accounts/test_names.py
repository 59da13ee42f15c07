"""What an e-mail address and a username may be, and when two are one."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import User
from accounts.models.names import normal_username, username_key, validate_address, validate_username


@pytest.mark.parametrize("name", ["bob", "Zoë7", "Иван", "東京2026東", "Ωλα", "bob東京", "a" * 50])
def test_letters_and_digits_of_any_script_make_a_username(name):
    validate_username(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "a" * 51,
        "al ice",
        "al-ice",
        "<b>",
        "ali\0ce",
        "ali\u202ece",
        "alice\n",
        "ﬁona",
        "ａlice",
        "аlice",
        "αlice",
        "Ꭺlice",
        "\ud800ab",
    ],
)
def test_anything_else_is_no_username(name):
    with pytest.raises(ValidationError):
        validate_username(name)


def test_a_username_is_stored_composed():
    assert normal_username("Zoe\u0308") == "Zoë"


@pytest.mark.parametrize(("one", "other"), [("Zoë", "ZOË"), ("Straße", "STRASSE"), ("Ωmega", "ωMEGA")])
def test_names_that_differ_in_case_alone_are_one(one, other):
    assert username_key(one) == username_key(other)


@pytest.mark.django_db
def test_the_database_refuses_a_second_user_of_a_name():
    User.objects.create_user("alice@example.com", None, username="Zoë")
    with pytest.raises(IntegrityError):
        User.objects.create_user("bob@example.com", None, username="ZOË")


@pytest.mark.django_db
def test_the_database_refuses_a_superuser_who_is_no_admin():
    user = User.objects.create_user("alice@example.com", None)
    with pytest.raises(IntegrityError):
        User.objects.filter(id=user.id).update(is_superuser=True)


@pytest.mark.parametrize(
    "address", ["аlice@example.com", "a@exämple.com", "alice", "a\n@example.com", "\0@a.io"]
)
def test_an_address_is_plain_ascii(address):
    with pytest.raises(ValidationError):
        validate_address(address)
