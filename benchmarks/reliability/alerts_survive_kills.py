"""Promises 1 and 2, alerts reach their users and nobody is told twice: 2,000 alerts while deliverers are killed.

    python -m benchmarks.reliability.alerts_survive_kills             # Celery's workers over PostgreSQL and Redis
    python -m benchmarks.reliability.alerts_survive_kills --forked    # bare deliverers over PostgreSQL, in a hurry
    python -m benchmarks.reliability.alerts_survive_kills --embedded  # the same over SQLite

Processes that deliver are killed with SIGKILL at random instants, 100 times, while events are stored. The receivers on
loopback speak the real wire formats.

Celery's workers run as docker-compose.yml starts them, with the leases and the grouping of storms of production. Of
five kills one takes a whole worker, parent and children, as when its container dies, the others one process. Some six
minutes.
The forked ones have leases of five seconds, and every event is a message of its own. One minute.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from email import message_from_string, policy
from typing import Any

from benchmarks.reliability.deliverers import Forked, Workers
from benchmarks.report import keep, print_table
from benchmarks.scratch import Scratch
from tests.fakes.mailbox import Mailbox, a_mailbox
from tests.fakes.receivers import BOT_TOKEN, Receiver, a_receiver

PEOPLE = 40
HUMAN = ("email", "discord", "telegram", "slack")
LONGEST_SECONDS = 1500
LEASE_SECONDS = 5.0
"""Of the forked ones, instead of a minute. Still longer than loopback takes."""
BETWEEN_KILLS = {"Celery": (2.0, 2.4), "forked": (0.05, 0.5)}
"""At least and at most, in seconds. Celery's parents need a while to stand again."""
BUSY_SECONDS = 0.3
"""A kill comes at most so long after a handful of events, while they are being told."""
Deliverers = Workers | Forked


def made_alerts(count: int, receiver: Receiver) -> list[Any]:
    """Each person has a webhook and one of the channels that people read."""
    from markets.models import Token
    from tests.make.accounts import a_user
    from tests.make.alerts import an_alert
    from tests.make.channels import a_channel

    token, alerts = Token.objects.order_by("id").first(), []
    assert token is not None
    for person in range(min(PEOPLE, count)):
        user, kind = a_user(f"person{person}"), HUMAN[person % len(HUMAN)]
        addresses = {
            "email": f"person{person}@example.com",
            "discord": receiver.discord_url,
            "slack": receiver.slack_url,
            "telegram": str(1000 + person),
        }
        channels = [
            a_channel(user, "webhook", receiver.webhook_url, host=f"hook{person}.example"),
            a_channel(user, kind, addresses[kind]),
        ]
        for _ in range(person, count, PEOPLE):
            alert = an_alert(user, token)
            alert.channels.set(channels)
            alerts.append(alert)
    return alerts


def store_event(alert: Any, number: int) -> None:
    """By the service that evaluation uses: event, inbox item and deliveries in one transaction."""
    from django.db import transaction

    from alerts.models import Event
    from alerts.models.event import event_id
    from alerts.services.storing import tell
    from core.lib.clock import iso, wall_now

    now = wall_now()
    said = {"sentence": f"Alert number {number:05d}. SOL is above 100 USD.", "values": {"value": 101.0}}
    event = Event(
        id=event_id(alert.id, iso(now)),
        alert=alert,
        owner_id=alert.owner_id,
        token_id=alert.token_id,
        kind=alert.kind,
        occurrence=iso(now),
        fired_at=now,
        created_at=now,
        **said,
    )
    with transaction.atomic():
        tell([event], now)


def run(alerts: list[Any], kills: int, chance: random.Random, deliverers: Deliverers) -> float:
    """Store everything while killing, then let the rest go out; gives the seconds it took."""
    from alerts.models import Delivery

    began, stored = time.monotonic(), 0
    least, most = BETWEEN_KILLS["Celery" if isinstance(deliverers, Workers) else "forked"]
    for done in range(kills):
        ends = time.monotonic() + chance.uniform(least, most)
        due = len(alerts) * (done + 1) // kills
        for number in range(stored, due):
            store_event(alerts[number], number)
        stored = due
        time.sleep(chance.uniform(0, min(BUSY_SECONDS, most)))
        deliverers.kill_one(chance)
        _refuse_endless(began)
        time.sleep(max(ends - time.monotonic(), 0.0))
    while Delivery.objects.filter(state__in=("waiting", "leased")).exists():
        time.sleep(0.2)
        deliverers.tend()
        _refuse_endless(began)
    return time.monotonic() - began


def _refuse_endless(began: float) -> None:
    if time.monotonic() - began > LONGEST_SECONDS:
        raise SystemExit("It does not come to an end; see the table of deliveries.")


def told(receiver: Receiver, mailbox: Mailbox) -> dict[str, Counter[str]]:
    """How many messages told of each alert, by its number; of webhooks by the id that stays the same."""
    counts = {kind: Counter(_numbers(messages(kind, receiver, mailbox))) for kind in HUMAN}
    return {"webhook": Counter(got.headers["webhook-id"] for got in receiver.got("webhook")), **counts}


def told_by_number(kind: str, receiver: Receiver, mailbox: Mailbox) -> int:
    """A storm's message names the first twenty-five, and says how many more there are in the inbox."""
    said = set(messages(kind, receiver, mailbox)) if kind in HUMAN else set()
    return sum(int(number) for text in said for number in re.findall(r"and (\d+) more in\s+your inbox", text))


def messages(kind: str, receiver: Receiver, mailbox: Mailbox) -> list[str]:
    if kind == "email":
        return list(map(_words_of, mailbox.letters))
    return [json.dumps(got.json) for got in receiver.got(kind)]


def _numbers(messages: Iterable[str]) -> Iterator[str]:
    for text in messages:
        yield from set(re.findall(r"Alert number (\d{5})", text))


def _words_of(letter: str) -> str:
    body = message_from_string(letter, policy=policy.default).get_body(("plain",))
    return body.get_content() if body else ""


def owed_and_marked(kind: str) -> tuple[dict[str, bool], int]:
    """By the same key: whether the log says "maybe repeated"; and how many are not recorded as sent."""
    from alerts.models import DeliveredEvent

    rows = DeliveredEvent.objects.filter(channel__kind=kind).select_related("event", "delivery")
    marked, unsent = {}, 0
    for row in rows:
        key = str(row.event_id) if kind == "webhook" else next(_numbers([row.event.sentence]))
        marked[key] = row.delivery.maybe_repeated
        unsent += row.delivery.state != "sent"
    return marked, unsent


def judged(receiver: Receiver, mailbox: Mailbox) -> Iterator[list[Any]]:
    """Per channel: owed, lost, sent more than once, those of them that the log does not mark, not recorded, told by
    number alone."""
    for kind, counts in told(receiver, mailbox).items():
        marked, unsent = owed_and_marked(kind)
        unnamed = told_by_number(kind, receiver, mailbox)
        lost = abs(sum(key not in counts for key in marked) - unnamed)
        repeated = {key: count - 1 for key, count in counts.items() if count > 1}
        unmarked = sum(not marked.get(key, False) for key in repeated)
        strange = sum(key not in marked for key in counts)
        yield [kind, len(marked), lost, sum(repeated.values()), unmarked, unsent + strange, unnamed]


def inbox_is_exact(count: int) -> bool:
    from alerts.models import Event, InboxItem

    items = InboxItem.objects.exclude(event=None)
    return Event.objects.count() == items.count() == items.values("event_id").distinct().count() == count


def bodies_differ(receiver: Receiver) -> int:
    """Repeats of a webhook that are not byte for byte what was sent before."""
    bodies: dict[str, set[bytes]] = {}
    for got in receiver.got("webhook"):
        bodies.setdefault(got.headers["webhook-id"], set()).add(got.body)
    return sum(len(those) > 1 for those in bodies.values())


def measured(options: argparse.Namespace, scratch: Scratch, receiver: Receiver, mailbox: Mailbox) -> int:
    alerts = made_alerts(options.alerts, receiver)
    deliverers = _deliverers(options, scratch)
    try:
        seconds = run(alerts, options.kills, random.Random(options.seed), deliverers)
    finally:
        deliverers.stop()
    rows = list(judged(receiver, mailbox))
    exact = inbox_is_exact(len(alerts))
    return told_of(options, rows, seconds, deliverers, exact, bodies_differ(receiver))


def _deliverers(options: argparse.Namespace, scratch: Scratch) -> Deliverers:
    if _form(options) == "Celery":
        return Workers(scratch.name, scratch.whole_environment())
    from alerts.services.delivering import leasing, owing

    owing.STORM = 10**9
    leasing.LEASE = timedelta(seconds=LEASE_SECONDS)
    _wake_nobody()
    return Forked(1 if options.embedded else 2, is_embedded=options.embedded)


def _form(options: argparse.Namespace) -> str:
    return "embedded" if options.embedded else "forked" if options.forked else "Celery"


def told_of(
    options: argparse.Namespace,
    rows: list[list[Any]],
    seconds: float,
    deliverers: Deliverers,
    is_exact: bool,
    differing: int,
) -> int:
    from alerts.models import Attempt

    form, killed = _form(options), deliverers.killed
    held = Attempt.objects.filter(result="unknown").count()
    print(
        f"seed {options.seed}, {form}, {options.alerts} alerts, {options.kills} kills"
        f" ({deliverers.whole} of whole workers; {killed} processes;"
        f" {deliverers.ended} workers ended by themselves), {seconds:.0f} s"
    )
    print_table(
        "Alerts survive kills (promise: 0 lost; repeats at most one a killed process, marked in the log)",
        ["channel", "owed", "lost", "repeated", "of these not marked", "not as recorded", "by number"],
        rows,
    )
    repeats = sum(row[3] for row in rows)
    print(f"  inbox: {'every alert exactly once' if is_exact else 'NOT exactly once'}")
    print(f"  webhooks: 0 duplicates for who remembers ids; {differing} repeats with another body")
    print(f"  repeats in all: {repeats} of at most {killed}")
    figures = {"seed": options.seed, "form": form, "killed": killed, "rows": rows, "seconds": seconds}
    print(f"  messages that a killed process held: {held}")
    keep("alerts_survive_kills", {**figures, "held": held})
    is_kept = is_exact and not differing and repeats <= killed
    return int(not is_kept or any(row[2] or row[4] or row[5] for row in rows))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--forked", action="store_true")
    parser.add_argument("--alerts", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as ends:
        receiver, mailbox = ends.enter_context(a_receiver()), ends.enter_context(a_mailbox())
        settings = {
            "DEBUG": "true",  # receivers on loopback are for trying out
            "OUTSIDE_INNER": f"127.0.0.1:{receiver.port}",
            "TELEGRAM_API_URL": receiver.base,
            "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
            "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
        }
        scratch = ends.enter_context(Scratch(embedded=options.embedded, **settings))
        return measured(options, scratch, receiver, mailbox)


def _wake_nobody() -> None:
    """The deliverers look for themselves: no message of a queue is needed to find what is owed."""
    from alerts import events

    events.deliveries_owed.receivers = []
    events.deliveries_owed.sender_receivers_cache.clear()


if __name__ == "__main__":
    sys.exit(main())
