"""Staff see what was given up and why, send it again with a row in the log, and never see an address."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from alerts.models import Delivery
from tests.make.accounts import a_user
from tests.make.alerts import an_event
from tests.make.channels import a_channel, a_dead_delivery, an_alert_on

pytestmark = pytest.mark.django_db
LIST = "admin:alerts_delivery_changelist"


@pytest.fixture
def dead(client):
    client.force_login(a_user("sam"))
    channel = a_channel(a_user("alice"))
    return a_dead_delivery(channel, an_event(an_alert_on(channel)))


def send_again(client, *deliveries):
    said = {"action": "send_again", "_selected_action": [str(one.id) for one in deliveries]}
    return client.post(reverse(LIST), said, follow=True).content.decode()


def test_staff_see_why_it_did_not_arrive(client, dead):
    page = client.get(reverse(LIST), {"state__exact": "dead"}).content.decode()
    assert "alice@example.com" in page and "The address answered 500" in page
    page = client.get(reverse("admin:alerts_delivery_change", args=[dead.id])).content.decode()
    assert "SOL is above 100 USD" in page and "Failed for now" in page


def test_what_staff_send_again_is_in_the_audit_log(client, dead):
    assert "1 sent again" in send_again(client, dead)
    dead.refresh_from_db()
    assert dead.state == "waiting"
    entry = AuditEntry.objects.get(action="staff_acted")
    assert (entry.detail, entry.object_id) == ("sent again", str(dead.id))


def test_what_was_sent_or_leads_to_a_channel_that_is_off_stays(client, dead):
    sent = a_dead_delivery(dead.channel, state="sent")
    off = a_dead_delivery(a_channel(dead.owner, state="off"))
    assert "0 sent again" in send_again(client, sent, off)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent", "dead"}


def test_no_address_or_secret_is_shown(client, dead):
    channel = dead.channel
    pages = [reverse("admin:alerts_notificationchannel_changelist")]
    pages.append(reverse("admin:alerts_notificationchannel_change", args=[channel.id]))
    for page in pages:
        text = client.get(page).content.decode()
        assert channel.sealed_address not in text and channel.sealed_secret not in text
