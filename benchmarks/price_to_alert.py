"""From a price to the alert at the user: the exchange's message, the stored price, the event, the frame in the browser.

    .venv/bin/python -m benchmarks.price_to_alert [--seconds 60]

`make run`'s one process (SQLite) and a stream made here, as in `stream_to_feed`; every price crosses the level of an
alert, each second to the other side. The clock starts when the exchange's message is sent, which is before its price is
stored, and stops when the frame is at a signed-in client. Goal: p95 under 1 s.
"""

import argparse
import json
import math
import os
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from statistics import median
from typing import Any

from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from benchmarks.ending import unwind_at_sigterm
from benchmarks.report import keep, print_table
from benchmarks.stream_to_feed import GOAL_P95, Upstream, base_prices, free_port_pair, khalsi

ALERTS = 20
"""As many as a free plan has, each on a token of its own."""
ASIDE = 0.002
"""So far prices lie from the level, in turn above and below."""


class Crossing(Upstream):
    def _send(self, connection: ServerConnection, pair: str) -> None:
        side = ASIDE if self._number % 2 else -ASIDE
        price = f"{self.prices[pair] * (1 + side + self._number * 1e-7):.10g}"
        event = {"e": "24hrMiniTicker", "E": int(time.time() * 1000), "s": pair, "c": price}
        if self.is_measuring.is_set():
            self.sent[pair, repr(float(price))] = time.monotonic()
        connection.send(json.dumps({"stream": f"{pair.lower()}@miniTicker", "data": event}))


def post(base: str, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(f"{base}/api/v1{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return dict(json.load(reply)["data"])


def sign_up(base: str) -> str:
    body = {"email": "alice@example.com", "password": "seven green kettles sing"}
    return str(post(base, "/auth/register", body)["tokens"]["access"])


def set_alerts(base: str, token: str, prices: dict[str, float]) -> None:
    for pair, price in list(prices.items())[:ALERTS]:
        asked = {"symbol": pair.removesuffix("USDT"), "kind": "price_crossing", "params": {"price": price}}
        with suppress(urllib.error.HTTPError):  # a pair whose token is not followed
            post(base, "/alerts", {**asked, "repeat": "recurring"}, token)


def listen(url: str, token: str, came: dict[tuple[str, str], float], over: threading.Event) -> None:
    with connect(url, max_size=None, proxy=None, compression=None) as feed:
        feed.send(json.dumps({"action": "authenticate", "token": token}))
        feed.send(json.dumps({"action": "subscribe", "channel": "user"}))
        while not over.is_set():
            with suppress(TimeoutError):
                frame = json.loads(feed.recv(timeout=0.5))
                if frame["type"] == "alert":
                    key = (f"{frame['symbol']}USDT", repr(frame["values"]["value"]))
                    came.setdefault(key, time.monotonic())


def measure(seconds: float) -> dict[str, Any]:
    port, upstream = free_port_pair(), Crossing()
    base, over = f"http://127.0.0.1:{port}", threading.Event()
    came: dict[tuple[str, str], float] = {}
    with (
        tempfile.TemporaryDirectory(prefix="khalsi-bench-") as data,
        serve(upstream.talk, "127.0.0.1", 0, process_response=upstream.respond, compression=None) as server,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with khalsi(data, port, f"ws://127.0.0.1:{server.socket.getsockname()[1]}"):
            prices, token = base_prices(port), sign_up(base)
            set_alerts(base, token, prices)
            upstream.prices.update(prices)
            url = f"ws://127.0.0.1:{port}/ws/v1/"
            listener = threading.Thread(target=listen, args=(url, token, came, over), daemon=True)
            listener.start()
            time.sleep(5)
            upstream.is_measuring.set()
            time.sleep(seconds)
            upstream.is_measuring.clear()
            time.sleep(3)
            over.set()
            listener.join(5)
    return figures(upstream, came)


def figures(upstream: Upstream, came: dict[tuple[str, str], float]) -> dict[str, Any]:
    waits = sorted(came[key] - at for key, at in upstream.sent.items() if key in came)
    if not waits:
        raise SystemExit("No alert came to the client.")
    watched = {pair for pair, _ in came}
    return {
        "alerts": len(watched),
        "messages": sum(1 for pair, _ in upstream.sent if pair in watched),
        "told": len(waits),
        "p50": median(waits),
        "p95": waits[math.ceil(len(waits) * 0.95) - 1],
        "p99": waits[math.ceil(len(waits) * 0.99) - 1],
        "worst": waits[-1],
        "load": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds
    unwind_at_sigterm()
    found = measure(seconds)
    rows = [
        ("alerts, each on a token of its own", found["alerts"]),
        ("prices that crossed · told of", f"{found['messages']} · {found['told']}"),
        *((f"{name}, ms", f"{found[name] * 1000:.0f}") for name in ("p50", "p95", "p99", "worst")),
        ("load of the machine", f"{found['load']:.1f}"),
    ]
    print_table("From the exchange's message to the alert's frame, embedded", ("what", "figure"), rows)
    keep("price_to_alert", found)
    if found["p95"] >= GOAL_P95:
        sys.exit(f"The goal is a p95 under {GOAL_P95:g} s.")


if __name__ == "__main__":
    main()
