"""The fields of each kind of alert, named as its parameters. People write shares in percent."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from alerts.conditions.forecast import TIMEFRAMES
from predictions.horizons import CLASS_NAMES

_TIMEFRAMES = [(name, name) for name in TIMEFRAMES]
_LEVELS = [("above", "it reaches this, or is above"), ("below", "it falls below this")]
_WAYS = [("either", "in either direction"), ("up", "upwards"), ("down", "downwards")]
_INTERVALS = [("1h", "1 hour"), ("15m", "15 minutes"), ("4h", "4 hours"), ("1d", "1 day")]
_WINDOWS = [("1h", "1 hour"), ("15m", "15 minutes"), ("4h", "4 hours"), ("1d", "1 day"), ("7d", "7 days")]
_HIGHEST = [
    ("set", "since the alert is set"), ("1d", "of the last day"), ("7d", "of the last 7 days"),
    ("30d", "of the last 30 days"), ("90d", "of the last 90 days"),
]  # fmt: skip
_MOVES = [("either", "up or down"), ("up", "up"), ("down", "down")]
Fields = dict[str, forms.Field]
SHARES = frozenset({"probability", "confidence"})
"""Parameters between 0 and 1 that are written in percent."""


def _number(label: str, initial: float | None = None, help_text: str = "") -> forms.FloatField:
    return forms.FloatField(
        label=label,
        initial=initial,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


def _whole(label: str, initial: int, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, initial=initial, help_text=help_text)


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices)


def _price() -> Fields:
    return {"price": _number("Price in USD")}


def _crossing() -> Fields:
    return {**_price(), "direction": _choice("Crossed", _WAYS)}


def _change() -> Fields:
    return {
        "percent": _number("Percent", 5.0),
        "window": _choice("Within", _WINDOWS),
        "direction": _choice("Direction", _MOVES),
    }


def _volume() -> Fields:
    return {
        "factor": _number("Times the average", 3.0),
        "interval": _choice("Candles of", _INTERVALS[:2]),
        "periods": _whole("Candles in the average", 24),
    }


def _probability() -> Fields:
    return {
        "timeframe": _timeframe(),
        "class": _choice("Probability of", [(name, name) for name in CLASS_NAMES]),
        "probability": _number("Percent", 45.0),
        "direction": _choice("Tell me when", _LEVELS),
    }


def _confidence() -> Fields:
    return {
        "timeframe": _timeframe(),
        "confidence": _number(
            "Percent", 50.0, "The probability of the favoured class; it rarely passes 55 %."
        ),
        "direction": _choice("Tell me when", _LEVELS),
    }


def _timeframe() -> forms.ChoiceField:
    return forms.ChoiceField(label="Timeframe", choices=_TIMEFRAMES, initial="1h")


def _only_timeframe() -> Fields:
    return {"timeframe": _timeframe()}


def _rsi() -> Fields:
    return {
        "level": _number("RSI", 70.0, "0 to 100, from plain averages of gains and losses (Cutler)."),
        "direction": _choice("Tell me when", _LEVELS),
        "interval": _choice("Candles of", _INTERVALS),
        "period": _whole("Candles in the window", 14),
    }


def _averages() -> Fields:
    return {
        "fast": _whole("Fast average, candles", 20, "1 is the close itself."),
        "slow": _whole("Slow average, candles", 50),
        "interval": _choice("Candles of", _INTERVALS),
        "direction": _choice("Fast crosses slow", _WAYS),
    }


def _stale() -> Fields:
    return {"minutes": _number("Minutes without a new price", 10.0)}


def _value() -> Fields:
    return {"value": _number("Worth in USD")}


def _value_crossing() -> Fields:
    return {**_value(), "direction": _choice("Crossed", _WAYS)}


def _drawdown() -> Fields:
    return {
        "percent": _number("Percent below the highest", 10.0, "What you take out lowers the worth, too."),
        "window": _choice("The highest", _HIGHEST),
    }


_FIELDS: Mapping[str, Callable[[], Fields]] = {
    "price_above": _price,
    "price_below": _price,
    "price_crossing": _crossing,
    "price_change": _change,
    "volume_spike": _volume,
    "forecast_probability": _probability,
    "forecast_confidence": _confidence,
    "forecast_flip": _only_timeframe,
    "forecast_new": _only_timeframe,
    "rsi": _rsi,
    "moving_average": _averages,
    "source_stale": _stale,
    "portfolio_above": _value,
    "portfolio_below": _value,
    "portfolio_crossing": _value_crossing,
    "portfolio_drawdown": _drawdown,
}


def fields_of(kind: str) -> Fields:
    return _FIELDS[kind]()


def to_params(names: Mapping[str, forms.Field], said: Mapping[str, Any]) -> dict[str, Any]:
    """As conditions take them."""
    return {name: said[name] / 100 if name in SHARES else said[name] for name in names}


def from_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """As the form shows them."""
    return {name: round(value * 100, 10) if name in SHARES else value for name, value in params.items()}
