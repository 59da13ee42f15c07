"""What a back-test is asked to do, and the parts that it falls into."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Self

from core.lib.clock import from_seconds
from core.lib.errors import BadInput
from predictions.evaluation.walk_forward import Fold
from predictions.horizons import DAY, DEFINITIONS, HOUR, Timeframe, by_name

MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}
RETRAIN = f"{', '.join(MONTHS)}, once or a number of days such as 45d"
_DAYS = re.compile(r"([1-9]\d{0,3})d")
_SOURCES = (
    "predictions/engines",
    "predictions/features",
    "predictions/horizons.py",
    "predictions/services/walking.py",
    "predictions/services/candle_folders.py",
    "predictions/services/backtesting/days.py",
    "predictions/services/backtesting/parts.py",
    "predictions/services/backtesting/markets.py",
    "markets/candles",
)
_LIBRARIES = ("numpy", "scikit-learn")


@dataclass(frozen=True)
class Plan:
    """Everything that decides what is said. `first` to `end` (not included): moments of forecasts, seconds
    since 1970. `tokens` are tested, `trained` taught from, `trained_fine` below an hour; `young`: days of
    history that tested tokens are shown, 0 for all.
    """

    timeframes: tuple[str, ...]
    tokens: tuple[str, ...]
    trained: tuple[str, ...]
    trained_fine: tuple[str, ...]
    btc: str | None
    eth: str | None
    first: int
    end: int
    retrain: str
    rows: int
    young: int = 0
    closes_only: bool = False
    data: str = ""
    code: str = ""
    definitions: int = DEFINITIONS

    @property
    def digest(self) -> str:
        """Finished parts may be used again where this is the same."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of_text(cls, text: str) -> Self:
        found = json.loads(text)
        lists = {name: tuple(found[name]) for name in ("timeframes", "tokens", "trained", "trained_fine")}
        return cls(**{**found, **lists})

    @property
    def series(self) -> tuple[str, ...]:
        """Every series that is looked at."""
        leaders = [one for one in (self.btc, self.eth) if one]
        fine = self.trained_fine if self._is_fine else ()
        return tuple(dict.fromkeys([*self.tokens, *self.trained, *fine, *leaders]))

    @property
    def _is_fine(self) -> bool:
        return any(by_name[name].seconds < HOUR for name in self.timeframes)

    def taught(self, timeframe: Timeframe) -> tuple[str, ...]:
        """The series that engines of this timeframe learn from."""
        return self.trained_fine if timeframe.seconds < HOUR else self.trained

    def folds(self) -> list[Fold]:
        """From one training to the next."""
        starts = [self.first, *_boundaries(self.retrain, self.first, self.end)]
        return [Fold(start, end) for start, end in zip(starts, [*starts[1:], self.end], strict=True)]

    def parts(self) -> list["Part"]:
        """By period, then by timeframe: what runs first covers the first period whole."""
        numbered = list(enumerate(self.folds()))
        return [Part(name, number, fold) for number, fold in numbered for name in self.timeframes]


@dataclass(frozen=True)
class Part:
    """One timeframe between two trainings: learn from what had matured, forecast what follows."""

    name: str
    number: int
    fold: Fold

    @property
    def timeframe(self) -> Timeframe:
        return by_name[self.name]

    @property
    def learns_at(self) -> int:
        """What had matured a day before this moment is learned from."""
        return self.fold.start

    @property
    def days(self) -> int:
        """Its weight in the progress bar."""
        return max(1, -(-(self.fold.end - self.fold.start) // DAY))

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.number:04d}-{from_seconds(self.fold.start):%Y%m%dT%H%M}.npz"


def _boundaries(retrain: str, first: int, end: int) -> list[int]:
    if retrain == "once":
        return []
    if found := _DAYS.fullmatch(retrain):
        return list(range(first + int(found[1]) * DAY, end, int(found[1]) * DAY))
    if retrain not in MONTHS:
        raise BadInput.at("retrain", f"write {RETRAIN}.")
    return [month for month in _months(first, end, MONTHS[retrain]) if first < month < end]


def _months(first: int, end: int, every: int) -> list[int]:
    """First days of the calendar's months, quarters, half-years or years."""
    begun, over = from_seconds(first), from_seconds(end)
    found = [
        datetime(year, month, 1, tzinfo=UTC)
        for year in range(begun.year, over.year + 1)
        for month in range(1, 13, every)
    ]
    return [int(moment.timestamp()) for moment in found]


def moment_of(text: str, *, end: bool = False) -> int:
    """Seconds of a UTC date or time. As an end, a date includes its whole day and a time that very moment;
    what is given back is the first second that is no longer included.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no date; write 2024-07-01 or 2024-07-01T12:00Z (UTC).") from None
    moment = found if found.tzinfo else found.replace(tzinfo=UTC)
    if end:
        moment += timedelta(days=1) if re.fullmatch(r"\d{4}-?\d\d-?\d\d", text) else timedelta(seconds=1)
    return int(moment.timestamp())


def data_digest(files: list[Path]) -> str:
    """Over names and contents: other candles are another market."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def code_digest() -> str:
    """Over the code that learns and forecasts, so that parts of another version are not mixed in."""
    digest, roof = hashlib.sha256(), Path(__file__).resolve().parents[3]
    digest.update(" ".join(library_version(name) for name in _LIBRARIES).encode())
    for source in _SOURCES:
        place = roof / source
        for path in [place] if place.is_file() else sorted(place.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
