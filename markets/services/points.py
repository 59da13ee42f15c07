"""Closes from CoinGecko's points for tokens that no exchange lists, within what the plan leaves for them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from core.lib.clock import floor_to
from core.lib.errors import BudgetSpent, ReplyRefused, SourceFailure
from markets.models import Token
from markets.providers.base import POINTS, CandleBundle, NotListed
from markets.providers.coingecko.plans import plan
from markets.selectors.coverage import Edge, newest_candles
from markets.services import clients
from markets.services.candle_storage import NewCandles, missing_of, store_candles
from markets.services.listing import on_points
from markets.services.source_states import COINGECKO, ask, refused

log = structlog.get_logger(__name__)

ENDPOINT = "coins/{id}/market_chart"
QUARTER, HOUR = 900, 3600
QUARTERS_AN_HOUR = 4
DAY_WITH_FINE_POINTS = timedelta(hours=23)
MOST_DAYS = 90


def fetch_points(tokens: Sequence[Token], now: datetime) -> dict[int, list[int]]:
    """Refresh the tokens whose turn it is; gives, by interval, those whose newest closed candle was
    stored.
    """
    stored: dict[int, list[int]] = {QUARTER: [], HOUR: []}
    started = [token for token in on_points(tokens) if token.candles_from]
    newest = newest_candles([token.pk for token in started], HOUR)
    for token in _turn(started, now):
        try:
            bundles = ask_points(token, _days(newest.get(token.pk), now), now)
        except (NotListed, ReplyRefused) as error:
            log.info("points_missing", token=token.coingecko_id, reason=error.message)
        except BudgetSpent as error:
            log.info("points_postponed", reason=error.message)
            break
        except SourceFailure as error:
            log.warning("points_failed", reason=error.message)
            break
        else:
            for interval, bundle in bundles.items():
                if store_points(token, interval, bundle, now):
                    stored[interval].append(token.pk)
    return stored


def ask_points(token: Token, days: int, now: datetime) -> dict[int, CandleBundle]:
    """Quarter hours and hours where the points are fine (one day), hours where they are hourly."""
    coingecko = clients.coingecko()
    intervals = (QUARTER, HOUR) if days == 1 else (HOUR,)
    return ask(COINGECKO, ENDPOINT, lambda: coingecko.points(token.coingecko_id, days, intervals, now))


def store_points(token: Token, interval: int, bundle: CandleBundle, now: datetime) -> bool:
    """Add what is missing; tells whether the candle that closed last is among it."""
    refused(COINGECKO, ENDPOINT, bundle.refusals, subject=token.coingecko_id)
    new, _ = missing_of(NewCandles(token, interval, bundle.series))
    with transaction.atomic():
        store_candles([new], provider=POINTS)
    last_open = int(floor_to(now, interval).timestamp()) - interval
    return bool(len(new.series)) and int(new.series.open_times[-1]) == last_open


def _turn(tokens: Sequence[Token], now: datetime) -> list[Token]:
    """As many as the plan allows for this quarter hour, each in its turn, so that one that fails delays no
    other.
    """
    share = plan().points_an_hour / QUARTERS_AN_HOUR
    if share >= len(tokens):
        return list(tokens)
    quarters = int(now.timestamp()) // QUARTER
    first, last = int(quarters * share), int((quarters + 1) * share)
    in_turn = sorted(tokens, key=lambda token: token.pk)
    return [in_turn[place % len(in_turn)] for place in range(first, last)]


def _days(newest: Edge | None, now: datetime) -> int:
    """One day while its fine points reach back to what is stored, else enough days of hourly ones."""
    if newest is None:
        return MOST_DAYS
    behind = now - newest.open_time
    return 1 if behind < DAY_WITH_FINE_POINTS else max(2, min(behind.days + 2, MOST_DAYS))
