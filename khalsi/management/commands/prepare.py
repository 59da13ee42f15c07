"""`manage.py prepare`: everything a database needs before the first process: tables, stamp, registry, schedule."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from core.jobs.market_time import stamp_market
from core.lib.errors import Conflict
from khalsi.schedule.install import install_schedule
from markets.candles.folder import default_start
from markets.services.registry import sync_registry
from predictions.services.engines import ensure_engine_versions


class Command(BaseCommand):
    help = (
        "Migrate, stamp the database with its market, and write the registry, the engines and the schedule."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        market = settings.MARKET
        start = market.replay_start
        try:
            stamp = stamp_market(
                kind=market.kind,
                identity=market.identity,
                speed=market.speed,
                start=start,
                default_start=lambda: default_start(market.replay) if market.replay else None,
            )
        except Conflict as error:
            raise CommandError(error.message) from error
        sync_registry()
        ensure_engine_versions()
        install_schedule()
        self.stdout.write(f"Ready: {stamp}.")
