"""How often somebody may try to come in."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from accounts.models import Mail
from accounts.services.attempts import count_code_tried, count_login, count_mail_asked, count_registration
from accounts.services.audit import Action, Origin, record
from accounts.services.login import REFUSED, recognise
from accounts.services.one_time_tokens import Purpose, issue
from accounts.services.passwords import reset_password
from core.api import throttling
from core.api.limiter import RedisLimiter
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn, TooMany
from core.net.redis_link import Away, RedisLink
from tests.make.accounts import PASSWORD, a_user

_ADDRESSES = (f"10.{high}.{low}.1" for high, low in itertools.product(range(256), repeat=2))


@pytest.fixture(autouse=True)
def limited(settings):
    settings.RATE_LIMIT_MAX = 100_000


@pytest.fixture
def address():
    """One that nobody used before, so that the order of tests makes no difference."""
    return next(_ADDRESSES)


def try_as(name, address):
    return count_login(email=f"{name}@example.com", origin=Origin(address), now=wall_now())


def guess_from_everywhere(name, times=50):
    return [try_as(name, next(_ADDRESSES)) for _ in range(times)]


def sign_in_from(user, address, at):
    record(Action.LOGGED_IN, account_id=user.id, actor_id=user.id, now=at, origin=Origin(address))


def test_ten_log_ins_of_an_account_from_an_address(address):
    for _ in range(10):
        try_as("alice", address)
    with pytest.raises(TooMany) as refusal:
        count_login(email=" ALICE@example.com", origin=Origin(address), now=wall_now())
    assert 0 < refusal.value.retry_after <= 900


def test_a_guesser_elsewhere_does_not_lock_the_owner_out(address):
    for _ in range(11):
        try:
            try_as("alice", address)
        except TooMany:
            break
    assert try_as("alice", next(_ADDRESSES))


def test_one_address_cannot_try_many_accounts(address):
    with pytest.raises(TooMany):
        for number in range(101):
            try_as(f"user{number}", address)


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


# From many addresses


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_guessed_at_from_everywhere_an_account_closes_to_strangers_whether_or_not_it_is_there(name):
    a_user("alice")
    assert guess_from_everywhere(name, 51) == [True] * 50 + [False]
    assert try_as("bob", next(_ADDRESSES))


@pytest.mark.django_db
def test_a_closed_account_says_what_a_wrong_password_says(settings):
    a_user("alice")
    guess_from_everywhere("alice")
    with pytest.raises(NotSignedIn) as refusal:
        recognise(
            email="alice@example.com", password=PASSWORD, now=wall_now(), origin=Origin(next(_ADDRESSES))
        )
    assert refusal.value.message == REFUSED


@pytest.mark.django_db
def test_the_owner_comes_in_from_where_he_signed_in_lately(address):
    alice = a_user("alice")
    sign_in_from(alice, address, wall_now() - timedelta(days=29))
    guess_from_everywhere("alice", 60)
    assert try_as("alice", address)


@pytest.mark.django_db
def test_a_place_is_known_for_thirty_days_and_for_its_owner(address):
    sign_in_from(a_user("alice"), address, wall_now() - timedelta(days=31))
    sign_in_from(a_user("bob"), address, wall_now())
    guess_from_everywhere("alice")
    assert not try_as("alice", address)


@pytest.mark.django_db
def test_a_known_place_has_no_more_than_its_own_allowance(address):
    sign_in_from(a_user("alice"), address, wall_now())
    guess_from_everywhere("alice")
    assert [try_as("alice", address) for _ in range(10)] == [True] * 10
    with pytest.raises(TooMany):
        try_as("alice", address)


@pytest.mark.django_db
def test_an_owner_in_a_new_place_comes_in_by_a_link(address):
    alice = a_user("alice")
    guess_from_everywhere("alice", 60)
    token = issue(alice, Purpose.RESET, email=alice.email, now=wall_now())
    new = "quiet rivers bend twice"
    reset_password(token=token, password=new, now=wall_now(), origin=Origin(address))
    assert recognise(email=alice.email, password=new, now=wall_now(), origin=Origin(address)) == alice


# All together


@pytest.mark.django_db
def test_all_log_ins_together_have_a_limit_that_known_places_are_spared(settings, address):
    settings.LOGINS_MAX = 5
    sign_in_from(a_user("alice"), address, wall_now())
    assert all(try_as(f"user{number}", next(_ADDRESSES)) for number in range(5))
    with pytest.raises(TooMany) as refusal:
        try_as("bob", next(_ADDRESSES))
    assert 0 < refusal.value.retry_after <= 900
    assert try_as("alice", address)


def test_what_an_address_has_too_much_is_not_taken_from_all(settings, address):
    settings.LOGINS_MAX = 20
    for _ in range(40):
        with suppress(TooMany):
            try_as("alice", address)
    assert try_as("bob", next(_ADDRESSES))


def test_all_registrations_and_mails_together_have_a_limit(settings):
    settings.REGISTRATIONS_MAX = settings.MAILS_MAX = 3
    for number in range(3):
        count_registration(address=next(_ADDRESSES))
        assert count_mail_asked(email=f"user{number}@example.com", address=next(_ADDRESSES))
    with pytest.raises(TooMany):
        count_registration(address=next(_ADDRESSES))
    with pytest.raises(TooMany):
        count_mail_asked(email="alice@example.com", address=next(_ADDRESSES))


def test_exactly_the_limit_passes_64_threads(settings, monkeypatch):
    monkeypatch.setattr("accounts.services.attempts.has_been_there", lambda *place: False)
    settings.LOGINS_MAX = 30
    passed = []

    def attempt(number):
        with suppress(TooMany):
            passed.append(try_as(f"user{number}", next(_ADDRESSES)))

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(attempt, range(200)))
    assert passed == [True] * 30


# Codes and mail


@pytest.mark.django_db
def test_guessed_codes_close_an_account_to_strangers_and_not_to_its_owner(address):
    alice = a_user("alice")
    sign_in_from(alice, address, wall_now())

    def attempt(origin):
        count_code_tried(user_id=alice.id, origin=Origin(origin), now=wall_now())

    for _ in range(10):
        attempt(next(_ADDRESSES))
    with pytest.raises(TooMany):
        attempt(next(_ADDRESSES))
    attempt(address)


@pytest.mark.django_db
def test_a_mailbox_cannot_be_flooded_from_many_addresses(client):
    a_user("alice", email_verified=False)
    for call in ("password/forgot", "resend-verification") * 4:
        reply = client.post(
            f"/api/v1/auth/{call}",
            {"email": "alice@example.com"},
            content_type="application/json",
            REMOTE_ADDR=next(_ADDRESSES),
        )
        assert reply.status_code == 204, "the sixth is refused in silence"
    assert Mail.objects.filter(user__isnull=False).count() == 5


# Without Redis


@pytest.fixture
def no_redis(monkeypatch):
    """The distributed form with a server that is away."""
    lost = RedisLimiter(RedisLink("redis://127.0.0.1:1/0"), "nobody")
    monkeypatch.setattr("accounts.services.attempts.limiter", lambda: lost)


def test_while_the_counter_is_away_log_in_is_counted_here(no_redis, address):
    for _ in range(10):
        try_as("alice", address)
    with pytest.raises(TooMany):
        try_as("alice", address)


@pytest.mark.django_db
def test_while_the_counter_is_away_accounts_and_all_are_counted_here(no_redis, settings):
    assert guess_from_everywhere("alice", 51) == [True] * 50 + [False]
    settings.LOGINS_MAX = 51
    with pytest.raises(TooMany):
        guess_from_everywhere("bob", 52)


def test_a_counter_that_dies_between_two_log_ins_does_not_open(address, monkeypatch):
    """Each process begins to count for itself: at most one allowance more, never any number."""
    if not throttling.redis_link():
        pytest.skip("REDIS_URL is not set: there is no counter that could die")
    for _ in range(10):
        try_as("alice", address)
    monkeypatch.setattr(throttling.redis_link(), "_send", _gone)
    for _ in range(10):
        try_as("alice", address)
    with pytest.raises(TooMany):
        try_as("alice", address)


def _gone(command):
    raise Away
