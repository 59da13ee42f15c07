"""Make one stored forecast again from what was stored, and show both."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.lib.errors import ArtifactRefused
from predictions.models import Forecast
from predictions.services.replaying import CannotReplay, Compared, compare


class Command(BaseCommand):
    help = "Make a forecast again from its stored inputs and its engine's file. Ends with 1 where a number differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "forecast", type=int, metavar="ID", help="The forecast's number (`id` in the API)."
        )

    def handle(self, **options: Any) -> None:
        known = Forecast.objects.select_related("token", "engine_version", "inputs")
        forecast = known.filter(pk=options["forecast"]).first()
        if forecast is None:
            raise CommandError(f"There is no forecast {options['forecast']}.")
        try:
            compared = compare(forecast)
        except (CannotReplay, ArtifactRefused) as error:
            raise CommandError(f"Forecast {forecast.pk} cannot be made again: {error}") from error
        self.stdout.write(f"Forecast {forecast.pk}: {forecast} by {forecast.engine_version}")
        for one in compared:
            self.stdout.write(_line(one))
        wrong = [one.field for one in compared if not one.same]
        if wrong:
            raise CommandError(f"Not the same numbers: {', '.join(wrong)}.")
        self.stdout.write(f"The same {len(compared)} numbers, to the last bit.")


def _line(one: Compared) -> str:
    mark = " " if one.same else "≠"
    return f"{mark} {one.field:<18} {one.stored!s:<28} {one.replayed!s}"
