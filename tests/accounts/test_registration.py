"""New accounts and changed profiles."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from accounts.services.profile import change_profile
from accounts.services.registration import register
from core.lib.clock import wall_now
from core.lib.errors import BadInput, Conflict
from tests.make.accounts import PASSWORD, a_user

pytestmark = pytest.mark.django_db


def test_a_new_user_has_the_least_rights():
    user = register(email="Alice@Example.com ", password=PASSWORD, username="Alice", now=wall_now())
    assert (user.email, user.role, user.plan) == ("alice@example.com", "user", "free")
    assert not (user.is_superuser or user.is_staff or user.email_verified)
    assert user.check_password(PASSWORD)


def test_the_password_is_hashed_with_argon2():
    assert register(email="alice@example.com", password=PASSWORD, now=wall_now()).password.startswith(
        "argon2$argon2id$"
    )


def test_an_address_has_one_account_whatever_its_case():
    a_user("alice")
    with pytest.raises(Conflict):
        register(email="ALICE@example.com", password=PASSWORD, now=wall_now())


def test_a_username_belongs_to_one_user_whatever_its_case():
    a_user("alice")
    with pytest.raises(Conflict):
        register(email="bob@example.com", password=PASSWORD, username="ALICE", now=wall_now())


def test_a_weak_password_makes_no_account():
    with pytest.raises(BadInput):
        register(email="alice@example.com", password="short", now=wall_now())
    assert not User.objects.exists()


def test_many_users_may_have_no_username():
    register(email="alice@example.com", password=PASSWORD, now=wall_now())
    register(email="bob@example.com", password=PASSWORD, now=wall_now())
    assert User.objects.filter(username=None).count() == 2


def test_a_taken_username_changes_nothing_of_the_profile():
    alice, bob = a_user("alice"), a_user("bob")
    with pytest.raises(Conflict):
        change_profile(user_id=bob.id, changes={"username": alice.username, "preferences": {"theme": "dark"}})
    bob.refresh_from_db()
    assert (bob.username, bob.preferences) == ("bob", {})


def test_preferences_are_merged_and_none_forgets_one():
    alice = a_user("alice", preferences={"theme": "dark", "time_zone": "Europe/Zurich"})
    changed = change_profile(user_id=alice.id, changes={"preferences": {"theme": None}})
    assert changed.preferences == {"time_zone": "Europe/Zurich"}


def test_changing_the_profile_leaves_everything_else_as_it_is():
    sam = a_user("sam", plan="pro")
    change_profile(user_id=sam.id, changes={"username": "samuel"})
    sam.refresh_from_db()
    assert (sam.username, sam.username_key, sam.role, sam.plan) == ("samuel", "samuel", "staff", "pro")


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_registrations_of_one_address_one_wins():
    gate, answers = threading.Barrier(5), []

    def sign_up() -> None:
        gate.wait()
        try:
            register(email="alice@example.com", password=PASSWORD, now=wall_now())
            answers.append("made")
        except Conflict:
            answers.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_up) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["made", "taken", "taken", "taken", "taken"]
