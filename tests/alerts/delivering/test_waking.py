"""What is due soon wakes a worker by itself; the minute's sweep is the net below."""

from datetime import timedelta

import pytest

from alerts import tasks
from alerts.models import Delivery, NotificationChannel
from alerts.selectors.deliveries import next_due
from core.lib.clock import wall_now
from tests.fakes.receivers import Misbehaviour
from tests.make.accounts import a_user
from tests.make.alerts import an_event
from tests.make.channels import a_channel, an_alert_on, moments, owed

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch):
    """Each wake-up of a worker: of which channel, on which queue, and when (None: now)."""
    woken = []
    monkeypatch.setattr(
        tasks.deliver, "apply_async", lambda args, queue, eta: woken.append((args[0], queue, eta))
    )
    return woken


def owe_some(channel, count=1):
    alert = an_alert_on(channel)
    return owed(*(an_event(alert, at) for at in moments(wall_now(), count)))


def test_the_first_retry_wakes_a_worker_when_it_is_due(hook, receiver, woken):
    receiver.answers(Misbehaviour(503))
    (delivery,) = owe_some(hook)
    tasks.deliver(str(hook.id))
    delivery.refresh_from_db()
    hook.refresh_from_db()
    ((channel_id, queue, eta),) = woken
    assert (channel_id, queue) == (str(hook.id), "hooks")
    assert max(delivery.due_at, hook.rests_until) < eta < wall_now() + timedelta(seconds=10)


def test_a_long_pause_is_left_to_the_sweep(hook, receiver, woken):
    receiver.answers(Misbehaviour(503, retry_after=600))
    owe_some(hook)
    tasks.deliver(str(hook.id))
    assert woken == []


def test_who_found_nothing_due_wakes_nobody(hook, woken):
    owe_some(hook)
    NotificationChannel.objects.update(rests_until=wall_now() + timedelta(seconds=20))
    tasks.deliver(str(hook.id))
    assert woken == []


def test_what_is_gathered_wakes_a_worker_when_the_minute_is_over(
    woken, receiver, django_capture_on_commit_callbacks
):
    chat = a_channel(a_user("bob"), "telegram", address="4711")
    alert = an_alert_on(chat)
    with django_capture_on_commit_callbacks(execute=True):
        for at in moments(wall_now(), 7):
            owed(an_event(alert, at))
    digest = Delivery.objects.get(purpose="digest")
    (eta,) = [eta for _, _, eta in woken if eta]
    assert timedelta() < eta - digest.due_at < timedelta(seconds=1)


def test_the_next_message_is_due_when_its_channel_has_rested(hook):
    assert next_due(hook.id) is None
    (delivery,) = owe_some(hook)
    assert next_due(hook.id) == delivery.due_at
    rested = delivery.due_at + timedelta(seconds=20)
    NotificationChannel.objects.update(rests_until=rested)
    assert next_due(hook.id) == rested
    NotificationChannel.objects.update(state="off")
    assert next_due(hook.id) is None
    Delivery.objects.update(purpose="verify")
    assert next_due(hook.id) == delivery.due_at
