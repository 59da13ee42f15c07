"""The live feed inside one process: whichever thread publishes, the server's loop gets the values at once."""

import threading
from typing import TYPE_CHECKING

from core.live.census import Report
from core.live.item import Item, closed

if TYPE_CHECKING:
    from core.live.hub import Hub


class ProcessFeed:
    """Numbers values and hands them to the hubs of this process; both ends of the embedded form."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seqs: dict[str, dict[str, int]] = {}
        self._hubs: list[Hub] = []
        self._reports: dict[str, Report] = {}

    def publish(self, stream: str, heads: dict[str, str]) -> None:
        # Handed over under the lock: two threads' values of one symbol arrive in the order of their numbers.
        with self._lock:
            seqs = self._seqs.setdefault(stream, {})
            items = []
            for symbol, head in heads.items():
                seqs[symbol] = seqs.get(symbol, 0) + 1
                items.append(Item(symbol, seqs[symbol], closed(head, seqs[symbol])))
            self._hand_over(stream, items, numbered=True)

    def send(self, stream: str, fragments: dict[str, str]) -> None:
        with self._lock:
            items = [Item(key, 0, fragment) for key, fragment in fragments.items()]
            self._hand_over(stream, items, numbered=False)

    async def start(self, hub: "Hub") -> None:
        with self._lock:
            hub.continue_from(self._seqs)
            if hub not in self._hubs:
                self._hubs.append(hub)

    async def listening(self) -> None:
        pass  # from `start` on

    async def report(self, report: Report) -> None:
        self._reports[report["process"]] = report

    def reports(self) -> list[Report]:
        return list(self._reports.values())

    async def stop(self, hub: "Hub") -> None:
        with self._lock:
            self._hubs.remove(hub)

    def _hand_over(self, stream: str, items: list[Item], numbered: bool) -> None:
        for hub in self._hubs:
            hub.hand_over(stream, items, numbered)
