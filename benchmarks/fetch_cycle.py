"""What one fetch of 250 quotes costs: the source's time, our own, and beside it the same rows written by hand.

    .venv/bin/python -m benchmarks.fetch_cycle [--tokens 250] [--cycles 9] [--sqlite]

From the sandbox over HTTP into PostgreSQL (or SQLite), through the task's own service, announcements included.
Goals: under 1 s of our own time and one request to the source; storing, without telling anybody, takes at most 1.5
times a hand-written unnest and upsert of the same rows in the same run (PostgreSQL).
"""

import argparse
import time
from datetime import datetime, timedelta
from typing import Any

from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import Scratch, ask, sandbox

Figures = dict[str, float]


def follow(listed: list[dict[str, Any]]) -> None:
    """Follow what the sandbox lists, and nothing else."""
    from markets.models import Token

    Token.objects.all().delete()
    Token.objects.bulk_create(
        Token(coingecko_id=row["id"], symbol=row["symbol"].upper(), name=row["name"]) for row in listed
    )


def one_cycle(source: Any, http: Any, now: datetime) -> Figures:
    """Seconds of one fetch: all of it, what of it was the source's, and what remains as ours."""
    from markets.services.fetching import fetch_quotes

    http.seconds = 0.0
    began = time.perf_counter()
    fetched = fetch_quotes(now, source)
    whole = time.perf_counter() - began
    return {
        "whole": whole,
        "source": http.seconds,
        "own": whole - http.seconds,
        "stored": len(fetched.token_ids),
    }


def timed_source(url: str) -> tuple[Any, Any]:
    """The client as tasks use it, which also adds up how long its source took."""
    from core.net.client import HttpClient
    from core.net.reply import Reply
    from markets.providers.coingecko.fetch import CoinGecko
    from markets.services.ledger import spend

    class TimedClient(HttpClient):
        seconds = 0.0

        def get(self, *asked: Any, **more: Any) -> Reply:
            reply = super().get(*asked, **more)
            self.seconds += reply.elapsed
            return reply

    http = TimedClient(f"{url}/coingecko/api/v3", name="CoinGecko")
    return CoinGecko(http, lambda kind: spend(CoinGecko.name, kind)), http


def stored_again(source: Any, now: datetime) -> Figures:
    """Seconds for the same parsed quotes: by hand into twin tables, by the service, and the telling apart."""
    from benchmarks.by_hand import write_by_hand
    from markets.events import quotes_stored
    from markets.models import LatestQuote, Token
    from markets.services.quote_storage import store_quotes

    tokens = {token.coingecko_id: token for token in Token.objects.active()}
    records = source.quotes(list(tokens), now).records
    by_hand = write_by_hand(records, {name: token.pk for name, token in tokens.items()}, now)
    began = time.perf_counter()
    stored = store_quotes(records, tokens, source="simulated", fetched_at=now)
    done = time.perf_counter()
    quotes_stored.send(sender=LatestQuote, token_ids=stored.token_ids)
    telling = time.perf_counter() - done
    return {"by hand": by_hand, "storing": done - began - telling, "telling": telling}


def run(url: str, cycles: int, embedded: bool) -> tuple[list[Figures], list[Figures]]:
    """Cycles of fresh quotes; the first of each kind opens connections and is left out."""
    source, http = timed_source(url)
    now = datetime.fromisoformat(ask(f"{url}/control/state")["market_time"])
    seen, pairs = [], []
    for _ in range(cycles + 1):
        seen.append(one_cycle(source, http, now := later(url, now)))
        if not embedded:
            pairs.append(stored_again(source, now := later(url, now)))
    return seen[1:], pairs[1:]


def later(url: str, now: datetime) -> datetime:
    """The market five minutes on."""
    then = now + timedelta(minutes=5)
    ask(f"{url}/control/clock", {"market_at": then.isoformat(), "speed": 0})
    return then


def requests_of(url: str) -> int:
    """How many requests for quotes the sandbox has seen."""
    seen: dict[str, int] = ask(f"{url}/control/state")["requests"]
    return sum(count for path, count in seen.items() if "coins/markets" in path)


def table(seen: list[Figures], pairs: list[Figures], asked: float) -> list[tuple[str, str]]:
    rows = [(name, spread([cycle[name] * 1000 for cycle in seen], 1)) for name in ("whole", "source", "own")]
    rows += [
        ("requests to the source", f"{asked:g}"),
        ("quotes stored", spread([one["stored"] for one in seen], 0)),
    ]
    if pairs:
        rows += [(name, spread([pair[name] * 1000 for pair in pairs], 1)) for name in pairs[0]]
        rows += [("storing ÷ by hand", spread([pair["storing"] / pair["by hand"] for pair in pairs]))]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=250)
    parser.add_argument("--cycles", type=int, default=9)
    parser.add_argument("--sqlite", action="store_true", help="the embedded form")
    options = parser.parse_args()
    with sandbox(options.tokens) as url, Scratch(embedded=options.sqlite, SANDBOX_URL=url):
        follow(ask(f"{url}/coingecko/api/v3/coins/markets?vs_currency=usd&per_page=250"))
        before = requests_of(url)
        seen, pairs = run(url, options.cycles, options.sqlite)
        asked = (requests_of(url) - before) / (options.cycles + 1) / (1 if options.sqlite else 2)
    form = "SQLite" if options.sqlite else "PostgreSQL"
    title = f"One fetch of {options.tokens} quotes on {form}, milliseconds"
    print_table(title, ("what", "median (range)"), table(seen, pairs, asked))
    keep(
        "fetch_cycle",
        {"form": form, "tokens": options.tokens, "cycles": seen, "storing": pairs, "requests": asked},
    )


if __name__ == "__main__":
    main()
