"""Which passwords are good enough."""

import pytest

from accounts.models import User
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
        "q" * 5 + "z" * 123,
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
    ],
)
def test_short_plain_common_or_own_passwords_are_refused(password):
    with pytest.raises(BadInput) as refusal:
        check_password_rules(password, ALICE)
    assert {detail.field for detail in refusal.value.details} == {"password"}
    assert not password or password not in str(refusal.value.details)
