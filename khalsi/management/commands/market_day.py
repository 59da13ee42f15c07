"""`manage.py market_day`: the UTC day on which this database's market began (what the sandbox computes it from)."""

from typing import Any

from django.core.management import BaseCommand

from core.lib.clock import iso
from core.models import SourceStamp


class Command(BaseCommand):
    help = "Print the day on which the stamped market began."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(iso(SourceStamp.objects.get().epoch))
