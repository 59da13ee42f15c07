"""Which pairs an exchange knows, and of which two tokens each is: asked once an hour by each process, without keys."""

import threading
import time
from collections.abc import Callable, Mapping

SECONDS = 3600.0
LACKING_SECONDS = 600.0
"""What lacks something that is wanted is asked for anew, and not more often than this."""

Pairs = Mapping[str, tuple[str, str]]
"""Base and quote, by the exchange's name of the pair."""

_known: dict[str, tuple[float, Pairs]] = {}
_locks: dict[str, threading.Lock] = {}
_lock = threading.Lock()


def known_pairs(
    where: str, load: Callable[[], Pairs], is_enough: Callable[[Pairs], bool] = lambda known: True
) -> Pairs:
    """`where` names the exchange and its address. One thread asks and the others wait for its answer; those who want
    another exchange's do not wait."""
    with _lock:
        own = _locks.setdefault(where, threading.Lock())
    with own:
        kept = _known.get(where)
        age = time.monotonic() - kept[0] if kept else 0.0
        if kept is None or age > SECONDS or (age > LACKING_SECONDS and not is_enough(kept[1])):
            kept = _known[where] = (time.monotonic(), load())
        return kept[1]


def forget_pairs() -> None:
    _known.clear()
