"""The staff site's users and sessions."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.services.administration import By, keep_an_admin, note_changes
from accounts.services.audit import NOWHERE, Action, record
from core.lib.clock import wall_now
from core.lib.errors import Conflict
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


@pytest.mark.parametrize("model", ["user", "session", "auditentry"])
def test_rows_are_found_by_an_id_from_the_log(as_ada, model):
    alice, bob = a_user("alice"), a_user("bob")
    wanted = {}
    for user in (alice, bob):
        tokens_for(user)
        record(Action.LOGIN_REFUSED, account_id=user.id, now=wall_now())
        wanted[user] = user.sessions.get().id if model == "session" else user.id
    page = as_ada.get(
        reverse(f"admin:accounts_{model}_changelist"), {"q": str(wanted[alice])}
    ).content.decode()
    assert "alice@example.com" in page and "bob@example.com" not in page


def test_users_are_filtered_by_their_second_factor(as_ada):
    a_user("alice"), a_user("bob", second_factor_since=wall_now())
    query = {"second_factor_since__isempty": "0"}
    page = as_ada.get(reverse("admin:accounts_user_changelist"), query).content.decode()
    assert "bob@example.com" in page and "alice@example.com" not in page


def test_a_user_leads_to_what_belongs_to_him(as_ada):
    bob = a_user("bob")
    page = as_ada.get(change(bob)).content.decode()
    for name in ("auditentry", "session", "apikey"):
        assert f"/admin/accounts/{name}/?q=bob%40example.com" in page


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


def act(client, action, *users, **more):
    form = {"action": action, "_selected_action": [str(user.id) for user in users], **more}
    return client.post(reverse("admin:accounts_user_changelist"), form, follow=True).content.decode()


def test_an_admin_ends_all_sessions_of_a_user(as_ada):
    bob, carol = a_user("bob"), a_user("carol")
    for user in (bob, bob, carol):
        tokens_for(user)
    assert "2 sessions of 1 users ended." in act(as_ada, "end_sessions", bob)
    assert {one.ended_because for one in bob.sessions.all()} == {"ended by staff"}
    assert carol.sessions.get().ended_at is None
    assert AuditEntry.objects.filter(account_id=bob.id, action="session_ended").count() == 2


def test_staff_end_nobodys_sessions(as_sam):
    bob = a_user("bob")
    tokens_for(bob)
    act(as_sam, "end_sessions", bob)
    assert bob.sessions.get().ended_at is None


def test_only_second_factors_that_are_there_are_reset_and_never_the_own(as_ada):
    ada, bob = User.objects.get(username="ada"), a_user("bob")
    said = act(as_ada, "reset_second_factor", ada, bob, reason="because")
    assert "None of them has a second factor that you may reset." in said
    ada.refresh_from_db()
    assert ada.second_factor_since
    assert not AuditEntry.objects.filter(action="second_factor_off").exists()


def test_the_own_account_is_not_among_those_that_are_deleted_together(as_ada):
    ada, bob = User.objects.get(username="ada"), a_user("bob")
    act(as_ada, "delete_selected", ada, bob, post="yes")
    assert list(User.objects.all()) == [ada]


@pytest.mark.parametrize("changes", [{"role": "user"}, {"is_active": False}])
def test_two_admins_cannot_each_make_the_other_nobody(changes):
    ada, eve = a_user("ada"), a_user("eve", role="admin")
    by = By(ada.id, wall_now(), NOWHERE)
    lowered = User.objects.get(id=eve.id)
    for name, value in changes.items():
        setattr(lowered, name, value)
    keep_an_admin(eve, lowered)
    lowered.save()
    note_changes(eve, lowered, by)
    with pytest.raises(Conflict):
        keep_an_admin(ada, User(id=ada.id, role="user"))


def test_a_refusal_of_the_service_is_told_and_changes_nothing(as_ada, monkeypatch):
    """As where another admin lowered this one a moment ago."""
    eve = a_user("eve", role="admin")
    monkeypatch.setattr("accounts.services.administration.lock_admins", lambda: {eve.id})
    assert as_ada.post(change(eve), form_of(eve, role="user")).status_code == 403
    assert (
        as_ada.post(reverse("admin:accounts_user_delete", args=[eve.id]), {"post": "yes"}).status_code == 403
    )
    eve.refresh_from_db()
    assert eve.role == "admin"


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
