"""The staff site's users and sessions."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from tests.make.accounts import PASSWORD, a_user, tokens_for

pytestmark = pytest.mark.django_db
NEW = "quiet rivers bend twice"


@pytest.fixture
def as_ada(client):
    client.force_login(a_user("ada"))
    return client


@pytest.fixture
def as_sam(client):
    client.force_login(a_user("sam"))
    return client


def change(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.id])


def form_of(user: User, **changes):
    values = {"email": user.email, "username": user.username, "role": user.role, "plan": user.plan}
    return {**values, "is_active": "on", "email_verified": "on", **changes}


def test_users_are_found_by_part_of_their_address(as_ada):
    a_user("alice"), a_user("bob")
    page = as_ada.get(reverse("admin:accounts_user_changelist"), {"q": "alic"}).content.decode()
    assert "alice@example.com" in page
    assert "bob@example.com" not in page


def test_the_list_of_users_costs_the_same_for_any_number(as_ada, django_assert_max_num_queries):
    for number in range(20):
        a_user(f"user{number}")
    with django_assert_max_num_queries(8):
        as_ada.get(reverse("admin:accounts_user_changelist"))


def test_groups_are_not_offered(as_ada):
    assert "auth/group" not in as_ada.get(reverse("admin:index")).content.decode()


def test_an_admin_makes_somebody_staff(as_ada):
    bob = a_user("bob")
    assert as_ada.post(change(bob), form_of(bob, role="staff", plan="pro")).status_code == 302
    bob.refresh_from_db()
    assert (bob.role, bob.plan) == ("staff", "pro")


def test_an_admin_adds_a_user_who_can_log_in(as_ada):
    form = {"email": "Carol@example.com", "usable_password": "true", "password1": NEW, "password2": NEW}
    assert as_ada.post(reverse("admin:accounts_user_add"), form).status_code == 302
    assert User.objects.get(email="carol@example.com").check_password(NEW)


def test_a_taken_username_is_an_error_of_the_form(as_ada):
    a_user("alice")
    bob = a_user("bob")
    page = as_ada.post(change(bob), form_of(bob, username="ALICE"))
    assert "This username is taken." in page.content.decode()


def test_an_admin_cannot_lower_or_disable_himself(as_ada):
    ada = User.objects.get(username="ada")
    as_ada.post(change(ada), form_of(ada, role="user", is_active=""))
    ada.refresh_from_db()
    assert (ada.role, ada.is_active) == ("admin", True)


def test_a_password_set_by_staff_ends_the_sessions(as_ada):
    bob = a_user("bob")
    tokens_for(bob)
    form = {"password1": NEW, "password2": NEW, "usable_password": "true", "set-password": "1"}
    assert as_ada.post(reverse("admin:auth_user_password_change", args=[bob.id]), form).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(NEW)
    assert bob.sessions.get().ended_because == "password set by staff"


def test_dates_are_for_reading(as_ada):
    bob = a_user("bob")
    as_ada.post(change(bob), form_of(bob, created_at_0="2001-01-01", created_at_1="00:00"))
    bob.refresh_from_db()
    assert bob.created_at.year > 2001


def test_staff_look_but_change_nothing(as_sam):
    bob = a_user("bob")
    assert as_sam.get(change(bob)).status_code == 200
    assert as_sam.post(change(bob), form_of(bob, plan="pro")).status_code == 403


def test_staff_cannot_make_themselves_admin_even_where_they_may_change_users(as_sam):
    sam = User.objects.get(username="sam")
    sam.user_permissions.add(Permission.objects.get(codename="change_user"))
    assert as_sam.post(change(sam), form_of(sam, role="admin", is_superuser="on")).status_code == 302
    sam.refresh_from_db()
    assert (sam.role, sam.is_superuser) == ("staff", False)


def test_staff_cannot_set_the_password_of_an_admin(as_sam):
    sam, ada = User.objects.get(username="sam"), a_user("ada")
    sam.user_permissions.add(Permission.objects.get(codename="change_user"))
    form = {"password1": NEW, "password2": NEW, "usable_password": "true", "set-password": "1"}
    assert as_sam.post(reverse("admin:auth_user_password_change", args=[ada.id]), form).status_code == 403
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_users_may_not_enter(client):
    client.force_login(a_user("bob"))
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 302


def test_an_admin_ends_a_session(as_ada):
    bob = a_user("bob")
    tokens_for(bob)
    form = {"action": "end", "_selected_action": [str(bob.sessions.get().id)]}
    as_ada.post(reverse("admin:accounts_session_changelist"), form)
    assert bob.sessions.get().ended_because == "ended by staff"


def test_staff_see_sessions_and_end_none(as_sam):
    bob = a_user("bob")
    tokens_for(bob)
    form = {"action": "end", "_selected_action": [str(bob.sessions.get().id)]}
    assert as_sam.get(reverse("admin:accounts_session_changelist")).status_code == 200
    as_sam.post(reverse("admin:accounts_session_changelist"), form)
    assert bob.sessions.get().ended_at is None


def test_the_command_for_the_first_admin_asks_for_an_address_alone(monkeypatch):
    from django.core.management import call_command

    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "Root@example.com")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", NEW)
    call_command("createsuperuser", interactive=False, verbosity=0)
    root = User.objects.get(email="root@example.com")
    assert root.role == "admin" and root.is_superuser and root.check_password(NEW)
