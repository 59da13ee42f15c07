"""The ways in which the sandbox can be told to misbehave, and who shall be hit by them next.

| fault | what the client gets |
| --- | --- |
| 429 418 403 451 500 502 503 | that status in the provider's shape; 429, 418 and 503 with Retry-After |
| timeout | nothing: the reply is held for a minute, then the connection is closed |
| hang_up | half of the reply, then the connection is closed |
| slow_drip | the reply byte by byte, five a second |
| oversized | 64 MiB of blanks before the reply |
| truncated | two thirds of the JSON, with a Content-Length that fits |
| html | a page with status 200 |
| wrong_shape | an object for a list and the other way round |
| empty | an empty list or object |
| nulls | null for every price |
| nan | NaN for every price |
| negative_price zero_price | what they say |
| absurd_price | prices times 1,000 (in rows of candles and points every second one) |
| future_time | a day ahead (candles and points ten years) |
| past_time | a day back (candles and points in falling order) |
| duplicate_keys | each object names its first price twice, each row comes twice, with other figures |

Streams are hit only by faults whose target is `stream`: a status refuses the next handshake, the others hit one second
of messages each.

| fault | what a stream's client gets |
| --- | --- |
| silence | nothing, though the connection lives |
| hang_up | the connection is cut without a word |
| half_frame | half of a frame, then the cut |
| close | the connection is closed, as Binance does after 24 hours |
| shutdown | the event `serverShutdown`, then the close |
| no_pings | no ping, and no answer to one, from then on |
| binary | binary frames |
| html truncated wrong_shape oversized duplicate_keys | as above, in each message |
| nulls nan negative_price zero_price absurd_price future_time past_time | as above |
| wrong_symbol | another pair's name in each message |
| duplicate | each message twice |
"""

import random
import threading
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

STATUSES = ("429", "418", "403", "451", "500", "502", "503")
TRANSPORT = ("timeout", "hang_up", "slow_drip", "oversized", "truncated", "html")
BODIES = (
    "wrong_shape",
    "empty",
    "nulls",
    "nan",
    "negative_price",
    "zero_price",
    "absurd_price",
    "future_time",
    "past_time",
    "duplicate_keys",
)
STREAM = "stream"
OF_CONNECTIONS = ("silence", "hang_up", "half_frame", "close", "shutdown", "no_pings")
OF_MESSAGES = (
    "binary",
    "html",
    "truncated",
    "wrong_shape",
    "oversized",
    "duplicate_keys",
    "nulls",
    "nan",
    "negative_price",
    "zero_price",
    "absurd_price",
    "future_time",
    "past_time",
    "wrong_symbol",
    "duplicate",
)
OF_STREAMS = (*OF_CONNECTIONS, *OF_MESSAGES)
NAMES = tuple(dict.fromkeys((*STATUSES, *TRANSPORT, *BODIES, *OF_STREAMS)))
OF_REPLIES = (*STATUSES, *TRANSPORT, *BODIES)
TARGETS = ("coingecko", "binance", STREAM, "*")


@dataclass
class Fault:
    """`count` is how many more requests it hits (None: all until it is taken back)."""

    fault: str
    target: str = "*"
    count: int | None = None
    probability: float = 1.0
    retry_after: int = 5
    path: str = ""  # only requests whose path contains this

    @classmethod
    def parse(cls, wish: Any) -> "Fault":
        """From the body of a request. Raises ValueError with a sentence that says what to write."""
        if not isinstance(wish, dict):
            raise ValueError('write an object such as {"fault": "429", "target": "coingecko", "count": 3}')
        fault, target, count = str(wish.get("fault")), wish.get("target", "*"), wish.get("count")
        if fault not in NAMES:
            raise ValueError(f"fault: write one of {', '.join(NAMES)}")
        if target not in TARGETS:
            raise ValueError(f"target: write one of {', '.join(TARGETS)}")
        known = (*STATUSES, *OF_STREAMS) if target == STREAM else OF_REPLIES
        if fault not in known:
            raise ValueError(f"fault: for {target} write one of {', '.join(known)}")
        if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
            raise ValueError("count: write a whole number from 1, or null")
        probability, retry_after = wish.get("probability", 1.0), wish.get("retry_after", 5)
        if not isinstance(probability, int | float) or not 0 <= probability <= 1:
            raise ValueError("probability: write a number from 0 to 1")
        if not isinstance(retry_after, int) or retry_after < 0:
            raise ValueError("retry_after: write whole seconds")
        return cls(fault, target, count, float(probability), retry_after, str(wish.get("path", "")))


class Faults:
    """The faults in force, first come first served. `taken` counts how often each has hit."""

    def __init__(self, seed: int = 1) -> None:
        self._faults: list[Fault] = []
        self._lots = random.Random(seed)  # noqa: S311 (a repeatable sequence is wanted)
        self._lock = threading.Lock()
        self.taken: dict[str, int] = {}

    def add(
        self,
        fault: str,
        target: str = "*",
        *,
        count: int | None = None,
        probability: float = 1.0,
        retry_after: int = 5,
        path: str = "",
    ) -> None:
        self.put(Fault(fault, target, count, probability, retry_after, path))

    def put(self, fault: Fault) -> None:
        if fault.fault not in NAMES:
            raise ValueError(f"fault: write one of {', '.join(NAMES)}")
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, target: str, path: str, among: Collection[str] = NAMES) -> Fault | None:
        """The fault that hits this request, if any; one with a count is used up by it."""
        with self._lock:
            for fault in self._faults:
                if fault.fault in among and self._hits(fault, target, path):
                    self._use(fault)
                    return fault
        return None

    def _hits(self, fault: Fault, target: str, path: str) -> bool:
        if fault.target != target and (fault.target != "*" or target == STREAM):
            return False
        if fault.path not in path:
            return False
        return fault.probability >= 1 or self._lots.random() < fault.probability

    def _use(self, fault: Fault) -> None:
        self.taken[fault.fault] = self.taken.get(fault.fault, 0) + 1
        if fault.count is not None:
            fault.count -= 1
            if fault.count == 0:
                self._faults.remove(fault)
