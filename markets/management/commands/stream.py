"""`manage.py stream`: the collector of live prices, as a process of its own. A second one waits for its turn."""

import signal
import threading
from queue import SimpleQueue
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from markets.services.streaming.collector import collect

STOPPED_WITHIN = 10


class Command(BaseCommand):
    help = "Listen to the exchange's stream and store a price a token and second, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        # An Event's lock is no place for a signal: one that comes while it is held waits for itself.
        asked, stopped = SimpleQueue[None](), threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: asked.put(None))
        where = settings.MARKET.stream_url
        self.stdout.write(f"Listening to {where}." if where else "BINANCE_STREAM_URL is off: nothing to do.")
        self.stdout.flush()
        collecting = threading.Thread(target=collect, args=(stopped,), name="stream", daemon=True)
        collecting.start()
        asked.get()
        stopped.set()
        collecting.join(STOPPED_WITHIN)
