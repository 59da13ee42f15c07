"""How much one connection may ask for. Pure: the time is passed in."""

MAX_SYMBOLS = 200
MAX_SUBSCRIPTIONS = 10
MAX_FRAME_BYTES = 16 * 1024
MAX_FRAMES_PER_SECOND = 20
MAX_BAD_FRAMES = 20
MAX_WAITING = 1000
"""Of values that count one by one, such as alerts: a reader who is further behind has to connect and ask the inbox."""


class FrameRate:
    """Twenty frames at once, and twenty more for each second that passes."""

    __slots__ = ("_allowance", "_seen_at")

    def __init__(self, now: float) -> None:
        self._allowance, self._seen_at = float(MAX_FRAMES_PER_SECOND), now

    def admits(self, now: float) -> bool:
        regained = (now - self._seen_at) * MAX_FRAMES_PER_SECOND
        self._allowance = min(MAX_FRAMES_PER_SECOND, self._allowance + regained)
        self._seen_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True


def is_too_large(text: str) -> bool:
    """Counts bytes, as the network does; a short text is not encoded to find out."""
    return len(text) > MAX_FRAME_BYTES or (4 * len(text) > MAX_FRAME_BYTES and _bytes(text) > MAX_FRAME_BYTES)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
