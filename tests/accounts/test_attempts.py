"""How often somebody may try to come in."""

import itertools

import pytest

from accounts.services.attempts import count_login, count_registration
from core.lib.errors import TooMany
from tests.make.accounts import PASSWORD, a_user

_ADDRESSES = (f"10.{high}.{low}.1" for high, low in itertools.product(range(256), repeat=2))


@pytest.fixture(autouse=True)
def limited(settings):
    settings.RATE_LIMIT_MAX = 100_000


@pytest.fixture
def address():
    """One that nobody used before, so that the order of tests makes no difference."""
    return next(_ADDRESSES)


def test_ten_log_ins_of_an_account_from_an_address(address):
    for _ in range(10):
        count_login(email="alice@example.com", address=address)
    with pytest.raises(TooMany) as refusal:
        count_login(email=" ALICE@example.com", address=address)
    assert 0 < refusal.value.retry_after <= 900


def test_a_guesser_elsewhere_does_not_lock_the_owner_out(address):
    for _ in range(11):
        try:
            count_login(email="alice@example.com", address=address)
        except TooMany:
            break
    count_login(email="alice@example.com", address=next(_ADDRESSES))


def test_one_address_cannot_try_many_accounts(address):
    with pytest.raises(TooMany):
        for number in range(101):
            count_login(email=f"user{number}@example.com", address=address)


def test_ten_registrations_from_an_address(address):
    for _ in range(10):
        count_registration(address=address)
    with pytest.raises(TooMany) as refusal:
        count_registration(address=address)
    assert 0 < refusal.value.retry_after <= 3600


def test_without_a_limit_nothing_is_counted(address, settings):
    settings.RATE_LIMIT_MAX = 0
    for _ in range(20):
        count_registration(address=address)


@pytest.mark.django_db
def test_the_api_and_the_page_count_together_and_answer_429(client, address):
    a_user("alice")
    wrong = {"email": "alice@example.com", "password": "wrong"}
    for _ in range(5):
        client.post("/sign-in", wrong, REMOTE_ADDR=address)
        client.post("/api/v1/auth/login", wrong, content_type="application/json", REMOTE_ADDR=address)
    right = {**wrong, "password": PASSWORD}
    page = client.post("/sign-in", right, REMOTE_ADDR=address)
    reply = client.post("/api/v1/auth/login", right, content_type="application/json", REMOTE_ADDR=address)
    assert page.status_code == reply.status_code == 429
    assert int(page["Retry-After"]) > 0 and int(reply["Retry-After"]) > 0
    assert "Too many attempts." in page.content.decode()


@pytest.mark.django_db
def test_a_forwarded_header_makes_no_new_address(client, address):
    for number in range(12):
        reply = client.post(
            "/api/v1/auth/login",
            {"email": "nobody@example.com", "password": "wrong"},
            content_type="application/json",
            REMOTE_ADDR=address,
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
    assert reply.status_code == 429
