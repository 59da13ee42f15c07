"""A long record in one stroke: engines that know a little, over many weeks, for pages and measurements."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from markets.models import Token
from predictions.horizons import by_name, classify, to_ten_thousandths
from predictions.models import EngineVersion, Forecast, Outcome
from tests.make.predictions import a_version

KNOWS = {
    "ensemble": 1.0,
    "boosting": 0.9,
    "volatility": 0.7,
    "linear": 0.6,
    "persistence": 0.25,
    "rules": -0.2,
    "climatology": 0.0,
}
"""How much of what could be known of the coming volatility an engine sees; below 0 it sees the opposite."""
_PIECE = 2000
_SPREAD, _SHARES = 1.2816, np.array([0.33, 0.33, 0.34])


def a_long_record(
    tokens: list[Token],
    until: datetime,
    *,
    timeframe: str = "1h",
    days: int = 280,
    every_hours: int = 6,
    engines: tuple[str, ...] = tuple(KNOWS),
    published: str = "ensemble",
    seed: int = 5,
) -> int:
    """Forecasts and outcomes of each engine at each instant, `published` being what users saw; gives how many."""
    rng = np.random.default_rng(seed)
    versions = {name: _version(timeframe, name, published) for name in engines}
    span = timedelta(seconds=by_name[timeframe].seconds)
    instants = [
        until - span - timedelta(hours=number * every_hours)
        for number in range(days * 24 // every_hours, 0, -1)
    ]
    first = (Forecast.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    made, scored = [], []
    for forecast, outcome in _rows(tokens, instants, span, versions, published, first, rng):
        made.append(forecast)
        scored.append(outcome)
        if len(made) == _PIECE:
            _store(made, scored)
    _store(made, scored)
    return len(tokens) * len(instants) * len(engines)


def _version(timeframe: str, name: str, published: str) -> EngineVersion:
    if name == "climatology":
        return a_version(timeframe)
    role = EngineVersion.Role.CHAMPION if name == published else EngineVersion.Role.CHALLENGER
    return a_version(timeframe, name, role=role, version="2026-01")


def _store(made: list[Forecast], scored: list[Outcome]) -> None:
    Forecast.objects.bulk_create(made)
    Outcome.objects.bulk_create(scored)
    made.clear()
    scored.clear()


def _rows(
    tokens: list[Token],
    instants: list[datetime],
    span: timedelta,
    versions: dict[str, EngineVersion],
    published: str,
    first: int,
    rng: np.random.Generator,
) -> Iterator[tuple[Forecast, Outcome]]:
    """Volatility follows a slow wave common to all; how far an engine sees it, its sideways share follows."""
    number = first
    wave = np.convolve(rng.normal(size=len(instants)), np.ones(28) / 8, mode="same")
    for place, as_of in enumerate(instants):
        for token in tokens:
            spread = 0.006 * float(np.exp(0.35 * wave[place]))
            moved, noise = float(rng.normal(0, spread)), float(rng.normal(0, 0.01))
            for name, version in versions.items():
                seen = 0.006 * float(np.exp(0.35 * wave[place] * KNOWS[name]))
                yield _pair(number, token, version, as_of, span, name == published, moved, seen, noise, rng)
                number += 1


def _pair(
    number: int,
    token: Token,
    version: EngineVersion,
    as_of: datetime,
    span: timedelta,
    published: bool,
    moved: float,
    seen: float,
    noise: float,
    rng: np.random.Generator,
) -> tuple[Forecast, Outcome]:
    band, price = 0.43 * 0.006, 100.0
    calm = _SHARES[2] * 0.006 / seen
    said = _ten_thousandths([(1 - calm) / 2 + noise, (1 - calm) / 2 - noise, calm])
    base = _ten_thousandths(list(_SHARES))
    p10, p90 = price * float(np.exp(-_SPREAD * seen)), price * float(np.exp(_SPREAD * seen))
    came = int(classify([moved], [band])[0])
    forecast = Forecast(
        pk=number,
        token=token,
        engine_version=version,
        timeframe=version.timeframe,
        as_of=as_of,
        made_at=as_of + timedelta(seconds=31),
        expires_at=as_of + span,
        matures_at=as_of + span,
        published=published,
        counts=True,
        definitions=1,
        **dict(zip(("up", "down", "sideways"), said, strict=True)),
        **dict(zip(("baseline_up", "baseline_down", "baseline_sideways"), base, strict=True)),
        sideways_band=band,
        scale=0.006,
        reference_price=price,
        reference_interval=900,
        source="simulated",
        p10=p10,
        p50=price,
        p90=p90,
        baseline_p10=price * float(np.exp(-_SPREAD * 0.006)),
        baseline_p90=price * float(np.exp(_SPREAD * 0.006)),
        risk_level="medium",
        regime="calm" if seen < 0.0045 else "wild" if seen > 0.008 else "usual",
    )
    return forecast, _outcome(forecast, moved, came, said, base, seen)


def _outcome(
    forecast: Forecast, moved: float, came: int, said: list[int], base: list[int], seen: float
) -> Outcome:
    happened = np.eye(3)[came] * 10_000
    return Outcome(
        forecast=forecast,
        resolved_at=forecast.matures_at + timedelta(seconds=70),
        outcome_class=came,
        price=100.0 * float(np.exp(moved)),
        log_return=moved,
        log_score=-float(np.log(said[came] / 1e4)),
        brier=float((((np.array(said) - happened) / 1e4) ** 2).sum()),
        baseline_log_score=-float(np.log(base[came] / 1e4)),
        baseline_brier=float((((np.array(base) - happened) / 1e4) ** 2).sum()),
        inside_range=abs(moved) <= _SPREAD * seen,
        pinball=_pinball(moved, seen),
        baseline_pinball=_pinball(moved, 0.006),
    )


def _pinball(moved: float, seen: float) -> float:
    errors = [(level, moved - edge * _SPREAD * seen) for level, edge in ((0.1, -1), (0.5, 0), (0.9, 1))]
    return sum(max(level * error, (level - 1) * error) for level, error in errors) / 3


def _ten_thousandths(shares: list[float]) -> list[int]:
    return [int(part) for part in to_ten_thousandths(np.clip([shares], 0.02, None))[0]]
