"""Promise 12, a limit is a limit: 400 requests, 64 at a time, and exactly as many pass as may.

    python -m benchmarks.reliability.limit_is_a_limit [--requests 400] [--at-once 64]

Real servers (distributed: two worker processes), limits on. Each case comes from an address of loopback of its own.
"""

import argparse
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.reliability.site import API, Line, Reply, Site, report, running, scratch

LIMIT = 100
ASKED = f"{API}/predictions/models"
_PEERS = (f"127.0.{high}.{low}" for high, low in itertools.product(range(1, 200), range(1, 200)))


def ask_all(options: Any, one: Callable[[int], Reply], times: int = 0) -> list[Reply]:
    with ThreadPoolExecutor(options.at_once) as pool:
        return list(pool.map(one, range(times or options.requests)))


def judged(what: str, replies: list[Reply], limit: int, passing: int = 200) -> Line:
    """Exactly `limit` pass and every other is 429; where replies say what is left, each number once."""
    allowed = min(limit, len(replies))
    statuses = Counter(reply.status for reply in replies)
    left = sorted(
        int(reply.headers["x-ratelimit-remaining"])
        for reply in replies
        if reply.status == passing and "x-ratelimit-remaining" in reply.headers
    )
    told = passing != 200 or left == list(range(limit - allowed, limit))
    waits = all(int(reply.headers["retry-after"]) > 0 for reply in replies if reply.status == 429)
    exact = statuses == Counter({passing: allowed, 429: len(replies) - allowed})
    return Line(
        f"{len(replies)} {what}",
        f"{allowed} pass",
        f"{statuses[passing]} pass, {statuses[429]} refused",
        exact and told and waits,
    )


def without_proxy(site: Site, options: Any) -> Iterator[Line]:
    peer = next(_PEERS)
    yield judged("from one address", ask_all(options, lambda _: site.ask("GET", ASKED, peer=peer)), LIMIT)
    peer = next(_PEERS)

    def forged(number: int) -> Reply:
        lie = f"203.0.{number // 250}.{number % 250}"
        headers = {"X_Forwarded_For": lie, "X_Real_IP": lie, "Forwarded": f"for={lie}"}
        return site.ask("GET", ASKED, peer=peer, **headers)

    yield judged("from one address that forges another each time", ask_all(options, forged), LIMIT)
    peer = next(_PEERS)

    def log_in(number: int) -> Reply:
        body = {"email": "nobody@example.com", "password": f"guess number {number}"}
        return site.ask("POST", f"{API}/auth/login", body, peer=peer)

    yield judged("log-ins of one account from one address", ask_all(options, log_in, 64), 10, passing=401)


def signed_in(site: Site, options: Any) -> Iterator[Line]:
    from benchmarks.reliability.people import people, tokens

    for plan, limit in (("free", 1_000), ("pro", 10_000)):
        (user,) = people([plan], plan=plan)
        access = [tokens(user).access for _ in range(4)]
        peers = [next(_PEERS) for _ in range(4)]

        def read(number: int) -> Reply:
            return site.ask("GET", ASKED, bearer=access[number % 4], peer=peers[number % 3])  # noqa: B023

        replies = ask_all(options, read, min(limit + 200, options.most))
        yield judged(f"of the plan {plan}, four sessions and addresses", replies, limit)


def behind_a_proxy(site: Site, options: Any) -> Iterator[Line]:
    """The proxy is at 127.0.0.1 and adds what it sees at the end of the header."""

    def vouched(number: int) -> Reply:
        return site.ask("GET", ASKED, X_Forwarded_For=f"198.51.100.{number % 250}, 203.0.113.7")

    yield judged("of one client behind the proxy, who forges the rest", ask_all(options, vouched), LIMIT)
    peer = next(_PEERS)

    def around(number: int) -> Reply:
        return site.ask("GET", ASKED, peer=peer, X_Forwarded_For=f"198.51.100.{number % 250}")

    yield judged("around the proxy, vouching for themselves", ask_all(options, around), LIMIT)

    def two(number: int) -> Reply:
        return site.ask("GET", ASKED, X_Forwarded_For=f"203.0.113.{8 + number % 2}")

    replies = ask_all(options, two)
    for client in (0, 1):
        yield judged("of each of two clients behind the proxy", replies[client::2], LIMIT)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--most", type=int, default=1_200, help="requests of one signed-in user")
    options = parser.parse_args()
    lines: list[Line] = []
    with scratch(RATE_LIMIT_MAX=str(LIMIT), REQUIRE_EMAIL_VERIFICATION="false") as made:
        with running(made) as site:
            lines += without_proxy(site, options)
            lines += signed_in(site, options)
        with running(made, TRUSTED_PROXIES="127.0.0.1") as site:
            lines += behind_a_proxy(site, options)
    report("limit_is_a_limit", "A limit is a limit", 0, lines)


if __name__ == "__main__":
    main()
