"""Numbers from outside: finite floats or nothing."""

import math


def finite_or_none(value: object) -> float | None:
    """`value` as a finite float; None where it is absent, a truth value, text that is no number, NaN or infinite."""
    if value is None or isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
