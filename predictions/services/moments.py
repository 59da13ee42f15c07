"""The market at one moment as engines see it: every followed token, read once, for all timeframes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markets.models import Token
from markets.selectors.panel import hourly_panel, quarter_panel
from predictions.engines.base import Batch
from predictions.engines.batches import Snapshot
from predictions.engines.climatology import frequencies
from predictions.features import frame
from predictions.features.levels import Levels, levels
from predictions.horizons import Timeframe
from predictions.selectors.tallies import baseline_counts
from predictions.services.doubts import Doubts, doubts_of
from predictions.services.histories import PANEL_DAYS, QUARTER_DAYS, cleaned, history_of


@dataclass(frozen=True, eq=False)
class Moment:
    """`tokens` are the rows of every batch. Nothing in here closed after `as_of`. `doubts`: whose candles cannot be
    believed, and why.
    """

    as_of: datetime
    tokens: Sequence[Token]
    snapshot: Snapshot
    sources: Sequence[str]
    doubts: Doubts = field(default_factory=dict)
    _levels: dict[int, list[Levels]] = field(default_factory=dict)

    def reference_interval(self, timeframe: Timeframe) -> int:
        return frame.reference_interval(timeframe, self.snapshot.as_of)

    def batch(self, timeframe: Timeframe) -> Batch:
        counts = baseline_counts([token.pk for token in self.tokens], timeframe.name, self.as_of)
        baseline = frequencies(counts.classes, counts.span_seconds, timeframe.seconds)
        return self.snapshot.batch(timeframe, baseline)

    def levels(self, batch: Batch) -> list[Levels]:
        """Support and resistance of every row; timeframes that share the reference price share them."""
        interval = self.reference_interval(batch.timeframe)
        if interval not in self._levels:
            seen = self.snapshot
            self._levels[interval] = levels(seen.history, seen.as_of, batch.reference_price, seen.scale)
        return self._levels[interval]


def read_moment(tokens: Sequence[Token], as_of: datetime) -> Moment:
    """Two reads, whatever the number of tokens and however much history is stored."""
    ids = [token.pk for token in tokens]
    hours = hourly_panel(ids, as_of, PANEL_DAYS * 24 + 1)
    quarters = quarter_panel(ids, as_of, QUARTER_DAYS * 96 + 1)
    found, moment = cleaned(hours, quarters), int(as_of.timestamp())
    snapshot = Snapshot.at(history_of(tokens, found), moment)
    return Moment(as_of, tokens, snapshot, hours.sources, doubts_of(ids, found, moment))
