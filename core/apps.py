"""The ground: how Khalsi answers, streams, schedules, calls out and draws. It knows no market, forecast or user."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core.jobs.market_time import stored_market_clock
        from core.lib.clock import load_market_clock_with

        load_market_clock_with(stored_market_clock)
