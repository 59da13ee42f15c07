"""The audit log: what is written, when, and that nobody can change it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.services import administration
from accounts.services.audit import Action, Origin, origin_of, record
from accounts.services.tokens import rotate
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for

pytestmark = pytest.mark.django_db
ALICE = {"email": "alice@example.com", "password": PASSWORD}
NOW = wall_now()


def told(user: User | None) -> list[tuple[str, str]]:
    """Oldest first."""
    rows = AuditEntry.objects.filter(account_id=user.id if user else None).order_by("id")
    return [(row.action, row.detail) for row in rows]


@pytest.fixture
def entry():
    record(Action.LOGGED_IN, account_id=a_user("alice").id, now=NOW)
    return AuditEntry.objects.get()


@pytest.mark.parametrize(
    "statement", ["UPDATE {table} SET detail = 'nothing'", "DELETE FROM {table}", "TRUNCATE {table}"]
)
def test_the_database_refuses_to_change_what_happened(entry, statement):
    if statement.startswith("TRUNCATE") and connection.vendor != "postgresql":
        return
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement.format(table=AuditEntry._meta.db_table))
    assert AuditEntry.objects.get().detail == entry.detail


def test_no_row_is_replaced_by_another_in_one_statement(entry):
    table = AuditEntry._meta.db_table
    same = f"INTO {table} SELECT * FROM {table}"
    replace = f"INSERT {same} ON CONFLICT (id) DO UPDATE SET detail = 'x'"
    statement = replace if connection.vendor == "postgresql" else f"REPLACE {same}"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)


def test_what_happened_outlives_the_account(entry):
    User.objects.all().delete()
    assert AuditEntry.objects.get() == entry


def test_a_log_in_is_told_with_its_origin_and_request(client):
    alice = a_user("alice")
    headers = {"User-Agent": "Phone 1", "X-Request-ID": "request-0001"}
    client.post(
        "/api/v1/auth/login",
        ALICE,
        content_type="application/json",
        headers=headers,
        REMOTE_ADDR="203.0.113.7",
    )
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("logged_in", "app")
    assert entry.account_id == entry.actor_id == alice.id
    assert (entry.address, entry.user_agent, entry.request_id) == ("203.0.113.7", "Phone 1", "request-0001")


def test_a_log_in_on_the_site_is_told_once(client):
    alice = a_user("alice")
    client.post("/sign-in", ALICE)
    assert told(alice) == [("logged_in", "site")]


def test_a_refused_log_in_is_told_to_the_owner(client):
    alice = a_user("alice")
    client.post("/sign-in", {**ALICE, "password": "not the right one"})
    assert told(alice) == [("login_refused", "")]
    assert AuditEntry.objects.get().actor_id is None


def test_a_refusal_costs_the_same_queries_whoever_is_named(client, django_assert_num_queries):
    a_user("alice")
    for email in ("alice@example.com", "nobody@example.com"):
        with django_assert_num_queries(3):
            body = {"email": email, "password": "not the right one"}
            client.post("/api/v1/auth/login", body, content_type="application/json")
    assert told(None) == [("login_refused", "")]


def test_a_repeated_refresh_token_is_told_beside_the_session_it_ended():
    alice = a_user("alice")
    tokens = tokens_for(alice, now=NOW)
    rotate(refresh=tokens.refresh, now=NOW)
    with pytest.raises(NotSignedIn):
        rotate(refresh=tokens.refresh, now=NOW + timedelta(minutes=1), origin=Origin("203.0.113.9"))
    assert told(alice) == [("refresh_repeated", ""), ("session_ended", "refresh token repeated")]
    assert {entry.address for entry in AuditEntry.objects.all()} == {"203.0.113.9"}
    assert {entry.object_id for entry in AuditEntry.objects.all()} == {str(alice.sessions.get().id)}


def test_logging_out_is_told(client):
    alice = a_user("alice")
    client.post("/api/v1/auth/logout", {}, content_type="application/json", headers=bearer(alice))
    assert told(alice) == [("session_ended", "logged out")]
    assert AuditEntry.objects.get().actor_id == alice.id


def test_registering_is_told(client):
    client.post("/api/v1/auth/register", ALICE, content_type="application/json")
    assert told(User.objects.get()) == [("registered", "")]


def test_text_that_moves_letters_or_lines_is_not_kept():
    request = RequestFactory().get("/", headers={"User-Agent": "Ph\u202eone\n2\x1b[31m" + "x" * 500})
    assert origin_of(request).user_agent.startswith("Phone2[31mx")
    assert len(origin_of(request).user_agent) == 200


def test_of_an_address_of_six_its_network_is_kept():
    request = RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2:3:4:5:6")
    assert origin_of(request).address == "2001:db8:1:2::"


# The staff site


@pytest.fixture
def as_ada(client):
    client.force_login(a_user("ada"))
    return client


def form_of(user: User, **changes):
    values = {"email": user.email, "username": user.username, "role": user.role, "plan": user.plan}
    return {**values, "is_active": "on", "email_verified": "on", **changes}


@pytest.mark.parametrize(
    ("changes", "said", "ends"),
    [
        ({"plan": "pro"}, "plan free → pro", False),
        ({"role": "staff"}, "role analyst → staff", False),
        ({"role": "user"}, "role analyst → user", True),
        ({"is_active": ""}, "is_active True → False", True),
        ({"email": "robert@example.com"}, "e-mail changed", True),
        ({}, None, False),
    ],
)
def test_staff_changes_are_told_and_what_lowers_ends_the_sessions(as_ada, changes, said, ends):
    bob = a_user("bob", role="analyst")
    tokens_for(bob)
    page = reverse("admin:accounts_user_change", args=[bob.id])
    assert as_ada.post(page, form_of(bob, **changes)).status_code == 302
    assert [detail for action, detail in told(bob) if action == "account_changed"] == ([said] if said else [])
    assert (bob.sessions.get().ended_at is not None) == ends
    ada = User.objects.get(username="ada")
    assert {row.actor_id for row in AuditEntry.objects.filter(account_id=bob.id)} <= {ada.id}


def test_a_change_that_cannot_be_told_is_not_made(as_ada, monkeypatch):
    bob = a_user("bob")

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(administration, "record", broken)
    with pytest.raises(RuntimeError):
        as_ada.post(reverse("admin:accounts_user_change", args=[bob.id]), form_of(bob, plan="pro"))
    bob.refresh_from_db()
    assert bob.plan == "free"


def test_a_password_set_by_staff_is_told(as_ada):
    bob = a_user("bob")
    new = "quiet rivers bend twice"
    form = {"password1": new, "password2": new, "usable_password": "true", "set-password": "1"}
    as_ada.post(reverse("admin:auth_user_password_change", args=[bob.id]), form)
    assert told(bob) == [("password_changed", "by staff")]


def test_an_account_that_staff_delete_leaves_its_trace(as_ada):
    bob = a_user("bob")
    as_ada.post(reverse("admin:accounts_user_delete", args=[bob.id]), {"post": "yes"})
    assert not User.objects.filter(id=bob.id).exists()
    assert told(bob) == [("account_deleted", "by staff")]


def test_accounts_that_staff_delete_together_leave_a_trace_each(as_ada):
    bob, carol = a_user("bob"), a_user("carol")
    form = {"action": "delete_selected", "_selected_action": [str(bob.id), str(carol.id)], "post": "yes"}
    as_ada.post(reverse("admin:accounts_user_changelist"), form)
    assert told(bob) == told(carol) == [("account_deleted", "by staff")]


def test_staff_search_the_log_by_address_and_read_alone(as_ada):
    record(Action.LOGIN_REFUSED, account_id=a_user("bob").id, now=NOW, origin=Origin("198.51.100.4"))
    found = reverse("admin:accounts_auditentry_changelist")
    for words in ("bob@example.com", "198.51.100.4"):
        page = as_ada.get(found, {"q": words}).content.decode()
        assert "bob@example.com" in page and "Sign-in refused" in page
        assert "Signed in" not in page.partition("<tbody")[2]
    assert as_ada.get(reverse("admin:accounts_auditentry_add")).status_code == 403


# The own page


def test_the_owner_sees_what_happened_to_his_account_and_nothing_else(client):
    alice, bob = a_user("alice"), a_user("bob")
    record(Action.LOGIN_REFUSED, account_id=alice.id, now=NOW, origin=Origin("198.51.100.4", "<b>odd</b>"))
    record(Action.REGISTERED, account_id=bob.id, now=NOW, origin=Origin("198.51.100.99"))
    client.force_login(alice)
    page = client.get("/account/activity").content.decode()
    assert "Sign-in refused" in page and "198.51.100.4" in page
    assert "&lt;b&gt;odd" in page and "<b>odd" not in page
    assert "198.51.100.99" not in page


def test_long_histories_come_in_pages(client):
    alice = a_user("alice")
    for number in range(60):
        record(Action.LOGIN_REFUSED, account_id=alice.id, now=NOW, detail=f"n{number:02}")
    client.force_login(alice)
    first = client.get("/account/activity").content.decode()
    assert "n59" in first and "n05" not in first
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "n05" in client.get(older).content.decode()


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get("/account/activity")["Location"] == "/sign-in?next=/account/activity"


def test_an_odd_cursor_is_no_fault_of_ours(client):
    client.force_login(a_user("alice"))
    assert client.get("/account/activity?cursor=x").status_code == 400
