"""A small world in which every documented request has something to answer, at half a minute past noon."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoDbBlocker

from accounts.models import User
from core.api.hot.store import store
from core.models import JobRun
from markets.models import Quote, SourceState, Token, TrendingToken
from predictions.horizons import TIMEFRAMES
from tests.contract.openapi import FAR_JOB, NOBODY
from tests.make.accounts import a_user, bearer
from tests.make.alerts import an_alert, an_event
from tests.make.channels import a_channel, a_dead_delivery
from tests.make.exchanges import Exchange, a_bare_connection
from tests.make.imports import a_done_batch
from tests.make.markets import NOON, a_quote, a_token
from tests.make.portfolios import a_holding, a_portfolio, a_share_link, a_transfer_in, with_issues
from tests.make.predictions import a_forecast, a_version, an_outcome, with_history

MATURED = NOON - timedelta(days=31)
HALF_PAST = NOON + timedelta(seconds=30)
Made = TypeVar("Made")


@dataclass(frozen=True)
class World:
    """Sol with everything, bonk with little, and a bird whose ticker two tokens share."""

    sol: Token
    analyst: User
    job: JobRun

    @property
    def signed_in(self) -> dict[str, str]:
        return bearer(self.analyst)


def made_once(blocker: DjangoDbBlocker, make: Callable[[], Made]) -> Iterator[Made]:
    """Rows for a whole module: each test is a savepoint of their transaction, so that what it changes is undone."""
    with blocker.unblock():
        kept = transaction.atomic()
        kept.__enter__()
        try:
            with time_machine.travel(HALF_PAST, tick=False):  # nothing is younger than what a test makes
                made = make()
        except BaseException:
            kept.__exit__(*sys.exc_info())
            raise
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        kept.__exit__(None, None, None)


@pytest.fixture(scope="module")
def _rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    yield from made_once(django_db_blocker, _world)


@pytest.fixture
def world(_rows: World, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr("portfolios.services.reaching.open_exchange", Exchange().open)
    store.cache_clear()
    with time_machine.travel(HALF_PAST, tick=True):
        yield World(*(type(row).objects.get(pk=row.pk) for row in (_rows.sol, _rows.analyst, _rows.job)))
    store.cache_clear()


def _world() -> World:
    world = World(_market(), a_user(role=User.Role.ANALYST, plan=User.Plan.PRO), _job())
    event = an_event(an_alert(world.analyst, world.sol, id=UUID(NOBODY)))
    a_dead_delivery(a_channel(world.analyst), event)
    portfolio = a_portfolio(world.analyst, id=UUID(NOBODY), is_default=True)
    a_holding(portfolio)
    a_transfer_in(portfolio, id=UUID(NOBODY))
    a_done_batch(portfolio, id=UUID(NOBODY))
    a_bare_connection(world.analyst, id=UUID(NOBODY))
    with_issues(portfolio)
    a_share_link(portfolio, id=UUID(NOBODY))
    return world


def _market() -> Token:
    sol = with_history(a_token("SOL", "solana", rank=5, description="A chain."), days=3, quarters_days=1)
    bonk = a_token("BONK", "bonk", rank=60, category=Token.Category.MEME, binance_symbol="")
    birds = [a_token("BIRD", name) for name in ("bird", "bird-two")]
    btc = a_token("BTC", "bitcoin", rank=1, solana=False, category=Token.Category.CONTEXT)
    a_quote(
        sol, 150.0, market_cap=7e10, volume_24h=3e9, change_24h=-1.5, change_percentage_24h=-1.0, ath=290.0
    )
    for token, price in ((bonk, 1e-5), (birds[0], 2.0), (btc, 1e5)):
        a_quote(token, price)
    Quote.objects.create(token=sol, observed_at=NOON - timedelta(hours=1), fetched_at=NOON, price_usd=149.0)
    _forecasts(sol)
    _surroundings(sol)
    return sol


def _forecasts(sol: Token) -> None:
    for timeframe in TIMEFRAMES:
        a_version(timeframe.name, "rules")
        a_forecast(sol, timeframe.name)
        an_outcome(a_forecast(sol, timeframe.name, MATURED))
    an_outcome(a_forecast(sol, "1h", MATURED - timedelta(hours=1)), None)


def _surroundings(sol: Token) -> None:
    source = settings.MARKET.stamp("coingecko")
    for rank, (name, token) in enumerate({"solana": sol, "stranger": None}.items(), 1):
        shown: dict[str, Any] = {
            "coingecko_id": name,
            "symbol": name.upper(),
            "name": name.title(),
            "token": token,
        }
        TrendingToken.objects.create(observed_at=NOON, rank=rank, source=source, **shown)
    SourceState.objects.create(name="coingecko", last_success_at=NOON, last_error_class="SourceTimeout")


def _job() -> JobRun:
    return JobRun.objects.create(pk=FAR_JOB, job="train", started_at=NOON, detail="waiting")
