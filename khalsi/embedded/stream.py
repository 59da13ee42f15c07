"""The collector of live prices as a thread of this process."""

import threading

from markets.services.streaming.collector import collect
from markets.services.streaming.lease import release_whoever_holds


class EmbeddedCollector:
    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=collect, args=(self._stopped,), name="stream", daemon=True)

    def start(self) -> None:
        release_whoever_holds()  # one process holds this folder, so whoever it was is gone
        self._thread.start()

    def stop(self, patience_seconds: float = 3.0) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(patience_seconds)
