"""Nothing outlives its benchmark: asked to end it unwinds, and killed it takes its processes along."""

import ctypes
import signal
import sys
from typing import Any

_TELL_ME_OF_MY_PARENTS_END = 1
_libc = ctypes.CDLL(None)


def ends_with_parent() -> None:
    """Called in a new process before it becomes its program: the kernel sends it SIGTERM when its parent is gone,
    however that ended. The parent is the thread that started it, so start processes from one that stays."""
    if sys.platform == "linux":
        _libc.prctl(_TELL_ME_OF_MY_PARENTS_END, signal.SIGTERM, 0, 0, 0)


def unwind_at_sigterm() -> None:
    """Like Ctrl-C: servers are stopped and what was made for the benchmark is dropped on the way out."""
    signal.signal(signal.SIGTERM, _unwind)


def _unwind(number: int, frame: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough; a second one would cut the way out short
    raise SystemExit(128 + number)
