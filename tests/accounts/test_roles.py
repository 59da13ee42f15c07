"""What each role may do in the staff site."""

import pytest

from accounts.models import User
from tests.make.accounts import a_user

pytestmark = pytest.mark.django_db


def rights(user: User, *perms: str) -> list[bool]:
    return [user.has_perm(perm) for perm in perms]


@pytest.mark.parametrize("role", ["user", "analyst"])
def test_users_and_analysts_may_not_enter(role):
    user = a_user("bob", role=role)
    assert not user.is_staff
    assert rights(user, "markets.view_token", "accounts.view_user") == [False, False]
    assert not user.has_module_perms("markets")


def test_staff_look_at_everything_and_change_tokens_alone():
    sam = a_user("sam")
    assert sam.is_staff and not sam.is_superuser
    assert rights(sam, "accounts.view_user", "predictions.view_forecast") == [True, True]
    assert rights(sam, "markets.add_token", "markets.change_token") == [True, True]
    assert rights(sam, "markets.delete_token", "accounts.change_user", "accounts.add_user") == [False] * 3
    assert sam.has_module_perms("markets")


def test_admins_may_do_everything():
    ada = a_user("ada")
    assert ada.is_staff and ada.is_superuser
    assert rights(ada, "accounts.change_user", "markets.delete_token") == [True, True]


def test_a_disabled_account_may_nothing():
    for name in ("sam", "ada"):
        user = a_user(name, is_active=False)
        assert rights(user, "accounts.view_user") == [False]
        assert not user.has_module_perms("accounts")


def test_a_lowered_role_takes_its_rights_along():
    ada = a_user("ada")
    ada.role = User.Role.USER
    ada.save(update_fields=["role"])
    ada.refresh_from_db()
    assert not ada.is_superuser and not ada.is_staff
