"""`manage.py rekey_credentials`: seal every stored secret with the present key, so that the earlier one can go."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from core.lib.resealing import StillWritten, seal_column_anew
from core.lib.sealing import key_ids
from khalsi.sealed import SEALED


class Command(BaseCommand):
    help = (
        "Seal every stored secret with the first key of CREDENTIALS_KEY. Runs beside a working site, and again at any"
        " time: what is done stays done."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unopened: list[str] = []
        for column in SEALED:
            try:
                resealed = seal_column_anew(column)
            except StillWritten:
                raise CommandError(
                    "Rows are still written with an earlier key: give every process the new one first."
                ) from None
            unopened += resealed.unopened
            self.stdout.write(f"{column.model._meta.db_table}.{column.column}: {resealed.done} sealed anew.")
        if unopened:
            raise CommandError(f"These open with no key of CREDENTIALS_KEY: {', '.join(unopened)}.")
        self.stdout.write(f"All is sealed with key {key_ids()[0]}; earlier keys are not needed any more.")
