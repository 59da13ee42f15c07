"""Makes a stored forecast again from what was stored: the inputs of its moment, its engine's file, its range's factor.

The same inputs give the same numbers, to the last bit where the same processor and libraries do the arithmetic. Support
and resistance are not made again: they are drawn from thirty days of candles, and no engine looks at them.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from predictions import horizons
from predictions.horizons import by_name
from predictions.models import Forecast
from predictions.services import instants
from predictions.services.engines import load_engine
from predictions.services.inputs import InputsRefused, batch_of, read_inputs
from predictions.services.numbers import numbers_of


class CannotReplay(Exception):
    """Something that the forecast was made from is not there, or not as it was."""


@dataclass(frozen=True)
class Compared:
    """One field as it is stored and as it comes out again."""

    field: str
    stored: Any
    replayed: Any

    @property
    def same(self) -> bool:
        return type(self.stored) is type(self.replayed) and bool(self.stored == self.replayed)


def replay(forecast: Forecast) -> dict[str, Any]:
    """The numbers of that row, made again. Raises CannotReplay, and ArtifactRefused where its engine is gone.

    The whole batch is asked, as it was then, since arithmetic on one row alone might round another way.
    """
    if forecast.inputs is None:
        raise CannotReplay("Its inputs were not stored: it is older than they are.")
    if forecast.definitions != horizons.DEFINITIONS:
        raise CannotReplay(
            f"It was made under definitions {forecast.definitions}; the code has {horizons.DEFINITIONS}."
        )
    try:
        given = read_inputs(forecast.inputs)
        batch, place = batch_of(given, forecast), given.tokens.index(forecast.token_id)
    except (InputsRefused, ValueError, KeyError) as error:
        raise CannotReplay(f"Its inputs cannot be used: {error}") from error
    answer = load_engine(forecast.engine_version).forecast(batch)
    if not answer.ok[place]:
        raise CannotReplay(f"{forecast.engine_version} abstains now: {answer.reasons[place]}")
    places = np.flatnonzero(answer.ok)
    factors = np.where(places == place, forecast.range_log_factor, 0.0)
    numbers = list(numbers_of(answer, batch, places, factors))
    return {**numbers[int(np.searchsorted(places, place))], **_times(forecast)}


def _times(forecast: Forecast) -> dict[str, Any]:
    timeframe = by_name[forecast.timeframe]
    return {
        "expires_at": instants.expires_at(forecast.as_of, timeframe),
        "matures_at": forecast.as_of + timedelta(seconds=timeframe.seconds),
        "late": instants.is_late(forecast.as_of, forecast.made_at),
        "counts": instants.counts_at(forecast.as_of, timeframe),
    }


def compare(forecast: Forecast) -> list[Compared]:
    """Every number that a replay gives, beside what is stored."""
    return [Compared(name, getattr(forecast, name), value) for name, value in replay(forecast).items()]
