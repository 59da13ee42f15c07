"""Promises 1 and 2 in short: a worker that dies at any moment loses nothing, and repeats one message at most."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from alerts.models import Attempt, Delivery, InboxItem
from alerts.services.delivering import deliver_due, recording, sending
from alerts.services.delivering.leasing import LEASE
from alerts.services.delivering.sending import rules
from core.lib.clock import wall_now
from core.net.guard import OutsideClient
from tests.make.accounts import a_user
from tests.make.alerts import an_event
from tests.make.channels import a_channel, an_alert_on, moments, owed

pytestmark = pytest.mark.django_db
NOW = wall_now()


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def channel_of(kind, receiver):
    address = {"webhook": receiver.webhook_url, "discord": receiver.discord_url, "telegram": "4711"}[kind]
    return a_channel(a_user("alice"), kind, address)


def told(kind, receiver):
    if kind == "webhook":
        return Counter(got.headers["webhook-id"] for got in receiver.got(kind))
    return Counter(got.body.decode().partition("number ")[2][:2] for got in receiver.got(kind))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", ["webhook", "discord", "telegram"])
def test_a_killed_worker_loses_nothing_and_repeats_at_most_one(kind, seed, receiver, monkeypatch):
    chance, channel = random.Random(seed), channel_of(kind, receiver)
    alert = an_alert_on(channel)
    for number, at in enumerate(moments(NOW - timedelta(hours=1), 20)):
        wide = at + timedelta(minutes=number)  # no storm: each is a message of its own
        owed(an_event(alert, wide, sentence=f"This is number {number:02d}."))
    kills = {"before": 0, "after": 0}
    post = OutsideClient(rules()).post

    def mortal(url, body, headers):
        moment = chance.random()
        if moment < 0.15:
            kills["before"] += 1
            raise Killed
        reply = post(url, body, headers)
        if moment < 0.3:
            kills["after"] += 1
            raise Killed
        return reply

    at = NOW
    while Delivery.objects.exclude(state="sent").exists():
        at += LEASE + timedelta(seconds=1)
        try:
            deliver_due(channel.id, clock=lambda at=at: at, post=mortal)
        except Killed:
            continue
    arrived = told(kind, receiver)
    assert len(arrived) == 20 and InboxItem.objects.count() == 20
    assert sum(count - 1 for count in arrived.values()) == kills["after"] > 0
    marked = Delivery.objects.filter(maybe_repeated=True)
    assert marked.count() > 0 and marked.count() <= kills["before"] + kills["after"]
    assert Attempt.objects.filter(result="unknown").count() == kills["before"] + kills["after"]


def test_a_worker_that_dies_before_it_records_repeats_under_the_same_id_and_body(receiver, monkeypatch):
    channel = channel_of("webhook", receiver)
    owed(an_event(an_alert_on(channel), NOW))

    def die(*_):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(sending, "record", die)
        deliver_due(channel.id, clock=lambda: NOW + timedelta(minutes=1))
    deliver_due(channel.id, clock=lambda: NOW + timedelta(minutes=5))
    first, second = receiver.got("webhook")
    assert first.body == second.body and first.headers["webhook-id"] == second.headers["webhook-id"]
    assert Delivery.objects.get().maybe_repeated and Delivery.objects.get().state == recording.State.SENT
