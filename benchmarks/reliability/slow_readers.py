"""Promise 21, a slow reader harms only itself: a hundred clients, ten of which stop reading.

    python -m benchmarks.reliability.slow_readers [--seconds 600] [--rounds 3]

One server process as compose starts it, over Redis, but without a heartbeat: it would let go of those who stopped. 250
prices five times a second to all; every round measures the ninety with everybody reading, and then with ten stopped.
Then the ten stay stopped for --seconds, while 900 alerts are told to all, and read again. A minute passes beside
--seconds: some eleven in all.
"""

import argparse
import time
from statistics import median
from typing import Any, NamedTuple

from benchmarks.feed_fanout import SUBSCRIBE, khalsi
from benchmarks.load import Server, busy
from benchmarks.reliability.site import EMBEDDED, Line, report, scratch
from benchmarks.sockets import Crowd, allow_many_files

CLIENTS, STOPPED, ALERTS = 100, 10, 900
TICKS_A_SECOND = 5
ROUND_SECONDS = 4
MEGABYTES = 50
RATIO = 1.2
MEANS_SOMETHING_MS = 5.0
"""Below this a p99 is made of what else the machine does."""
LOUD = 0.2


class Told(NamedTuple):
    p99_ms: float
    frames: int
    newest: int


def tick() -> int:
    """Some fifty kilobytes, so that a stopped reader's buffers are full within seconds."""
    from core.live.publish import publish

    now = time.time_ns()
    rest = {"source": "simulated", "freshness": "live", "bulk": "x" * 120}
    publish("prices", [(f"T{number}", {"t": now, "symbol": f"T{number}", **rest}) for number in range(250)])
    return now


def listen_for(crowd: Crowd, seconds: float) -> Told:
    """Publish for so long, then see what arrived."""
    crowd.ask("clear")
    began, newest = time.monotonic(), 0
    for number in range(int(seconds * TICKS_A_SECOND)):
        time.sleep(max(0.0, began + number / TICKS_A_SECOND - time.monotonic()))
        newest = tick()
    time.sleep(1)
    found = crowd.ask("report")
    return Told(found["p99_ms"], found["frames"], newest)


class Quiet:
    """How many cores other programs took meanwhile: above 0.2 a p99 means nothing."""

    def __init__(self, server: Server, crowd: Crowd) -> None:
        self._server, self._crowd = server, crowd
        self._began, self._worked = time.monotonic(), self._foreign()

    def _foreign(self) -> float:
        ours: float = self._server.cpu() + self._crowd.ask("report")["cpu"] + time.process_time()
        return busy() - ours

    def foreign(self) -> float:
        return max((self._foreign() - self._worked) / (time.monotonic() - self._began), 0.0)


def rounds(crowd: Crowd, count: int) -> tuple[list[float], list[float]]:
    """p99 with everybody reading, and with ten stopped, who are left as they are. The first of the latter fill buffers
    and are not counted."""
    reading, stopped = [], []
    for number in range(count):
        if number:
            crowd.ask("read_again", number=STOPPED)
            time.sleep(1)
        reading.append(listen_for(crowd, ROUND_SECONDS).p99_ms)
        crowd.ask("stop_reading", number=STOPPED)
        listen_for(crowd, ROUND_SECONDS)
        stopped.append(listen_for(crowd, ROUND_SECONDS).p99_ms)
    return reading, stopped


def endure(server: Server, crowd: Crowd, seconds: float, user_id: Any) -> tuple[int, Told]:
    """How much memory it took at most, in bytes, and what the ninety saw. The ten have stopped already."""
    from core.live.publish import tell_user

    most = server.memory()
    until = time.monotonic() + seconds - 2 * ROUND_SECONDS  # the rounds left them so
    for number in range(ALERTS):
        tell_user(user_id, {"type": "alert", "id": number})
    told = listen_for(crowd, 1)
    while (left := until - time.monotonic()) > 2:
        told = listen_for(crowd, min(left - 1, 10))
        most = max(most, server.memory())
    return most, told


def run(server: Server, asked: Any) -> list[Line]:
    from benchmarks.reliability.people import people, tokens

    (user,) = people(["alice"])
    first = (
        '{"action":"authenticate","token":"' + tokens(user).access + '"}',
        '{"action":"subscribe","channel":"user"}',
        SUBSCRIBE,
    )
    with Crowd(server.port, "/ws/v1/", *first) as crowd:
        opened = crowd.ask("open", number=CLIENTS)["opened"]
        time.sleep(2)
        before, quiet = server.memory(), Quiet(server, crowd)
        reading, stopped = rounds(crowd, asked.rounds)
        foreign = quiet.foreign()
        most, told = endure(server, crowd, asked.seconds, user.pk)
        newest = crowd.ask("newest", number=CLIENTS)["seen"]
        current = sum(seen == told.newest for seen in newest[STOPPED:])
        crowd.ask("read_again", number=STOPPED)
        time.sleep(3)
        back = crowd.ask("newest", number=STOPPED)["seen"]
        alerts = crowd.ask("alerts", number=CLIENTS)["alerts"]
        lost = crowd.ask("report")["lost"]
    ratio, grown = median(stopped) / median(reading), most - before
    loud = ratio > RATIO and (median(stopped) < MEANS_SOMETHING_MS or foreign > LOUD)
    return [
        Line(
            "clients connected, and lost",
            f"{CLIENTS}, 0",
            f"{opened}, {lost}",
            (opened, lost) == (CLIENTS, 0),
        ),
        Line("p99 ms of the ninety, all reading", "", f"{median(reading):.1f}", True),
        Line(
            "the same with ten stopped, ratio",
            f"≤ {RATIO}",
            f"{median(stopped):.1f}, {ratio:.2f}",
            None if loud else ratio <= RATIO,
        ),
        Line(
            "cores that other programs took meanwhile",
            f"≤ {LOUD}",
            f"{foreign:.2f}",
            None if foreign > LOUD else True,
        ),
        Line("memory grew by MB", f"< {MEGABYTES}", f"{grown / 1e6:.1f}", grown < MEGABYTES * 1e6),
        Line("of the ninety, see the newest price", "90", current, current == CLIENTS - STOPPED),
        Line(
            "of the ten, on return",
            "10",
            sum(seen == told.newest for seen in back),
            set(back) == {told.newest},
        ),
        Line(
            "alerts that each of the hundred got", str(ALERTS), sorted(set(alerts)), set(alerts) == {ALERTS}
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if EMBEDDED:
        raise SystemExit("Set DATABASE_URL and REDIS_URL: what is published comes from another process.")
    allow_many_files()
    patient = ("--ws-ping-interval", "100000")
    # A sign-in ends after minutes, and its sockets with it: this one outlasts the run.
    with scratch(JWT_EXPIRES_IN="2h") as made, khalsi(made.whole_environment(), *patient) as server:
        lines = run(server, asked)
    report("slow_readers", "A slow reader harms only itself", 0, lines)


if __name__ == "__main__":
    main()
