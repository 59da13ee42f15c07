"""Learning of the recurrent network. PyTorch (the extra `lstm`) is imported here, and only inside the functions that
need it; where it is not installed, pools are learned without the network.
"""

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import QUANTILES, Floats
from predictions.engines.lessons import Lesson
from predictions.engines.lstm import (
    HEADS,
    NARROWEST,
    WEIGHTS,
    WIDEST,
    Lstm,
    bands,
    corrections,
    heads_of,
    path,
    softmax,
)
from predictions.engines.odds import LEAST
from predictions.engines.volatility import usual_deviation

UNITS, EPOCHS, ROWS_AT_ONCE = 16, 12, 1024
LEARNING_RATE, DECAY = 3e-3, 1e-3
NORMAL_REACH = 0.25
"""Logarithm of how far a normal's 10 and 90 % lie from its middle."""
SLOPES = np.linspace(0.0, 1.5, 31)

Mask = NDArray[np.bool_]


def installed() -> bool:
    return find_spec("torch") is not None


def learn_lstm(lesson: Lesson) -> Lstm:
    """The later rows decide after how many rounds it is best and how far it may be trusted; then all rows teach it."""
    told = _Told(lesson)
    rounds, draft = _best_round(told, lesson)
    slope = _slope(told, draft, lesson.late)
    return Lstm(lesson.sight, _taught(told, lesson.everything, rounds, lesson.seed)[-1], slope)


class _Told:
    """What the network is shown of a lesson, and what it is to say."""

    def __init__(self, lesson: Lesson) -> None:
        names, seen = lesson.sight.names, lesson.seen
        self.steps, self.band = path(lesson.X, names), bands(lesson.X, names)
        self.baseline = np.log(np.maximum(seen.baseline, LEAST))
        self.came = lesson.came.astype(np.int64)
        self.moved = lesson.log_return / usual_deviation(seen.scale, lesson.timeframe)
        self.direction_is_open = lesson.direction_is_open

    def loss_of(self, heads: Floats, rows: Mask, slope: float = 1.0) -> float:
        """Mean of −ln of the probability of what came."""
        said = softmax(self.baseline[rows] + slope * corrections(heads, self.direction_is_open))
        return float(-np.log(np.maximum(said[np.arange(len(said)), self.came[rows]], LEAST)).mean())


def _best_round(told: _Told, lesson: Lesson) -> tuple[int, dict[str, Floats]]:
    drafts = _taught(told, lesson.early, EPOCHS, lesson.seed)
    losses = [told.loss_of(_heads(told, draft, lesson.late), lesson.late) for draft in drafts]
    best = int(np.argmin(losses))
    return best + 1, drafts[best]


def _slope(told: _Told, draft: dict[str, Floats], late: Mask) -> float:
    heads = _heads(told, draft, late)
    return float(SLOPES[int(np.argmin([told.loss_of(heads, late, float(slope)) for slope in SLOPES]))])


def _heads(told: _Told, weights: dict[str, Floats], rows: Mask) -> Floats:
    return heads_of(weights, told.steps[rows], told.band[rows])


def _taught(told: _Told, rows: Mask, rounds: int, seed: int) -> list[dict[str, Floats]]:
    """The weights after each round over these rows."""
    import torch

    torch.manual_seed(seed)
    model = network()
    optimiser = torch.optim.Adam(model.parameters(), LEARNING_RATE, weight_decay=DECAY)
    columns = (told.steps, told.band, told.baseline, told.came, told.moved)
    tensors = [torch.from_numpy(np.ascontiguousarray(column[rows])) for column in columns]
    after = []
    for _ in range(rounds):
        for some in torch.randperm(int(rows.sum())).split(ROWS_AT_ONCE):
            steps, band, baseline, came, moved = (column[some] for column in tensors)
            optimiser.zero_grad()
            loss = _loss(answers(model, steps, band), baseline, came, moved, told.direction_is_open)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        after.append(weights_of(model))
    return after


def network() -> Any:
    """Its parts, untrained: at first it says the baseline, and a normal's range. In double precision, so that what it
    says is what the plain arrays say.
    """
    import torch

    parts = {
        "reader": torch.nn.LSTM(2, UNITS, batch_first=True),
        "head": torch.nn.Linear(UNITS + 1, HEADS),
    }
    torch.nn.init.zeros_(parts["head"].weight)
    parts["head"].bias.data = torch.tensor([0.0, 0.0, 0.0, 0.0, NORMAL_REACH, NORMAL_REACH])
    return torch.nn.ModuleDict(parts).double()


def answers(model: Any, steps: Any, band: Any) -> Any:
    """Its heads (N, 6), as `lstm.heads_of` gives them."""
    import torch

    held = model["reader"](steps)[0][:, -1]
    return model["head"](torch.column_stack([held, band]))


def weights_of(model: Any) -> dict[str, Floats]:
    """As `Lstm` keeps them."""
    reader, head = model["reader"], model["head"]
    parts = (
        reader.weight_ih_l0,
        reader.weight_hh_l0,
        reader.bias_ih_l0 + reader.bias_hh_l0,
        head.weight,
        head.bias,
    )
    return {name: part.detach().numpy().copy() for name, part in zip(WEIGHTS, parts, strict=True)}


def _loss(heads: Any, baseline: Any, came: Any, moved: Any, direction_is_open: bool) -> Any:
    """Log score of the classes and pinball loss of the quantiles."""
    import torch

    corrected, middle = heads[:, :3], heads[:, 3]
    if not direction_is_open:
        alike = corrected[:, :2].mean(dim=1, keepdim=True)
        corrected, middle = torch.cat([alike, alike, corrected[:, 2:]], dim=1), torch.zeros_like(middle)
    below, above = heads[:, 4:].clamp(NARROWEST, WIDEST).exp().unbind(dim=1)
    missed = [moved - quantile for quantile in (middle - below, middle, middle + above)]
    pinball = sum(torch.maximum(q * by, (q - 1) * by).mean() for q, by in zip(QUANTILES, missed, strict=True))
    return torch.nn.functional.cross_entropy(baseline + corrected, came) + pinball
