"""Channels are their owner's, count once they are confirmed, and tell nobody their secrets."""

import json
from datetime import timedelta

import pytest

from accounts.models import AuditEntry, User
from alerts import tasks
from alerts.models import Delivery, NotificationChannel
from alerts.services import channels as service
from alerts.services.delivering import deliver_due
from alerts.services.forgetting import forget_deliveries
from alerts.services.learning import deep_link, learn_chats
from alerts.services.replaying import replay, replay_all
from alerts.services.sealed import ADDRESS, CODE, OLD_SECRET, SECRET
from core.lib.clock import wall_now
from core.lib.errors import BadInput, Conflict, NotFound, TooMany
from tests.fakes.receivers import Misbehaviour
from tests.make.accounts import a_user, bearer
from tests.make.alerts import an_event
from tests.make.channels import a_channel, a_dead_delivery, an_alert_on, owed

pytestmark = pytest.mark.django_db
NOW = wall_now()
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def alice():
    return a_user("alice")


def add(owner, kind="webhook", address="https://hooks.example/secret", **said):
    said = {"name": "Mine", "now": NOW, **said}
    return service.add_channel(owner_id=owner.id, kind=kind, address=address, **said)


def code_of(channel):
    return CODE.get(NotificationChannel.objects.get(id=channel.id))


def verify(channel, code, now=LATER, owner=None):
    return service.verify(owner_id=(owner or channel.owner).id, channel_id=channel.id, code=code, now=now)


def test_a_channel_is_confirmed_by_the_code_that_came(alice, receiver):
    added = add(alice, address=receiver.webhook_url)
    assert added.channel.state == "waiting" and added.secret.startswith("whsec_")
    deliver_due(added.channel.id, clock=lambda: LATER)
    (got,) = receiver.got("webhook")
    assert got.json["type"] == "channel.verify"
    channel = verify(added.channel, got.json["data"]["challenge"].upper())
    assert channel.state == "active" and not channel.sealed_code
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["channel_added", "channel_confirmed"]


def test_an_address_that_answers_the_challenge_is_confirmed_by_that(alice, receiver):
    receiver.echoes_challenges = True
    added = add(alice, address=receiver.webhook_url)
    deliver_due(added.channel.id, clock=lambda: LATER)
    added.channel.refresh_from_db()
    assert added.channel.state == "active"


def test_the_own_confirmed_address_needs_no_code(alice, mailoutbox):
    assert add(alice, "email", "Alice@example.com").channel.state == "active"
    assert add(alice, "email", "other@example.com").channel.state == "waiting"
    alice.email_verified = False
    alice.save()
    assert add(alice, "email", "alice@example.com").channel.state == "waiting"


def test_wrong_codes_end_it_and_a_new_one_begins_anew(alice):
    channel = add(alice).channel
    right = code_of(channel)
    for _ in range(service.MOST_TRIES):
        with pytest.raises(BadInput, match="wrong"):
            verify(channel, "nonsense")
    with pytest.raises(BadInput, match="over"):
        verify(channel, right)
    service.send_code(owner_id=alice.id, channel_id=channel.id, now=LATER)
    assert verify(channel, code_of(channel)).state == "active"


def test_a_confirmation_that_comes_too_late_harms_nothing(alice, receiver):
    channel = add(alice, address=receiver.webhook_url).channel
    NotificationChannel.objects.update(sealed_code="")
    deliver_due(channel.id, clock=lambda: LATER)
    channel.refresh_from_db()
    assert receiver.asked("webhook") == [] and (channel.failures, channel.rests_until) == (0, None)


def test_a_code_ends_after_half_an_hour(alice):
    channel = add(alice).channel
    with pytest.raises(BadInput, match="over"):
        verify(channel, code_of(channel), now=NOW + timedelta(minutes=31))


def test_telegram_counts_once_the_bot_got_the_code(alice, receiver):
    added = add(alice, "telegram", "")
    assert deep_link(added.code) == ""  # nobody has asked the bot for its name yet
    assert (
        verify(added.channel, added.code).state == "waiting"
    )  # the page shows this code: it proves nothing there
    assert learn_chats(LATER) == 0
    assert deep_link(added.code) == f"https://t.me/KhalsiTestBot?start={added.code}"
    receiver.starts_chat(99, "another")
    receiver.starts_chat(4711, added.code)
    assert learn_chats(LATER) == 1
    added.channel.refresh_from_db()
    assert added.channel.state == "active" and ADDRESS.get(added.channel) == "4711"
    assert receiver.updates == []


def test_the_bot_is_not_asked_while_nobody_waits(alice, receiver):
    assert learn_chats(LATER) == 0 and receiver.asked("telegram") == []


def test_a_bot_that_cannot_be_asked_stops_nothing(alice, receiver):
    add(alice, "telegram", "")
    receiver.answers(Misbehaviour(silent=True))
    assert learn_chats(LATER) == 0
    receiver.answers(Misbehaviour(500))
    assert learn_chats(LATER) == 0


def test_the_sweep_asks_the_bot(alice, receiver, monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.learn_chats, "delay", lambda: asked.append(1))
    tasks.sweep_deliveries()
    assert asked == []
    add(alice, "telegram", "", now=wall_now())
    tasks.sweep_deliveries()
    assert asked == [1]


def test_a_plan_has_so_many_channels(alice):
    for _ in range(service.MOST_CHANNELS[User.Plan.FREE]):
        add(alice)
    with pytest.raises(Conflict, match="5 channels"):
        add(alice)


def test_nobody_floods_a_mailbox_from_here(alice, settings):
    settings.RATE_LIMIT_MAX = 100
    alice.plan = "pro"
    alice.save()
    for _ in range(5):
        add(alice, "email", "victim@example.com")
    with pytest.raises(TooMany):
        add(alice, "email", "victim@example.com")
    assert NotificationChannel.objects.count() == 5


def test_while_a_secret_is_changed_both_sign(alice, receiver):
    channel = add(alice, address=receiver.webhook_url).channel
    verify(channel, code_of(channel))
    old = SECRET.get(NotificationChannel.objects.get())
    rotated = service.rotate_secret(owner_id=alice.id, channel_id=channel.id, now=LATER)
    row = NotificationChannel.objects.get()
    assert SECRET.get(row) == rotated.secret != old and OLD_SECRET.get(row) == old
    for at, signatures in ((LATER, 2), (LATER + timedelta(days=2), 1)):
        service.send_test(owner_id=alice.id, channel_id=channel.id, now=at)
        deliver_due(channel.id, clock=lambda at=at: at)
        assert len(receiver.got("webhook")[-1].headers["webhook-signature"].split(" ")) == signatures


def test_only_webhooks_have_a_secret(alice):
    channel = a_channel(alice, "email", "alice@example.com")
    with pytest.raises(Conflict):
        service.rotate_secret(owner_id=alice.id, channel_id=channel.id, now=NOW)


def test_a_channel_that_waits_cannot_be_tried_out(alice):
    with pytest.raises(Conflict):
        service.send_test(owner_id=alice.id, channel_id=add(alice).channel.id, now=NOW)


def test_nothing_sealed_is_stored_in_plain(alice):
    added = add(alice)
    row = NotificationChannel.objects.values().get()
    assert "secret" not in json.dumps(row["shown"]) and added.secret not in str(row)
    assert "hooks.example/secret" not in str(row) and code_of(added.channel) not in str(row)


def test_what_was_given_up_is_sent_again_under_the_same_id(alice, receiver):
    channel = a_channel(alice, address=receiver.webhook_url)
    event = an_event(an_alert_on(channel), NOW)
    receiver.answers(Misbehaviour(413))
    (delivery,) = owed(event)
    deliver_due(channel.id, clock=lambda: LATER)
    assert replay(owner_id=alice.id, delivery_id=delivery.id, now=LATER).state == "waiting"
    with pytest.raises(Conflict, match="given up"):
        replay(owner_id=alice.id, delivery_id=delivery.id, now=LATER)
    deliver_due(channel.id, clock=lambda: LATER)
    assert {got.headers["webhook-id"] for got in receiver.asked("webhook")} == {str(event.id)}
    assert Delivery.objects.get().state == "sent"


def test_what_a_channel_that_is_off_was_owed_waits_for_its_confirmation(alice):
    channel = a_channel(alice, state="off")
    delivery = a_dead_delivery(channel)
    with pytest.raises(Conflict, match="Confirm"):
        replay(owner_id=alice.id, delivery_id=delivery.id, now=NOW)
    assert replay_all([delivery.id], NOW) == 0


def test_what_is_bobs_is_not_there_for_alice(alice, client):
    channel = a_channel(a_user("bob"))
    delivery = a_dead_delivery(channel)
    for path in (
        f"channels/{channel.id}/verify",
        f"channels/{channel.id}/test",
        f"channels/{channel.id}/secret",
    ):
        reply = client.post(f"/api/v1/alerts/{path}", {}, "application/json", headers=bearer(alice))
        assert reply.status_code == 404, path
    assert client.delete(f"/api/v1/alerts/channels/{channel.id}", headers=bearer(alice)).status_code == 404
    path = f"/api/v1/alerts/deliveries/{delivery.id}/replay"
    assert client.post(path, headers=bearer(alice)).status_code == 404
    for path in ("channels", "deliveries"):
        assert client.get(f"/api/v1/alerts/{path}", headers=bearer(alice)).json()["data"] == []
    with pytest.raises(NotFound):
        service.remove_channel(owner_id=alice.id, channel_id=channel.id, now=NOW)


def test_a_channel_is_added_once_however_often_it_is_sent(alice, client):
    headers = {**bearer(alice), "Idempotency-Key": "k1"}
    body = {"kind": "webhook", "name": "Mine", "address": "https://hooks.example/secret"}
    replies = [
        client.post("/api/v1/alerts/channels", body, "application/json", headers=headers) for _ in range(2)
    ]
    assert replies[0].status_code == 201 and replies[0].content == replies[1].content
    assert NotificationChannel.objects.count() == 1
    shown = replies[0].json()["data"]
    assert shown["channel"]["address"] == "https://hooks.example/…" and shown["secret"].startswith("whsec_")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "fax", "name": "x"}, "kind"),
        ({"kind": "webhook", "name": "x", "address": "https://127.0.0.1:22/"}, "address"),
        ({"kind": "webhook", "name": "x"}, "address"),
        ({"kind": "email", "name": "x", "address": "nobody"}, "address"),
        ({"kind": "webhook", "address": "https://hooks.example/"}, "name"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(alice, client, body, field):
    reply = client.post("/api/v1/alerts/channels", body, "application/json", headers=bearer(alice))
    assert reply.status_code == 400
    assert [one["field"] for one in reply.json()["error"]["details"]] == [field]


def test_old_deliveries_are_forgotten_and_what_waits_never(alice):
    channel = a_channel(alice)
    for state, days, is_kept in (("sent", 31, 0), ("sent", 29, 1), ("dead", 31, 1), ("dead", 91, 0)):
        at = NOW - timedelta(days=days)
        a_dead_delivery(channel, state=state, finished_at=at, due_at=at, last_error=str(is_kept))
    old = NOW - timedelta(days=100)
    a_dead_delivery(channel, state="waiting", finished_at=None, due_at=old, last_error="1")
    forget_deliveries(NOW)
    assert list(Delivery.objects.values_list("last_error", flat=True)) == ["1", "1", "1"]


def test_a_removed_channel_takes_its_log_along(alice, client):
    channel = a_channel(alice)
    a_dead_delivery(channel)
    assert client.delete(f"/api/v1/alerts/channels/{channel.id}", headers=bearer(alice)).status_code == 204
    assert not NotificationChannel.objects.exists() and not Delivery.objects.exists()
