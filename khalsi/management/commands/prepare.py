"""`manage.py prepare`: everything a database needs before the first process: tables, stamp, registry, schedule."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import OperationalError
from django.db.models import Max

from core.jobs.market_time import stamp_market
from core.lib.errors import Conflict
from khalsi.embedded.alone import hold_data
from khalsi.schedule.install import install_schedule
from khalsi.sealed import sealed_with_unknown_keys
from markets.candles.folder import default_start, replayed_span
from markets.models import LatestQuote
from markets.services.registry import sync_registry
from predictions.models import ForecastRun, Outcome
from predictions.services import chain
from predictions.services.engines import ensure_engine_versions


class Command(BaseCommand):
    help = (
        "Migrate, stamp the database with its market, and write the registry, the engines and the schedule."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMBEDDED:
            hold_data()
        self._migrate()
        self._refuse_foreign_seals()
        market = settings.MARKET
        start = market.replay_start
        try:
            self._refuse_start_beyond_candles()
            stamp = stamp_market(
                kind=market.kind,
                identity=market.identity,
                speed=market.speed,
                start=start,
                default_start=lambda: default_start(market.replay) if market.replay else None,
                at_least=_newest_written,
            )
        except Conflict as error:
            raise CommandError(error.message) from error
        except ValueError as error:  # the folder's candles cannot be read, or are too coarse
            raise CommandError(f"REPLAY: {error}") from error
        sync_registry()
        ensure_engine_versions()
        install_schedule()
        chain.begin()
        self.stdout.write(f"Ready: {stamp}.")

    def _migrate(self) -> None:
        try:
            call_command("migrate", verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {str(error).splitlines()[0]}") from error

    def _refuse_foreign_seals(self) -> None:
        unknown = sealed_with_unknown_keys()
        if unknown:
            told = ", ".join(f"{count} with key {named}" for named, count in sorted(unknown.items()))
            raise CommandError(
                f"CREDENTIALS_KEY: what is stored was sealed with another key ({told}). Write that one, after a comma"
                " if you have a new one."
            )

    def _refuse_start_beyond_candles(self) -> None:
        market = settings.MARKET
        if market.replay is None or market.replay_start is None:
            return
        first, last = replayed_span(market.replay)
        if not first <= market.replay_start < last:
            raise CommandError(
                f"REPLAY_START: the candles of {market.replay} run from {first:%Y-%m-%dT%H:%MZ} to"
                f" {last:%Y-%m-%dT%H:%MZ}; begin between the two."
            )


def _newest_written() -> datetime | None:
    """The newest market time that prices, forecasts or outcomes were written at."""
    written = ((LatestQuote, "fetched_at"), (ForecastRun, "made_at"), (Outcome, "resolved_at"))
    found = [model._default_manager.aggregate(newest=Max(name))["newest"] for model, name in written]
    return max((moment for moment in found if moment), default=None)
