"""Everything that was trained together for one timeframe: several engines, one file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from numpy.typing import NDArray

from predictions.engines import boosting, ensemble, linear, lstm, novelty, persistence, rules, volatility
from predictions.engines.base import Engine
from predictions.engines.sight import Sight
from predictions.horizons import Timeframe, by_name

Arrays = dict[str, NDArray[Any]]
NAMES = (
    ensemble.ENGINE,
    boosting.ENGINE,
    volatility.ENGINE,
    linear.ENGINE,
    persistence.ENGINE,
    rules.ENGINE,
    lstm.ENGINE,
)
"""All engines that a pool may hold, the one that ought to be published first."""


@dataclass(frozen=True, eq=False)
class Pool:
    """`engines` by name; `header` tells where they come from, in plain JSON."""

    engines: Mapping[str, Engine]
    timeframe: Timeframe
    version: str
    header: dict[str, Any]

    def arrays(self) -> Arrays:
        """All figures, named `engine.figure`."""
        parts: dict[str, Any] = {"novelty": self.engines[ensemble.ENGINE].sight.novelty, **self.engines}  # type: ignore[attr-defined]
        return {
            f"{part}.{name}": one for part, owner in parts.items() for name, one in owner.arrays().items()
        }

    @classmethod
    def of_arrays(cls, header: dict[str, Any], arrays: Arrays) -> Self:
        """Raises KeyError, ValueError or TypeError where a part is missing."""

        def own(part: str) -> Arrays:
            return {
                name.removeprefix(f"{part}."): one
                for name, one in arrays.items()
                if name.startswith(f"{part}.")
            }

        timeframe, version = by_name[header["timeframe"]], str(header["version"])
        seen = novelty.Novelty.of_arrays(own("novelty"))
        sight = Sight(version, timeframe, tuple(header["features"]), seen)
        if len(seen.low) != len(sight.feature_names):
            raise ValueError("bounds of another number of features")
        wide = volatility.Volatility.of_arrays(sight, own(volatility.ENGINE))
        line = linear.Linear.of_arrays(sight, own(linear.ENGINE))
        trees = boosting.Boosting.of_arrays(sight, own(boosting.ENGINE), wide)
        mixed = ensemble.Ensemble.of_arrays(sight, own(ensemble.ENGINE), (line, trees, wide))
        last = persistence.Persistence.of_arrays(sight, own(persistence.ENGINE))
        found: list[Engine] = [mixed, trees, wide, line, last]
        if rules.ENGINE in header["engines"]:
            found.append(rules.Rules.of_arrays(version, timeframe, own(rules.ENGINE)))
        if lstm.ENGINE in header["engines"]:
            found.append(lstm.Lstm.of_arrays(sight, own(lstm.ENGINE)))
        return cls({engine.name: engine for engine in found}, timeframe, version, header)
