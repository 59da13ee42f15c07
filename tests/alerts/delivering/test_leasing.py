"""A message has one worker at a time, whoever dies over it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from alerts import tasks
from alerts.channels.base import Outcome
from alerts.models import Attempt, Delivery, NotificationChannel
from alerts.selectors.deliveries import channels_owed
from alerts.services.delivering import leasing
from alerts.services.delivering.leasing import LEASE, lease, release_leases
from alerts.services.delivering.recording import record
from tests.alerts.delivering.steps import MINUTE, NOW, events_on, send, states
from tests.make.accounts import a_user
from tests.make.channels import a_channel, owed

pytestmark = pytest.mark.django_db


def test_the_sweep_finds_what_a_lost_message_left(hook, chat, monkeypatch):
    owed(*events_on(hook, deliver_after=NOW + timedelta(hours=1)), *events_on(chat))
    assert channels_owed(NOW + MINUTE) == [chat.id]
    assert channels_owed(NOW + timedelta(hours=2)) == [chat.id, hook.id]
    NotificationChannel.objects.filter(id=chat.id).update(rests_until=NOW + timedelta(days=1))
    woken = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda args, queue, eta: woken.append(args[0]))
    monkeypatch.setattr(tasks, "wall_now", lambda: NOW + timedelta(hours=2))
    tasks.sweep_deliveries()
    assert woken == [str(hook.id)]


def test_one_message_of_a_channel_is_under_way_at_a_time(hook):
    owed(*events_on(hook, 2))
    assert lease(hook.id, NOW + MINUTE) is not None
    assert lease(hook.id, NOW + MINUTE) is None


def test_the_database_refuses_two_leases_of_a_channel(hook):
    owed(*events_on(hook, 2))
    first = lease(hook.id, NOW + MINUTE)
    other = Delivery.objects.exclude(id=first.id).get()
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        Delivery.objects.filter(id=other.id).update(
            state="leased", lease=first.lease, leased_until=first.leased_until
        )


def test_what_a_dead_worker_held_is_sent_again_and_the_log_says_so(hook, receiver):
    owed(*events_on(hook))
    at = NOW + MINUTE
    lease(hook.id, at)
    assert not lease(hook.id, at + LEASE)
    send(hook, at=at + LEASE + MINUTE)
    (delivery,) = Delivery.objects.all()
    assert (delivery.state, delivery.maybe_repeated, delivery.attempts) == ("sent", True, 2)
    assert list(Attempt.objects.order_by("number").values_list("result", flat=True)) == ["unknown", "sent"]


def test_an_embedded_start_does_not_wait_for_the_dead(hook):
    owed(*events_on(hook))
    lease(hook.id, NOW + MINUTE)
    assert release_leases(NOW + MINUTE) == 1
    assert lease(hook.id, NOW + MINUTE).attempts == 2


def test_a_worker_that_was_too_slow_changes_nothing_any_more(hook):
    owed(*events_on(hook))
    slow = lease(hook.id, NOW + MINUTE)
    quick = lease(hook.id, NOW + MINUTE + LEASE + MINUTE)
    assert not record(slow, Outcome("gone", "too late"), NOW)
    assert record(quick, Outcome("sent"), NOW)
    hook.refresh_from_db()
    assert (hook.state, states(hook)) == ("active", ["sent"])
    assert list(Attempt.objects.order_by("number").values_list("result", flat=True)) == ["gone", "sent"]


def test_a_busy_host_keeps_few_workers_waiting(receiver, monkeypatch):
    monkeypatch.setattr(leasing, "MOST_OF_A_HOST", 2)
    hooks = [a_channel(a_user(name), address=receiver.webhook_url) for name in ("dora", "emil", "fred")]
    owed(*(event for hook in hooks for event in events_on(hook)))
    assert [lease(hook.id, NOW + MINUTE) is not None for hook in hooks] == [True, True, False]


def test_a_worker_turns_to_others_when_one_channel_is_owed_much(hook, receiver):
    owed(*events_on(hook, 3))
    assert send(hook, patience=0.0) == (1, True)
    assert sorted(states(hook)) == ["sent", "waiting", "waiting"]


def test_a_deactivated_owner_hears_nothing(hook, receiver):
    owed(*events_on(hook))
    hook.owner.is_active = False
    hook.owner.save()
    send(hook)
    assert receiver.asked("webhook") == [] and channels_owed(NOW + MINUTE) == []


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_each_message_has_one(receiver):
    hook = a_channel(a_user("alice"), address=receiver.webhook_url)
    events = events_on(hook, 30)
    owed(*events)

    def work():
        try:
            for _ in range(20):
                send(hook)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ids = [got.headers["webhook-id"] for got in receiver.got("webhook")]
    assert sorted(ids) == sorted(str(event.id) for event in events)
    assert not Delivery.objects.exclude(state="sent").exists()
