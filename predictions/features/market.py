"""What Bitcoin and Ether do, in units of what is usual for them: the same figures for every token."""

import numpy as np

from predictions.features.history import Floats
from predictions.features.view import Features, View

LEADERS = ("btc", "eth")


def market(leader: str, view: View | None, shape: tuple[int, ...]) -> Features:
    """Figures of one leader, whose view has one column; NaN where it is not followed. `shape` is (rows,
    tokens).
    """
    for hours in (1, 4, 24, 168):
        yield f"{leader}_return_{hours}h", _spread(None if view is None else view.past_return(hours), shape)
    for hours in (4, 24, 168, 720):
        yield (
            f"{leader}_volatility_{hours}h",
            _spread(None if view is None else _deviation(view, hours), shape),
        )
    yield f"{leader}_mean_move_2160h", _spread(None if view is None else _mean_move(view), shape)


def _deviation(view: View, hours: int) -> Floats:
    return view.against_usual(np.sqrt(np.maximum(view.squares.mean(view.rows, hours), 0.0)))


def _mean_move(view: View) -> Floats:
    return view.against_usual(1.2533 * view.sizes.mean(view.rows, 2160, 0.6))


def _spread(one: Floats | None, shape: tuple[int, ...]) -> Floats:
    return np.full(shape, np.nan) if one is None else np.broadcast_to(one, shape)
