"""Which passwords are good enough."""

import time

import pytest

from accounts.models import User
from accounts.services.common_passwords import _listed, is_common
from accounts.services.registration import check_password_rules
from core.lib.errors import BadInput

ALICE = User(email="alice.smith@example.com", username="wonder2026")


@pytest.mark.parametrize(
    "password",
    [
        "Xk7#mmqe",
        "seven green kettles sing",
        "k" * 3 + "вода и огонь",
        " twelve chars with spaces at the ends ",
        "alice likes to bake bread",
        "k7q" * 5 + "zw" * 50,
        "Password of my neighbour's cat",
        "monkey 8 17402 96333 51",
        "4 dragons ate my soup",
        "qwerty is no password",
        "correct horse battery staple, they say",
    ],
)
def test_long_or_varied_passwords_are_accepted(password):
    check_password_rules(password, ALICE)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "Xk7#mmq",
        "eleven char",
        "xk7#mmqe",
        "XK7#MMQE",
        "Xkz#mmqe",
        "Xk77mmqe",
        "q" * 129,
        "qwertyuiop123",
        "Khalsi2026!!",
        "alice.smith@example.com",
        "Alice.Smith!2026",
        "wonder2026wonder2026",
        "Kh4ls1-2026!!!",
        "4l1c3.5m1th!!!",
        "W0nder2026!!!!",
        "password1234",
        "P@ssw0rd2026!",
        "p4$$w0rd-p4$$w0rd",
        "!!Dr4gon2024!!",
        "passwordpassword",
        "Sunshine Sunshine",
        "１２３４５６７８９０１２",
        "p a s s w o r d 1",
        "abcdefghijklmnop",
        "zyxwvutsrqponml",
        "1qaz2wsx3edc",
        "qwertyuiop12345",
        "abc123def456ghi",
        "aaaaaaaaaaaa",
        "a1b2a1b2a1b2",
        "Ab1!Ab1!Ab1!",
        "1234567890abc",
        "111122223333",
    ],
)
def test_short_plain_common_or_own_passwords_are_refused(password):
    with pytest.raises(BadInput) as refusal:
        check_password_rules(password, ALICE)
    assert {detail.field for detail in refusal.value.details} == {"password"}
    assert not password or password not in str(refusal.value.details)


def test_the_shipped_list_is_there_and_whole():
    assert len(_listed()) > 19_000
    assert all(word == word.lower() for word in _listed())


def test_listed_passwords_are_refused_however_they_are_written():
    listed = [*[word for word in sorted(_listed()) if len(word) >= 6][::7], "blingbling", "3526535265"]
    dressed = (str.upper, str.title, lambda word: f"{word}1!", lambda word: word + word)
    assert [word for word in listed if not all(is_common(dress(word)) for dress in (str, *dressed))] == []


def test_it_is_asked_in_microseconds():
    """A generous bound: the point is that nothing reads the list, or walks through it, for each question."""
    is_common("warm")
    began = time.process_time()
    for number in range(1000):
        is_common(f"seven green kettles {number}")
    assert time.process_time() - began < 1
    assert _listed.cache_info().misses == 1
