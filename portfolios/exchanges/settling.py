"""Deposits and withdrawals on their way: they are not told as done, and not forgotten either."""

from datetime import datetime

from portfolios.exchanges.reading import Unfit


class Settling:
    """Sorts rows by their state and remembers since when something is open."""

    def __init__(self, done: frozenset[str], open_: frozenset[str], over: frozenset[str]) -> None:
        self._done, self._open, self._over = done, open_, over
        self.open_from: datetime | None = None

    def is_done(self, state: str, moment: datetime) -> bool:
        """False for what came to nothing and for what is on its way; a state that is not known is refused."""
        if state in self._open:
            self.open_from = min(moment, self.open_from or moment)
        elif state not in self._done and state not in self._over:
            raise Unfit("its state is not known")
        return state in self._done
