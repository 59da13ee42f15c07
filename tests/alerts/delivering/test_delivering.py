"""What fails is tried again for three days, and what is gone is switched off."""

from datetime import timedelta

import pytest

from accounts.models import Mail
from alerts.models import Delivery, InboxItem
from alerts.services.delivering.backoff import GIVEN_UP_AFTER, PAUSES, next_attempt, pause_seconds, rest_until
from alerts.services.delivering.leasing import lease
from tests.alerts.delivering.steps import MINUTE, NOW, events_on, send, states
from tests.fakes.receivers import Misbehaviour
from tests.make.accounts import a_user
from tests.make.channels import a_channel, owed

pytestmark = pytest.mark.django_db


def test_a_failure_for_now_is_tried_again_after_a_pause(hook, receiver):
    receiver.answers(Misbehaviour(503, retry_after=600))
    owed(*events_on(hook))
    at = NOW + MINUTE
    send(hook, at=at)
    (delivery,) = Delivery.objects.all()
    hook.refresh_from_db()
    assert delivery.state == "waiting" and delivery.due_at >= at + timedelta(seconds=600)
    assert hook.rests_until >= at + timedelta(seconds=600) and hook.failures == 1
    assert hook.last_error == delivery.last_error == "The address answered 503"
    send(hook, at=at + timedelta(seconds=599))
    assert len(receiver.asked("webhook")) == 1
    send(hook, at=delivery.due_at)
    hook.refresh_from_db()
    assert states(hook) == ["sent"] and (hook.failures, hook.last_error) == (0, "")


def test_a_message_that_its_receiver_cannot_take_holds_up_no_other(hook, receiver):
    receiver.answers(Misbehaviour(500))
    owed(*events_on(hook, 2))
    send(hook, at=NOW + MINUTE)
    send(hook, at=NOW + 2 * MINUTE)
    assert sorted(states(hook)) == ["sent", "sent"]


def test_a_message_refused_by_itself_is_given_up_and_its_channel_goes_on(hook, receiver):
    receiver.answers(Misbehaviour(413))
    owed(*events_on(hook, 2))
    send(hook)
    hook.refresh_from_db()
    assert sorted(states(hook)) == ["dead", "sent"] and (hook.state, hook.failures) == ("active", 0)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_channel_that_is_gone_is_switched_off_and_its_owner_told(hook, receiver, status):
    receiver.answers(Misbehaviour(status))
    owed(*events_on(hook, 2))
    send(hook)
    hook.refresh_from_db()
    assert hook.state == "off" and hook.off_because == f"The address answered {status}"
    assert states(hook) == ["dead", "dead"] and len(receiver.asked("webhook")) == 1
    notice = InboxItem.objects.get(owner=hook.owner, event=None).notice
    assert notice == f"Your channel Webhook was switched off. The address answered {status}"
    assert Mail.objects.get().kind == "channel_off"


def test_who_wants_no_mail_of_channels_finds_the_notice_alone(hook, receiver):
    hook.owner.preferences = {"email_notices": {"channels": False}}
    hook.owner.save()
    receiver.answers(Misbehaviour(410))
    owed(*events_on(hook))
    send(hook)
    assert InboxItem.objects.filter(event=None).count() == 1 and not Mail.objects.exists()


def test_after_three_days_a_message_is_given_up_and_a_silent_channel_with_it(hook, receiver):
    receiver.always = Misbehaviour(500)
    (delivery,) = owed(*events_on(hook))
    at, tries = delivery.created_at, 0
    while delivery.state != "dead":
        send(hook, at=at)
        delivery.refresh_from_db()
        hook.refresh_from_db()
        at, tries = max(delivery.due_at, hook.rests_until or delivery.due_at), tries + 1
        assert tries < 20
    assert delivery.finished_at >= delivery.created_at + GIVEN_UP_AFTER
    assert 8 <= delivery.attempts <= 12
    assert hook.state == "off" and hook.off_because.startswith("It could not be delivered for three days.")


def test_what_waited_goes_out_as_soon_as_the_channel_answers_again(hook, receiver):
    receiver.answers(*[Misbehaviour(500)] * 3)
    owed(*events_on(hook, 2))
    at = NOW + MINUTE
    for _ in range(3):
        send(hook, at=at)
        hook.refresh_from_db()
        at = hook.rests_until + timedelta(seconds=1)
    Delivery.objects.filter(attempts=2).update(due_at=at + timedelta(days=1))
    send(hook, at=at)
    assert states(hook) == ["sent", "sent"]


def test_a_limit_of_the_whole_service_rests_all_its_channels(chat, receiver, settings):
    other = a_channel(a_user("carol"), "telegram", address="4712")
    settings.TELEGRAM_BOT_TOKEN = "1:wrong"
    owed(*events_on(chat), *events_on(other))
    send(chat, at=NOW + MINUTE)
    other.refresh_from_db()
    assert other.rests_until is not None and lease(other.id, NOW + MINUTE) is None


def test_what_khalsi_itself_cannot_write_is_logged_and_tried_again(hook, monkeypatch):
    owed(*events_on(hook))
    monkeypatch.setattr("alerts.channels.webhook.body_of", lambda message: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send(hook)
    (delivery,) = Delivery.objects.all()
    assert (delivery.state, delivery.last_error) == (
        "waiting",
        "Khalsi could not write it (ZeroDivisionError).",
    )


def test_an_address_that_no_key_opens_waits_for_its_key(hook, receiver, settings):
    owed(*events_on(hook))
    settings.CREDENTIALS_KEYS = ["n" * 43]
    send(hook)
    assert states(hook) == ["waiting"] and receiver.asked("webhook") == []


def test_pauses_grow_with_jitter_and_end_with_the_third_day():
    assert [pause_seconds(n, 0.5) for n in (1, 2, 9, 50)] == [PAUSES[0], PAUSES[1], PAUSES[8], PAUSES[8]]
    assert pause_seconds(3, 0.0) == 225 and pause_seconds(3, 1.0) == 375
    assert pause_seconds(1, 0.0, asked=900) == 900
    end = NOW + timedelta(seconds=1)
    assert next_attempt(NOW, 9, end, 0.5) == end and next_attempt(end, 9, end, 0.5) is None
    assert rest_until(NOW, 9, 1.0) == NOW + timedelta(minutes=30)
