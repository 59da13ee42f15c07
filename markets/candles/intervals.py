"""The intervals that candles come in: seconds inside, names such as `15m` at the border."""

SECONDS_BY_NAME = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400}
_NAMES_BY_SECONDS = {seconds: name for name, seconds in SECONDS_BY_NAME.items()}


def interval_seconds(name: str) -> int:
    """3600 for `1h`. Raises ValueError for a name that is not in the table; case counts (`1M` is a month
    elsewhere).
    """
    if name not in SECONDS_BY_NAME:
        raise ValueError(f"No interval is called {name!r}; write one of {', '.join(SECONDS_BY_NAME)}.")
    return SECONDS_BY_NAME[name]


def interval_name(seconds: int) -> str:
    """`1h` for 3600. Raises ValueError where there is no such interval."""
    if seconds not in _NAMES_BY_SECONDS:
        raise ValueError(f"No interval lasts {seconds} s; there are {', '.join(SECONDS_BY_NAME)}.")
    return _NAMES_BY_SECONDS[seconds]
