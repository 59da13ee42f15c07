"""What came since the last fold: the newest tick of each pair, where its price turned on the way, and what made no
sense. Pure."""

from collections import Counter

from markets.providers.base import Refusal, Tick

MOST_KINDS = 1000


class Fold:
    def __init__(self) -> None:
        self.ticks: dict[str, Tick] = {}
        self._last: dict[str, Tick] = {}
        self._rising: dict[str, bool] = {}
        self._turns: dict[str, list[Tick]] = {}

    def take(self, tick: Tick) -> str:
        """Why it is refused; empty where it is taken, or says again what was said before."""
        before = self.ticks.get(tick.listing) or self._last.get(tick.listing)
        if before is None or before.observed_at < tick.observed_at:
            if before is not None and before.price_usd != tick.price_usd:
                self._note_way(before, tick)
            self.ticks[tick.listing] = tick
        elif tick.observed_at < before.observed_at:
            return "observed before the last one"
        elif tick.price_usd != before.price_usd:
            return "another price for the same instant"
        return ""

    @property
    def turns(self) -> list[Tick]:
        """Of each pair the highest and the lowest at which its price turned; maybe stored as the newest before."""
        return [turn for turns in self._turns.values() for turn in turns]

    def _note_way(self, before: Tick, tick: Tick) -> None:
        rises = tick.price_usd > before.price_usd
        if self._rising.get(tick.listing, rises) != rises:
            turns = [*self._turns.get(tick.listing, ()), before]
            lowest, highest = min(turns, key=_price), max(turns, key=_price)
            self._turns[tick.listing] = [lowest] if lowest is highest else [lowest, highest]
        self._rising[tick.listing] = rises

    def done(self) -> None:
        """What was taken is stored; it is remembered to know older ones by."""
        self._last |= self.ticks
        self.ticks = {}
        self._turns = {}


def _price(tick: Tick) -> float:
    return tick.price_usd


class Garbage:
    """What was refused, counted by its reason: a stream that sends only garbage must not fill a table."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()
        self.new = 0
        """Since it was asked last."""

    def add(self, reason: str, subject: str = "") -> None:
        self.new += 1
        if len(self._seen) < MOST_KINDS or (subject, reason) in self._seen:
            self._seen[subject, reason] += 1

    def __bool__(self) -> bool:
        return bool(self._seen)

    def told(self, most: int) -> list[Refusal]:
        """The most frequent ones, each once with its count; then it begins anew."""
        found = [
            Refusal(subject, f"{reason} ({count} messages)" if count > 1 else reason)
            for (subject, reason), count in self._seen.most_common(most)
        ]
        self._seen.clear()
        return found
