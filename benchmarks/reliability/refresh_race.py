"""Promise 9, a refresh token works once: 20 simultaneous uses, 20 rounds; then the first token once more.

    python -m benchmarks.reliability.refresh_race [--rounds 20] [--uses 20]

Real servers (distributed: two worker processes). Each round: all uses must get one and the same successor and leave one
new member in the family; a use of the old token after its successor was used ends the family, its access tokens from
the next request on and its live feed within 5 s.
"""

import argparse
import time
from typing import Any, NamedTuple

from benchmarks.reliability.site import (
    API,
    Line,
    Reply,
    Site,
    at_once,
    report,
    running,
    scratch,
)

REFRESH, ME = f"{API}/auth/refresh", f"{API}/auth/me"
WITHIN = 5.0


class Round(NamedTuple):
    answered: int
    successors: int
    members: int
    reuse_refused: bool
    access_left: int
    """Access tokens of the family that still opened something right after the reuse."""
    feed_seconds: float


def one_round(site: Site, number: int, uses: int) -> Round:
    from accounts.models import RefreshToken
    from accounts.services.tokens import REFRESH as KIND
    from accounts.services.tokens import read
    from benchmarks.reliability.people import people, tokens

    (user,) = people([f"racer{number}"])
    first = tokens(user)
    won = [reply for reply in at_once(uses, lambda _: _refreshed(site, first.refresh)) if reply.status == 200]
    pairs = [reply.data()["tokens"] for reply in won]
    members = RefreshToken.objects.filter(session__user=user).count() - 1
    newest = _refreshed(site, pairs[0]["refresh"]).data()["tokens"]
    access = [first.access, newest["access"], *(pair["access"] for pair in pairs)]
    for token in access:
        site.ask("GET", ME, bearer=token)  # known to every process from now on
    feed = site.listen(newest["access"])
    reused = time.monotonic()
    refused = _refreshed(site, first.refresh).status == 401
    left = sum(site.ask("GET", ME, bearer=token).status != 401 for token in access)
    return Round(
        answered=len(won),
        successors=len({read(pair["refresh"], KIND).id for pair in pairs}),
        members=members,
        reuse_refused=refused and _refreshed(site, newest["refresh"]).status == 401,
        access_left=left,
        feed_seconds=feed.closed_after(reused),
    )


def _refreshed(site: Site, refresh: str) -> Reply:
    return site.ask("POST", REFRESH, {"refresh": refresh})


def lines_of(rounds: list[Round], options: Any) -> list[Line]:
    count, slowest = len(rounds), max(one.feed_seconds for one in rounds)
    answered = sum(one.answered for one in rounds)
    extra = sum(one.successors != 1 or one.members != 1 for one in rounds)
    forgiven = sum(not one.reuse_refused for one in rounds)
    left = sum(one.access_left for one in rounds)
    return [
        Line(
            f"{count} rounds of {options.uses} uses: answered",
            f"{count * options.uses}",
            answered,
            answered == count * options.uses,
        ),
        Line("rounds with other than one new member", "0", extra, extra == 0),
        Line("later reuses that did not end the family", "0", forgiven, forgiven == 0),
        Line("access tokens that outlived it", "0", left, left == 0),
        Line("slowest live feed to close", f"≤ {WITHIN:g} s", f"{slowest:.2f} s", slowest <= WITHIN),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--uses", type=int, default=20)
    options = parser.parse_args()
    with scratch() as made, running(made) as site:
        rounds = [one_round(site, number, options.uses) for number in range(options.rounds)]
    report("refresh_race", "A refresh token works once", 0, lines_of(rounds, options))


if __name__ == "__main__":
    main()
