"""Staff need one, and admins reset those of others with a reason."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, SecondFactor
from tests.accounts.second_factor.phone import enrolled
from tests.make.accounts import a_user, tokens_for

pytestmark = pytest.mark.django_db


def test_staff_are_led_to_setting_it_up_before_they_enter(client):
    client.force_login(a_user("sam", second_factor_since=None))
    reply = client.get(reverse("admin:index"), follow=True)
    assert reply.redirect_chain[-1][0] == "/account/second-factor"
    assert "Staff need a second factor" in reply.content.decode()


def test_staff_with_one_enter(client):
    sam = a_user("sam", second_factor_since=None)
    enrolled(sam)
    client.force_login(sam)
    assert client.get(reverse("admin:index")).status_code == 200


def test_an_admin_resets_it_with_a_reason(client):
    bob, ada = a_user("bob"), a_user("ada")
    enrolled(bob)
    tokens_for(bob)
    client.force_login(ada)
    form = {"action": "reset_second_factor", "_selected_action": [str(bob.id)]}
    page = client.post(reverse("admin:accounts_user_changelist"), form).content.decode()
    assert "Reason, for the audit log" in page
    assert SecondFactor.objects.exists()
    client.post(reverse("admin:accounts_user_changelist"), {**form, "reason": "phone lost, seen in person"})
    bob.refresh_from_db()
    assert bob.second_factor_since is None and not SecondFactor.objects.exists()
    assert not bob.sessions.filter(ended_at=None).exists()
    entry = AuditEntry.objects.get(account_id=bob.id, action="second_factor_off")
    assert (entry.actor_id, entry.detail) == (ada.id, "by staff: phone lost, seen in person")


def test_staff_reset_nobodys(client):
    bob = a_user("bob")
    enrolled(bob)
    client.force_login(a_user("sam"))
    form = {"action": "reset_second_factor", "_selected_action": [str(bob.id)], "reason": "I like to"}
    client.post(reverse("admin:accounts_user_changelist"), form)
    assert SecondFactor.objects.exists()
