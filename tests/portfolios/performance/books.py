"""Courses of portfolios as arithmetic takes them: random ones, and such as can be written down in a line."""

from datetime import UTC, datetime

import numpy as np

from portfolios.accounting.course import Course

DAY = 86_400
MIDNIGHT = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())


def a_course(values, put_in=None, taken_out=None, times=None) -> Course:
    """A value a day from the fifth of January on, and what passed between them."""
    steps = len(values) - 1
    days = MIDNIGHT + DAY * np.arange(len(values)) if times is None else np.asarray(times)
    nothing = [0.0] * steps
    moved = (np.array(amounts or nothing, float) for amounts in (put_in, taken_out))
    return Course(days.astype(np.int64), np.array(values, float), *moved)


def a_random_course(seed: int) -> Course:
    """Some assets that are bought and sold by chance over a few days to a year, at the day's prices."""
    random = np.random.default_rng([2026, seed])
    days, assets = int(random.integers(5, 400)), int(random.integers(1, 6))
    prices = 50 * np.exp(np.cumsum(random.normal(0, 0.03, (days + 1, assets)), axis=0))
    held = random.uniform(0, 10, assets) * random.integers(0, 2, assets)
    values, put_in, taken_out = [held @ prices[0]], np.zeros(days), np.zeros(days)
    for day in range(days):
        if random.random() < 0.2:
            bought = random.uniform(0, 5, assets) * random.integers(0, 2, assets)
            put_in[day] = bought @ prices[day]
            held = held + bought
        if random.random() < 0.15:
            sold = held * random.uniform(0, 0.9) * random.integers(0, 2, assets)
            taken_out[day] = sold @ prices[day + 1]
            held = held - sold
        values.append(held @ prices[day + 1])
    return Course(MIDNIGHT + DAY * np.arange(days + 1), np.array(values), put_in, taken_out)
