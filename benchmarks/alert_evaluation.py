"""What one tick of every token costs, by how many alerts there are and how many of them could fire.

    .venv/bin/python -m benchmarks.alert_evaluation [--alerts 100000] [--tokens 250] [--ticks 5] [--sqlite]

Prices of all tokens are stored, then evaluated by one process; the time is the evaluation's alone, with what it stores:
events, inbox items, where alerts stand, and the frames for sockets. On a machine that is busy with other things the
process's own time says more than the clock. Goal: 100,000 active alerts over 250 tokens in under 2 s, and a time that
grows with the alerts that could fire, not with all.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import Scratch

LOW, HIGH = 100.0, 101.0
LEVEL = 100.5
"""Between the two prices that ticks take in turn; the other alerts wait for ten times as much, or a tenth."""
OWNERS = 500
COULD_FIRE = (0, 100, 1_000, 10_000)
AT_ONCE = 5_000


def world(tokens: int) -> tuple[list[Any], list[Any]]:
    from accounts.models import User
    from markets.models import Token

    users = User.objects.bulk_create(
        User(email=f"u{number}@example.com", plan="pro", password="!") for number in range(OWNERS)
    )
    rows = Token.objects.bulk_create(
        Token(coingecko_id=f"t{number}", symbol=f"T{number}", name=f"Token {number}", active=True)
        for number in range(tokens)
    )
    return users, rows


def make_alerts(users: list[Any], tokens: list[Any], count: int, now: datetime) -> None:
    """Half above and half below, all out of reach."""
    from alerts.conditions.rhythm import Standing
    from alerts.models import Alert, Gauge

    Gauge.objects.bulk_create(Gauge(token=token, name="price", feed="quotes") for token in tokens)
    gauges = dict(Gauge.objects.values_list("token_id", "id"))

    def one(number: int) -> Alert:
        kind, level = ("price_below", 10.0) if number % 2 else ("price_above", 1000.0)
        token = tokens[number % len(tokens)]
        alert = Alert(
            owner=users[number % len(users)],
            token=token,
            kind=kind,
            params={"price": level * (1 + (number % 997) / 99_700)},
            repeat="recurring",
            gauge_id=gauges[token.pk],
            created_at=now,
            changed_at=now,
        )
        alert.stand(Standing())
        return alert

    made = (one(number) for number in range(count))
    while some := list(islice(made, AT_ONCE)):
        Alert.objects.bulk_create(some)


def bring_within_reach(count: int) -> None:
    """So many of those that wait for a price above; the others stay out of reach."""
    from alerts.models import Alert

    waiting = Alert.objects.filter(kind="price_above").order_by("id").values_list("id", flat=True)
    within = {"params": {"price": LEVEL}, "wakes_above": LEVEL, "wakes_below": None, "memory": ""}
    beyond = {"params": {"price": 1000.0}, "wakes_above": 1000.0, "wakes_below": None, "memory": ""}
    Alert.objects.filter(kind="price_above").update(**beyond)
    Alert.objects.filter(id__in=list(waiting[:count])).update(**within)


def store_prices(tokens: list[Any], price: float, at: datetime) -> None:
    from markets.models import LatestQuote, Quote
    from markets.services.bulk import insert_missing, upsert_newer

    fields = ["token", "observed_at", "fetched_at", "price_usd", "source"]
    rows = [[token.pk, at, at, price, "simulated"] for token in tokens]
    insert_missing(Quote, fields, rows)
    upsert_newer(LatestQuote, fields, rows, key="token", newer_by="observed_at")


def ticks(tokens: list[Any], count: int, start: datetime) -> tuple[list[float], list[float], int]:
    """Seconds of each tick that goes up, after one that came down, by the clock and of this process's own work; and how
    many events the last one made."""
    from alerts.services.evaluating import evaluate

    seconds, worked, events = [], [], 0
    for number in range(2 * (count + 1)):
        at = start + timedelta(seconds=number)
        store_prices(tokens, HIGH if number % 2 else LOW, at)
        began, busy = time.perf_counter(), time.process_time()
        made = evaluate("quotes", now=at, wall=at)
        if number % 2 and number > 1:  # the first pair warms up
            seconds.append(time.perf_counter() - began)
            worked.append(time.process_time() - busy)
            events = len(made)
    return seconds, worked, events


def measure(tokens: list[Any], could_fire: int, count: int, start: datetime) -> dict[str, Any]:
    from django.db import connection

    from alerts.models import Alert

    bring_within_reach(could_fire)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    seconds, worked, events = ticks(tokens, count, start)
    if events != could_fire:
        raise SystemExit(f"{events} events, where {could_fire} could fire.")
    return {"alerts": Alert.objects.count(), "could_fire": could_fire, "seconds": seconds, "worked": worked}


def leave(count: int) -> None:
    """Delete all alerts but so many, half of each kind."""
    from alerts.models import Alert

    halves = [Alert.objects.filter(kind=kind).order_by("id") for kind in ("price_above", "price_below")]
    kept = [alert_id for half in halves for alert_id in half.values_list("id", flat=True)[: count // 2]]
    Alert.objects.exclude(id__in=kept).delete()


def cases(alerts: int, tokens: int, count: int) -> Iterator[dict[str, Any]]:
    """All alerts with ever more within reach, then a tenth of them."""
    from core.lib.clock import wall_now

    start = wall_now().replace(microsecond=0)
    users, rows = world(tokens)
    make_alerts(users, rows, alerts, start)
    for total, could_fire in [*((alerts, some) for some in COULD_FIRE), (alerts // 10, COULD_FIRE[2])]:
        if total < alerts:
            leave(total)
        found = measure(rows, could_fire, count, start)
        print(f"  {total} alerts, {could_fire} could fire: {found['seconds'][-1]:.3f} s", flush=True)
        yield found
        start += timedelta(hours=1)


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    asked.add_argument("--alerts", type=int, default=100_000)
    asked.add_argument("--tokens", type=int, default=250)
    asked.add_argument("--ticks", type=int, default=5)
    asked.add_argument("--sqlite", action="store_true")
    args = asked.parse_args()
    with Scratch(embedded=args.sqlite):
        from django.db import connection

        found = list(cases(args.alerts, args.tokens, args.ticks))
        print_table(
            f"One tick of {args.tokens} tokens, {connection.vendor}",
            ["active alerts", "could fire, and fired", "seconds", "of them this process"],
            [
                [one["alerts"], one["could_fire"], spread(one["seconds"], 3), spread(one["worked"], 3)]
                for one in found
            ],
        )
        keep("alert_evaluation", {"vendor": connection.vendor, "tokens": args.tokens, "cases": found})


if __name__ == "__main__":
    main()
