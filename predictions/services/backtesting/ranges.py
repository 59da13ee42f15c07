"""Ranges as serving would have scaled them: in order of time over all parts, by what had matured before."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.engines import conformal
from predictions.engines.base import Floats
from predictions.engines.conformal import RangeState
from predictions.horizons import Timeframe
from predictions.services.backtesting.parts import BASELINE, Said


@dataclass(frozen=True, eq=False)
class Voice:
    """One engine over all parts, N rows in order of time, NaN where it abstained: `probabilities` and
    `prices` (N, 3), `log_factor` (N,) by which half-widths were multiplied. `own` (N,) is False where there
    was not yet enough to learn from and the climatology speaks in its place.
    """

    name: str
    probabilities: Floats
    quantiles: Floats
    prices: Floats
    log_factor: Floats
    own: NDArray[np.bool_]
    reasons: NDArray[np.str_]


def voice(parts: Sequence[Said], name: str, timeframe: Timeframe, tokens: int) -> Voice:
    """What was published of that engine, its ranges scaled."""
    mine = _scaled(parts, name, timeframe, tokens)
    if mine.own.all() or name == BASELINE:
        return mine
    other = _scaled(parts, BASELINE, timeframe, tokens)

    def either(own: Floats, usual: Floats) -> Floats:
        return np.asarray(np.where(mine.own.reshape(-1, *[1] * (own.ndim - 1)), own, usual))

    return Voice(
        name,
        either(mine.probabilities, other.probabilities),
        either(mine.quantiles, other.quantiles),
        either(mine.prices, other.prices),
        either(mine.log_factor, other.log_factor),
        mine.own,
        np.where(mine.own, mine.reasons, other.reasons).astype(np.str_),
    )


def _scaled(parts: Sequence[Said], name: str, timeframe: Timeframe, tokens: int) -> Voice:
    said = [part.engines.get(name) for part in parts]
    rows = [len(part) for part in parts]
    nothing = [np.full((n, 3), np.nan) for n in rows]
    pairs = list(zip(said, nothing, strict=True))
    probabilities = np.concatenate([one.probabilities if one else none for one, none in pairs])
    plain = np.concatenate([one.quantiles if one else none for one, none in pairs])
    words = [
        np.array(part.reasons, np.str_)[one.reason] if one else np.full(len(part), part.why)
        for one, part in zip(said, parts, strict=True)
    ]
    as_of, token, reference, price = (
        np.concatenate([getattr(part, field) for part in parts])
        for field in ("as_of", "token", "reference", "price")
    )
    spread, factor = _in_time(timeframe, tokens, as_of, token, plain, reference, price)
    return Voice(
        name,
        probabilities,
        spread,
        conformal.prices(reference, spread),
        factor,
        np.repeat([one is not None for one in said], rows).astype(bool),
        np.concatenate(words),
    )


def _in_time(
    timeframe: Timeframe,
    tokens: int,
    as_of: NDArray[np.int64],
    token: NDArray[np.int64],
    plain: Floats,
    reference: Floats,
    price: Floats,
) -> tuple[Floats, Floats]:
    """Scaled log returns (N, 3) and λ (N,). λ at t knows the outcomes that had matured before t."""
    spread, factor = np.full(plain.shape, np.nan), np.full(len(plain), np.nan)
    answered = np.isfinite(plain).all(axis=1)
    state = RangeState.fresh(tokens)
    waiting: deque[tuple[int, NDArray[np.int64], NDArray[np.bool_], int]] = deque()
    for moment, rows in _moments(as_of, np.flatnonzero(answered)):
        while waiting and waiting[0][0] < moment:
            _, columns, inside, said = waiting.popleft()
            state.learn(timeframe, columns, inside, said)
        factor[rows] = state.log_factors(token[rows])
        spread[rows] = conformal.scaled(plain[rows], factor[rows])
        known = rows[np.isfinite(price[rows])]
        if len(known):
            ends = conformal.prices(reference[known], spread[known])
            inside = (ends[:, 0] <= price[known]) & (price[known] <= ends[:, 2])
            waiting.append((moment + timeframe.seconds, token[known], inside, len(rows)))
    return spread, factor


def _moments(as_of: NDArray[np.int64], rows: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Rows of each moment, in order of time."""
    starts = np.flatnonzero(np.r_[True, np.diff(as_of[rows]) > 0]) if len(rows) else np.empty(0, np.int64)
    for group in np.split(rows, starts[1:]):
        if len(group):
            yield int(as_of[group[0]]), group
