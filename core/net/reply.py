"""What came back from a source, and the replies that are kept to ask "anything new?" instead of everything
again."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

MOST_KEPT = 64
LARGEST_KEPT = 2 * 1024 * 1024


@dataclass(frozen=True)
class Reply:
    """`body` is decompressed. Header names are lower case. `is_unchanged`: the source said 304, so the body
    is the one it sent before; `fetched_at` (wall time) is of this answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: float
    fetched_at: datetime
    is_unchanged: bool = False


class KeptReplies:
    """The last replies that had an ETag, by what was asked; bounded in number and size."""

    def __init__(self) -> None:
        self._replies: dict[str, Reply] = {}
        self._lock = threading.Lock()

    def get(self, asked: str) -> Reply | None:
        return self._replies.get(asked)

    def keep(self, asked: str, reply: Reply) -> None:
        if reply.status != 200 or "etag" not in reply.headers or len(reply.body) > LARGEST_KEPT:
            return
        with self._lock:
            self._replies.pop(asked, None)
            self._replies[asked] = reply
            while len(self._replies) > MOST_KEPT:
                del self._replies[next(iter(self._replies))]
