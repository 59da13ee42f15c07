"""Promises 4, 5 and 6 for the live stream: whatever it does, no bad row, and good prices again soon.

    python -m benchmarks.reliability.stream_faults [--embedded] [--kills 10] [--away 70]

Two collectors (`manage.py stream`) and the sandbox in processes of their own. Every fault that the sandbox knows
for streams hits a few times; the collector that works is killed at random instants; the sandbox is killed and
comes back. A trigger keeps every price that was ever shown; each is held against what the market cost at the time
that it names.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from benchmarks.reliability.stream_processes import Collectors, Sandbox
from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import Scratch, free_port

SECONDS_HIT, CUTS = 4, 2
SILENT_FOR = 35
PATIENCE = 120.0
SOON, AFTER_A_CUT, AFTER_A_KILL, AFTER_AN_ABSENCE = 5.0, 15.0, 25.0, 30.0
"""Promised seconds from the end of a fault to a good price."""

_POSTGRESQL = """
CREATE TABLE seen (id bigserial PRIMARY KEY, token_id bigint, observed_at timestamptz, price float8, streamed boolean);
CREATE FUNCTION note_seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO seen (token_id, observed_at, price, streamed)
  VALUES (NEW.token_id, NEW.observed_at, NEW.price_usd, NEW.streamed); RETURN NEW; END $$;
CREATE TRIGGER note_seen AFTER INSERT OR UPDATE ON markets_latestquote FOR EACH ROW EXECUTE FUNCTION note_seen();
"""
_NOTE = """
CREATE TRIGGER note_{when} AFTER {when} ON markets_latestquote BEGIN
  INSERT INTO seen (token_id, observed_at, price, streamed)
  VALUES (NEW.token_id, NEW.observed_at, NEW.price_usd, NEW.streamed); END
"""


@dataclass
class Found:
    recovered: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def note(self, what: str, seconds: float, promised: float) -> None:
        self.recovered[what] = seconds
        print(f"  {what}: good again after {seconds:.1f} s", flush=True)
        if seconds > promised:
            self.broken.append(f"{what}: {seconds:.1f} s, promised {promised:g} s")


def until(condition: Callable[[], bool], what: str) -> float:
    """Seconds."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"{what}: not within {PATIENCE:g} s")
        time.sleep(0.05)
    return time.monotonic() - began


def until_newer_price(than: datetime) -> float:
    from markets.models import LatestQuote

    newer = LatestQuote.objects.filter(streamed=True, observed_at__gt=than)
    return until(newer.exists, "a newer price")


def now() -> datetime:
    return datetime.now(UTC)


def each_fault(sandbox: Sandbox, found: Found) -> None:
    """But 451, which is for good as far as a collector can know: it looks again after five minutes."""
    from markets.sandbox.faults import OF_MESSAGES, OF_STREAMS

    for fault in (*OF_STREAMS, "429", "503"):
        is_cut = fault not in OF_MESSAGES or fault == "oversized"
        sandbox.put(fault, SILENT_FOR if fault == "silence" else CUTS if is_cut else SECONDS_HIT)
        if fault.isdigit():
            sandbox.put("hang_up", 1)  # a status refuses the next handshake: there must be one
        until(sandbox.is_over, fault)
        found.note(fault, until_newer_price(now()), AFTER_A_CUT if is_cut else SOON)


def kills(collectors: Collectors, found: Found, times: int, lots: random.Random) -> None:
    for number in range(times):
        collectors.wait_until_both_stand()
        time.sleep(lots.uniform(1.0, 4.0))
        collectors.kill_working()
        collectors.start_missing()
        found.note(f"kill {number + 1}", until_newer_price(now()), AFTER_A_KILL)


def absence(sandbox: Sandbox, found: Found, seconds: float) -> tuple[str, str]:
    """The stream and every other source gone, and back; what health said meanwhile and afterwards."""
    sandbox.kill()
    time.sleep(seconds)
    away = health()
    sandbox.start()
    found.note("sandbox gone and back", until_newer_price(now()), AFTER_AN_ABSENCE)
    time.sleep(2)
    return away, health()


def health() -> str:
    from core.lib.clock import market_now
    from markets.health import market_source_check

    said = market_source_check(market_now())
    return f"{said['status']}" + (" (stream)" if "stream" in said["detail"] else "")


def note_everything_shown() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
            return
        cursor.execute(
            "CREATE TABLE seen (id integer PRIMARY KEY, token_id integer, observed_at text, price real,"
            " streamed bool)"
        )
        for when in ("INSERT", "UPDATE"):
            cursor.execute(_NOTE.format(when=when))


def bad_rows(epoch: datetime) -> tuple[int, list[str]]:
    """Of everything that was shown: how many prices, and those that the market never had or that went back in time."""
    from django.db import connection

    from markets.models import Token
    from markets.sandbox.simulation import SimulatedMarket

    market = SimulatedMarket(1, int(epoch.timestamp()))
    names = dict(Token.objects.values_list("pk", "coingecko_id"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT token_id, observed_at, price, streamed FROM seen ORDER BY id")
        rows = cursor.fetchall()
    last: dict[int, datetime] = {}
    bad = []
    for token_id, observed_at, price, streamed in rows:
        at = observed_at if isinstance(observed_at, datetime) else datetime.fromisoformat(observed_at)
        at = at.replace(tzinfo=at.tzinfo or UTC)
        true = market.last_price(names[token_id], at.timestamp())
        if streamed and (true is None or abs(price / true[0] - 1) > 1e-4):
            bad.append(f"{names[token_id]} {at:%H:%M:%S}: {price:g} is not {true and true[0]:g}")
        if at < last.get(token_id, at):
            bad.append(f"{names[token_id]} went back from {last[token_id]:%H:%M:%S} to {at:%H:%M:%S}")
        last[token_id] = at
    return len(rows), bad


@contextmanager
def world(embedded: bool) -> Iterator[tuple[Sandbox, Collectors, datetime]]:
    """An empty database, prices of one poll, the sandbox, and two collectors at work."""
    port = free_port()
    with ExitStack() as ends:
        scratch = ends.enter_context(Scratch(embedded=embedded, SANDBOX_URL=f"http://127.0.0.1:{port}"))
        from core.lib.clock import market_now
        from core.models import SourceStamp
        from markets.services.fetching import fetch_quotes

        epoch = SourceStamp.objects.get().epoch
        sandbox, collectors = Sandbox(port, epoch), Collectors(scratch)
        ends.callback(sandbox.kill)
        sandbox.start()
        fetch_quotes(market_now())
        note_everything_shown()
        ends.callback(collectors.stop)
        collectors.start_missing()
        until_newer_price(now())
        yield sandbox, collectors, epoch


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--embedded", action="store_true", help="SQLite")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--away", type=float, default=70.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}, load {os.getloadavg()[0]:.1f}")
    found = Found()
    with world(given.embedded) as (sandbox, collectors, epoch):
        from markets.models import StreamState

        each_fault(sandbox, found)
        kills(collectors, found, given.kills, random.Random(given.seed))
        said = absence(sandbox, found, given.away)
        collectors.stop()
        state = StreamState.objects.get()
        shown, bad = bad_rows(epoch)
    report(found, given, shown, bad, said, state)


def report(found: Found, given: Any, shown: int, bad: list[str], said: tuple[str, str], state: Any) -> None:
    killed = [seconds for what, seconds in found.recovered.items() if what.startswith("kill")]
    broken = [*found.broken, *bad]
    if not said[0].startswith("degraded") or said[1] != "healthy":
        broken.append(f"health said {said[0]} while away and {said[1]} afterwards")
    faults = {
        what: seconds
        for what, seconds in found.recovered.items()
        if what not in {"sandbox gone and back"} and not what.startswith("kill")
    }
    worst = max(faults, key=lambda name: faults[name])
    rows = [
        ("prices shown · bad ones", "0", f"{shown} · {len(bad)}"),
        (
            f"{len(faults)} faults, seconds to a good price",
            f"≤ {SOON:g}, cut ≤ {AFTER_A_CUT:g}",
            f"{spread(list(faults.values()), 1)}, {worst}",
        ),
        (f"killed {len(killed)} times, seconds", f"≤ {AFTER_A_KILL:g}", spread(killed, 1) if killed else "–"),
        (
            f"source away for {given.away:g} s, seconds after",
            f"≤ {AFTER_AN_ABSENCE:g}",
            f"{found.recovered['sandbox gone and back']:.1f}",
        ),
        ("health while away · afterwards", "degraded · healthy", " · ".join(said)),
        ("connections · messages refused", "counted", f"{state.connections} · {state.refused}"),
        ("broken", "0", len(broken)),
    ]
    print_table("embedded" if given.embedded else "distributed", ("what", "promised", "reached"), rows)
    for line in broken[:20]:
        print(f"  {line}")
    keep("reliability.stream_faults", {**vars(given), "recovered": found.recovered, "broken": broken})
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
