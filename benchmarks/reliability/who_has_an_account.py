"""Promise 13, nobody learns who has an account: 500 timings each of log-in, forgot and resend, known and unknown.

    python -m benchmarks.reliability.who_has_an_account [--timings 500] [--seed 1]

Real servers with whatever sends mail, limits on, passwords hashed at full cost. Known and unknown addresses take turns
in a random order, each address once, each request from a client address of its own (vouched for by a trusted proxy), so
that load and whatever else drifts hits both alike. Replies must be identical, headers too, and medians less than 5 ms
apart; the table also says how far apart the medians are that pure chance makes of the same timings (95 %). Where that
is more than what was found, a loud machine cannot tell; the CPU that the work takes can.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median
from typing import Any, NamedTuple

from benchmarks.reliability.site import API, Line, Reply, Site, report, running, scratch

APART_MS = 5.0
WRONG = "not the password of anybody"
_VARIES = {"date", "x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset", "server"}


class Timing(NamedTuple):
    known: bool
    milliseconds: float
    said: tuple[Any, ...]


def log_in(site: Site, email: str, client: str) -> Reply:
    body = {"email": email, "password": WRONG}
    return site.ask(
        "POST", f"{API}/auth/login", body, X_Forwarded_For=client, X_Request_ID="the-same-for-all"
    )


def forgot(site: Site, email: str, client: str) -> Reply:
    return _mail(site, "password/forgot", email, client)


def resend(site: Site, email: str, client: str) -> Reply:
    return _mail(site, "resend-verification", email, client)


def _mail(site: Site, call: str, email: str, client: str) -> Reply:
    headers = {"X_Forwarded_For": client, "X_Request_ID": "the-same-for-all"}
    return site.ask("POST", f"{API}/auth/{call}", {"email": email}, **headers)


CALLS: dict[str, Callable[[Site, str, str], Reply]] = {"log-in": log_in, "forgot": forgot, "resend": resend}


def timings(
    site: Site, call: Callable[[Site, str, str], Reply], count: int, chance: random.Random
) -> list[Timing]:
    whom = [(known, number) for known in (True, False) for number in range(count)]
    chance.shuffle(whom)
    found = []
    for known, number in whom:
        client = f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}"
        email = f"{'known' if known else 'other'}{number:04d}@example.com"
        reply = call(site, email, client)
        headers = {name: value for name, value in reply.headers.items() if name not in _VARIES}
        said = (reply.status, tuple(sorted(headers.items())), reply.body)
        found.append(Timing(known, reply.seconds * 1000, said))
    return found


def medians(found: list[Timing]) -> tuple[float, float]:
    return (
        median(one.milliseconds for one in found if one.known),
        median(one.milliseconds for one in found if not one.known),
    )


def by_chance(found: list[Timing], chance: random.Random) -> float:
    """How far apart the medians are in 95 of 100 draws where who is known is dealt out anew."""
    times, half = [one.milliseconds for one in found], len(found) // 2
    apart = []
    for _ in range(1000):
        chance.shuffle(times)
        apart.append(abs(median(times[:half]) - median(times[half:])))
    return sorted(apart)[949]


def lines_of(name: str, found: list[Timing], chance: random.Random) -> list[Line]:
    known, unknown = medians(found)
    apart, likely = abs(known - unknown), by_chance(found, chance)
    said = len({one.said for one in found})
    reached = f"{known:.1f}, {unknown:.1f}: {apart:.2f} apart (by chance {likely:.2f})"
    kept = apart < APART_MS or (None if apart < likely else False)
    return [
        Line(f"{name}: different replies to {len(found)} requests", "1", said, said == 1),
        Line(f"{name}: medians of the time, ms", f"< {APART_MS:g} apart", reached, kept),
    ]


def work_of_a_refusal(count: int, chance: random.Random) -> Line:
    """CPU that one log-in takes in this process, all threads of the hash included: load does not change it."""
    from accounts.services.audit import Origin
    from accounts.services.login import recognise
    from core.lib.clock import wall_now
    from core.lib.errors import NotSignedIn

    spent: dict[str, list[float]] = {"known": [], "other": []}
    whom = [(kind, number) for kind in spent for number in range(count)]
    chance.shuffle(whom)
    for kind, number in whom:
        origin = Origin(f"10.0.{number % 250}.{len(kind)}")
        began = time.process_time()
        with suppress(NotSignedIn):
            recognise(email=f"{kind}{number:04d}@example.com", password=WRONG, now=wall_now(), origin=origin)
        spent[kind].append((time.process_time() - began) * 1000)
    known, unknown = (median(times) for times in spent.values())
    apart = abs(known - unknown)
    reached = f"{known:.1f}, {unknown:.1f}: {apart:.2f} apart"
    return Line("log-in: medians of the CPU, ms", f"< {APART_MS:g} apart", reached, apart < APART_MS)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--timings", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=list(CALLS), help="one of the calls")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    lines: list[Line] = []
    many = {"RATE_LIMIT_MAX": "100000", "LOGINS_MAX": "100000", "MAILS_MAX": "100000"}
    with scratch(**many, TRUSTED_PROXIES="127.0.0.1") as made:
        from benchmarks.reliability.people import people

        with running(made, jobs=True) as site:
            people([f"known{number:04d}" for number in range(options.timings)], email_verified=False)
            lines.append(work_of_a_refusal(options.timings // 5, chance))
            for name, call in CALLS.items():
                if options.only in (None, name):
                    timings(site, call, 5, random.Random(0))  # warm
                    lines += lines_of(name, timings(site, call, options.timings, chance), chance)
                    print(name, "done", file=sys.stderr)
    report("who_has_an_account", "Nobody learns who has an account", options.seed, lines)


if __name__ == "__main__":
    main()
