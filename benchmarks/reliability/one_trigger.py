"""One trigger, one event: four evaluators look at the same ticks at once, and events are as computed beforehand.

    .venv/bin/python -m benchmarks.reliability.one_trigger [--ticks 1000] [--evaluators 4] [--seed 1] [--sqlite]

Each tick is stored and every evaluator, a process of its own, is told of it; each goes at its own pace. What must come
out is known first: the same conditions and rhythms, played over the same prices without any database.
"""

import argparse
import multiprocessing
import random
import time
from collections import Counter
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.report import keep, print_table
from benchmarks.scratch import Scratch

TOKENS, ALERTS = 10, 200
EVERY = timedelta(seconds=20)
KINDS = ("price_above", "price_below", "price_crossing", "price_change")


def evaluator(orders: Connection) -> None:
    """Evaluates at each moment that it is told, until it is told None; then says how many events were its own."""
    import django

    django.setup()
    from alerts.services.evaluating import evaluate

    found = 0
    orders.send("ready")
    while (at := orders.recv()) is not None:
        found += len(evaluate("quotes", now=at, wall=at))
    orders.send(found)


def world(dice: random.Random, now: datetime) -> list[Any]:
    from accounts.models import User
    from alerts.services.alerts import Wanted, create_alert
    from markets.models import Token

    owner = User.objects.create(email="alice@example.com", plan="pro")
    tokens = [
        Token.objects.create(coingecko_id=f"t{n}", symbol=f"T{n}", name=f"T {n}") for n in range(TOKENS)
    ]
    for number in range(ALERTS):
        kind = KINDS[number % len(KINDS)]
        level = {"price": 100 * dice.uniform(0.97, 1.03)}
        params = {"percent": dice.uniform(0.5, 3.0), "window": "15m"} if kind == "price_change" else level
        wanted = Wanted(
            token=tokens[number % TOKENS],
            kind=kind,
            params=params,
            repeat=dice.choice(("once", "recurring", "recurring", "recurring")),
            cooldown_seconds=dice.choice((0, 0, 60, 300)),
            hysteresis=dice.choice((0.0, 0.2, 1.0)),
        )
        create_alert(owner_id=owner.id, wanted=wanted, now=now, wall=now)
    return tokens


def walk(dice: random.Random, rounds: int) -> list[list[float]]:
    """Prices of every token, round by round."""
    prices, now = [], [100.0] * TOKENS
    for _ in range(rounds):
        now = [price * dice.lognormvariate(0, 0.006) for price in now]
        prices.append(now)
    return prices


def expected(tokens: list[Any], prices: list[list[float]], start: datetime) -> Counter[str]:
    """Events of each alert, by arithmetic alone."""
    from alerts.conditions.change import change_percent
    from alerts.conditions.reading import Reading
    from alerts.conditions.rhythm import play
    from alerts.models import Alert

    window = int(timedelta(minutes=15) / EVERY)

    def readings(alert: Alert) -> list[Reading]:
        own = [row[[token.pk for token in tokens].index(alert.token_id)] for row in prices]
        times = [start + place * EVERY for place in range(len(own))]
        if alert.kind != "price_change":
            return [Reading(at, price) for at, price in zip(times, own, strict=True)]
        return [
            Reading(times[place], abs(change_percent(own[place], own[place - window])))
            for place in range(window, len(own))
        ]

    return Counter(
        {
            str(alert.id): len(play(alert.condition, alert.rhythm, alert.standing, readings(alert))[1])
            for alert in Alert.objects.all()
        }
    )


def tell_all(links: list[Connection], tokens: list[Any], prices: list[list[float]], start: datetime) -> None:
    from markets.models import Quote

    for place, row in enumerate(prices):
        at = start + place * EVERY
        Quote.objects.bulk_create(
            Quote(token=token, observed_at=at, fetched_at=at, price_usd=price, source="simulated")
            for token, price in zip(tokens, row, strict=True)
        )
        for link in links:
            link.send(at)


def run(ticks: int, evaluators: int, seed: int) -> dict[str, Any]:
    from alerts.models import Event, InboxItem
    from core.lib.clock import wall_now

    dice, start = random.Random(seed), wall_now().replace(microsecond=0)
    tokens, prices = world(dice, start), walk(dice, ticks // TOKENS)
    wanted = expected(tokens, prices, start)
    spawn = multiprocessing.get_context("spawn")
    pairs = [spawn.Pipe() for _ in range(evaluators)]
    processes = [spawn.Process(target=evaluator, args=(theirs,), daemon=True) for _, theirs in pairs]
    for process in processes:
        process.start()
    links = [ours for ours, _ in pairs]
    for link in links:
        link.recv()
    began = time.perf_counter()
    tell_all(links, tokens, prices, start)
    for link in links:
        link.send(None)
    shares = [link.recv() for link in links]
    seconds = time.perf_counter() - began
    for process in processes:
        process.join(10)
    found = Counter(str(one) for one in Event.objects.values_list("alert_id", flat=True))
    return {
        "ticks": ticks,
        "expected": wanted.total(),
        "events": found.total(),
        "differ": sum(1 for alert in wanted if wanted[alert] != found[alert]),
        "inbox": InboxItem.objects.count(),
        "found by each": shares,
        "seconds": round(seconds, 1),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    asked.add_argument("--ticks", type=int, default=1000)
    asked.add_argument("--evaluators", type=int, default=4)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked.add_argument("--sqlite", action="store_true")
    args = asked.parse_args()
    print(f"seed {args.seed}", flush=True)
    with Scratch(embedded=args.sqlite):
        figures = run(args.ticks, args.evaluators, args.seed)
    print_table(
        f"{args.evaluators} evaluators on the same {args.ticks} ticks, {ALERTS} alerts",
        list(figures),
        [list(figures.values())],
    )
    keep("one_trigger", {"seed": args.seed, "sqlite": args.sqlite, **figures})
    if figures["differ"] or figures["events"] != figures["expected"] or figures["inbox"] != figures["events"]:
        raise SystemExit("Events are not as computed beforehand.")


if __name__ == "__main__":
    main()
