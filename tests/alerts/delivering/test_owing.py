"""Who is owed a message: of each event once, of a storm together."""

from datetime import timedelta

import pytest
from django.db import transaction

from alerts import tasks
from alerts.models import Delivery, NotificationChannel
from alerts.services.delivering import owe
from tests.alerts.delivering.steps import MINUTE, NOW, events_on, send, states
from tests.make.alerts import an_event
from tests.make.channels import a_channel, an_alert_on, owed

pytestmark = pytest.mark.django_db


def test_an_event_reaches_every_channel_of_its_alert_and_no_other(hook, receiver):
    other, idle = (
        a_channel(hook.owner, "discord", address=receiver.discord_url),
        a_channel(hook.owner, name="Idle"),
    )
    alert = an_alert_on(hook, other)
    made = owed(an_event(alert, NOW))
    assert {delivery.channel_id for delivery in made} == {hook.id, other.id}
    for channel in (hook, other, idle):
        send(channel)
    assert [len(receiver.got(service)) for service in ("webhook", "discord")] == [1, 1]
    assert states(hook) == states(other) == ["sent"] and states(idle) == []


def test_channels_that_are_not_confirmed_are_owed_nothing(hook):
    NotificationChannel.objects.update(state="off")
    assert owed(*events_on(hook)) == []


def test_a_machine_hears_of_each_event_by_its_own_id(hook, receiver):
    events = events_on(hook, 3)
    assert len(owed(*events)) == 3
    send(hook)
    assert [got.headers["webhook-id"] for got in receiver.got("webhook")] == [
        str(event.id) for event in events
    ]


def test_people_hear_of_a_storm_at_once(chat, receiver):
    (delivery,) = owed(*events_on(chat, 4))
    assert delivery.purpose == "digest"
    send(chat)
    (got,) = receiver.got("telegram")
    assert "4 alerts of yours" in got.json["text"]


def test_after_many_messages_in_a_minute_the_next_ones_come_together(chat, receiver):
    events = events_on(chat, 9)
    for event in events:
        owed(event)
    assert states(chat) == ["waiting"] * 6
    gathered = Delivery.objects.get(purpose="digest")
    assert gathered.events.count() == 4 and gathered.due_at > gathered.created_at


def test_quiet_hours_end_in_one_message(chat, receiver):
    wakes = NOW + timedelta(hours=8)
    for event in events_on(chat, 3, deliver_after=wakes):
        owed(event)
    (delivery,) = Delivery.objects.all()
    assert delivery.due_at == wakes and delivery.events.count() == 3
    send(chat, at=wakes - MINUTE)
    assert receiver.got("telegram") == []
    send(chat, at=wakes)
    assert len(receiver.got("telegram")) == 1


def test_a_storm_does_not_wait_for_another_alerts_quiet_hours(chat):
    (quiet,) = events_on(chat, deliver_after=NOW + timedelta(hours=8))
    owed(quiet)
    made = [delivery for event in events_on(chat, 9) for delivery in owed(event)]
    assert sum(delivery.events.count() for delivery in made) == 9
    assert max(delivery.due_at for delivery in made) <= NOW + 2 * MINUTE


def test_quiet_hours_are_not_broken_by_a_storm_that_gathers(chat):
    wakes = NOW + timedelta(hours=8)
    for event in events_on(chat, 9):
        owed(event)
    (delivery,) = owed(*events_on(chat, deliver_after=wakes))
    assert delivery.due_at == wakes


def test_quiet_hours_that_end_at_other_times_are_kept_apart(chat):
    early, late = NOW + timedelta(hours=7), NOW + timedelta(hours=9)
    for wakes in (late, early, late):
        owed(*events_on(chat, deliver_after=wakes))
    due = Delivery.objects.order_by("due_at")
    assert [(one.due_at, one.events.count()) for one in due] == [(early, 1), (late, 2)]


def test_a_channel_hears_of_an_event_once(hook):
    (event,) = events_on(hook)
    owed(event)
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        owe([event])


def test_what_is_owed_is_gone_where_its_events_were_not_stored(hook):
    with pytest.raises(RuntimeError), transaction.atomic():
        owed(*events_on(hook))
        raise RuntimeError
    assert not Delivery.objects.exists()


def test_workers_are_woken_after_the_commit_by_kind_of_address(
    hook, chat, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda args, queue, eta: woken.append((args[0], queue)))
    with django_capture_on_commit_callbacks(execute=True):
        owed(*events_on(hook), *events_on(chat))
        assert woken == []
    assert set(woken) == {(str(hook.id), "hooks"), (str(chat.id), "deliver")}
