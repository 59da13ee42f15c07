"""The pages of channels and deliveries work without script, and show no secret but once."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.models import Alert, Delivery, NotificationChannel
from alerts.services.sealed import CODE
from core.lib.clock import wall_now
from tests.make.accounts import a_user
from tests.make.alerts import an_event
from tests.make.channels import a_channel, a_dead_delivery, an_alert_on
from tests.make.markets import a_quote, a_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client):
    alice = a_user("alice")
    client.force_login(alice)
    return alice


def page_of(reply):
    assert reply.status_code == 200
    return " ".join(reply.content.decode().split())


def act(client, channel, **said):
    return client.post(reverse("alert-channel-act", args=[channel.id]), said, follow=True)


def test_who_is_not_signed_in_is_asked_to(client):
    for name in ("alert-channels", "alert-deliveries"):
        assert client.get(reverse(name))["Location"].startswith(reverse("sign-in"))


def test_without_a_channel_the_page_says_what_to_do(client, alice):
    page = page_of(client.get(reverse("alert-channels")))
    assert "Only your inbox, so far" in page and reverse("alert-channel-new", args=["webhook"]) in page
    assert "telegram" not in page  # there is no bot


def test_a_webhook_is_added_and_its_secret_shown_once(client, alice):
    body = {"name": "My bot", "address": "https://hooks.example/a-secret-path"}
    page = page_of(client.post(reverse("alert-channel-new", args=["webhook"]), body))
    assert "whsec_" in page and "shown this once" in page
    channel = NotificationChannel.objects.get()
    for url in (reverse("alert-channels"), reverse("alert-channel", args=[channel.id])):
        later = page_of(client.get(url))
        assert "whsec_" not in later and "a-secret-path" not in later
        assert "https://hooks.example/…" in later and "To be confirmed" in later


def test_what_cannot_be_is_refused_beside_its_field(client, alice):
    reply = client.post(
        reverse("alert-channel-new", args=["webhook"]), {"name": "x", "address": "http://x.example/"}
    )
    assert "begins with https://" in page_of(reply) and not NotificationChannel.objects.exists()


def test_a_code_confirms_and_a_wrong_one_does_not(client, alice):
    client.post(reverse("alert-channel-new", args=["email"]), {"name": "Work", "address": "work@example.com"})
    channel = NotificationChannel.objects.get()
    assert "This code is wrong." in page_of(act(client, channel, do="verify", code="nonsense"))
    assert "Write the code that came." in page_of(act(client, channel, do="verify", code=""))
    assert "Confirmed." in page_of(act(client, channel, do="verify", code=CODE.get(channel)))
    channel.refresh_from_db()
    assert channel.state == "active"


def test_telegram_shows_the_code_for_its_bot(client, alice, receiver):
    client.post(reverse("alert-channel-new", args=["telegram"]), {"name": "Phone"})
    channel = NotificationChannel.objects.get()
    code = CODE.get(channel)
    assert f"/start {code}" in page_of(client.get(reverse("alert-channel", args=[channel.id])))
    receiver.starts_chat(4711, code)
    assert "The bot is being asked" in page_of(act(client, channel, do="verify"))


def test_a_test_is_owed_and_seen_in_the_log(client, alice):
    channel = a_channel(alice, name="My bot")
    page = page_of(act(client, channel, do="test"))
    assert "A test is on its way" in page and "My bot" in page and "Waiting" in page
    assert Delivery.objects.get().purpose == "test"


def test_a_new_secret_is_shown_once(client, alice):
    channel = a_channel(alice)
    assert "whsec_" in page_of(act(client, channel, do="secret"))
    assert "The secret before the present one signs as well" in page_of(
        client.get(reverse("alert-channel", args=[channel.id]))
    )


def test_a_removed_channel_is_gone(client, alice):
    channel = a_channel(alice, name="<b>Bot</b>")
    assert "&lt;b&gt;Bot&lt;/b&gt; is removed." in page_of(act(client, channel, do="remove"))
    assert not NotificationChannel.objects.exists()


def test_a_channel_that_was_switched_off_says_why(client, alice):
    now = wall_now()
    channel = a_channel(
        alice, state="off", off_at=now, off_because="The address answered 410", last_error_at=now
    )
    page = page_of(client.get(reverse("alert-channel", args=[channel.id])))
    assert "Switched off" in page and "The address answered 410" in page and "Send a new code" in page


def test_what_was_given_up_is_sent_again(client, alice):
    channel = a_channel(alice)
    delivery = a_dead_delivery(channel, an_event(an_alert_on(channel)))
    page = page_of(client.get(reverse("alert-deliveries"), {"state": "dead"}))
    assert "1 given up." in page and "The address answered 500" in page and "SOL is above 100 USD" in page
    page = page_of(client.post(reverse("alert-delivery-again", args=[delivery.id]), follow=True))
    assert "It is on its way again." in page and "Trying again" in page


def test_a_long_log_is_leafed_through(client, alice):
    channel = a_channel(alice)
    for _ in range(60):
        a_dead_delivery(channel, state="sent")
    page = client.get(reverse("alert-deliveries")).content.decode()
    link = page.split('href="/alerts/deliveries?')[1].split('"')[0].replace("&amp;", "&")
    assert page_of(client.get(f"/alerts/deliveries?{link}")).count("alert-row") == 10


def test_what_is_bobs_is_not_there(client, alice):
    channel = a_channel(a_user("bob"), name="Of Bob")
    delivery = a_dead_delivery(channel)
    assert client.get(reverse("alert-channel", args=[channel.id])).status_code == 404
    assert client.post(reverse("alert-channel-act", args=[channel.id]), {"do": "remove"}).status_code == 404
    assert client.post(reverse("alert-delivery-again", args=[delivery.id])).status_code == 404
    assert channel.name not in client.get(reverse("alert-channels")).content.decode()


@pytest.mark.parametrize("said", [{}, {"do": "dance"}])
def test_a_button_that_is_not_there_is_not_there(client, alice, said):
    assert client.post(reverse("alert-channel-act", args=[a_channel(alice).id]), said).status_code == 404


def test_a_new_alert_goes_to_the_channels_that_were_chosen(client, alice):
    token = a_token("SOL")
    a_quote(token, at=wall_now() - timedelta(minutes=1))
    one, other = a_channel(alice, name="One"), a_channel(alice, name="Other")
    path = f"{reverse('alert-new')}?symbol=SOL&kind=price_above"
    page = page_of(client.get(path))
    assert page.count("checked") >= 2 and "One (Webhook)" in page
    body = {"price": "200", "repeat": "once", "cooldown_seconds": "0", "ends": "0", "do": "save"}
    client.post(path, {**body, "channels": [str(one.id)]})
    assert list(Alert.objects.get().channels.all()) == [one]
    client.post(path, {**body, "channels": [str(a_channel(a_user("bob")).id)]})
    assert Alert.objects.count() == 1 and other.alerts.count() == 0
