"""`manage.py rotate_exchange_keys`: seal the keys of exchange accounts with the present one."""

import sys
from typing import Any

from django.core.management import BaseCommand, CommandError
from tqdm import tqdm

from core.lib.resealing import StillWritten, seal_column_anew
from core.lib.sealing import key_ids
from portfolios.services.sealed import COLUMNS


class Command(BaseCommand):
    help = (
        "Seal the stored keys of exchange accounts with the first key of CREDENTIALS_KEY. Runs while accounts are read,"
        " and again at any time: what is done stays done. rekey_credentials does so for every other secret, too."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total = sum(column.under_other_keys().count() for column in COLUMNS)
        done, unopened = 0, list[str]()
        with tqdm(total=total, desc="Sealed anew", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
            for column in COLUMNS:
                before = done

                def tell(count: int, before: int = before) -> None:
                    bar.update(before + count - bar.n)

                try:
                    resealed = seal_column_anew(column, tell)
                except StillWritten:
                    raise CommandError(
                        "Rows are still written with an earlier key: give every process the new one first."
                    ) from None
                done += resealed.done
                unopened += resealed.unopened
        if unopened:
            named = ", ".join(sorted(set(unopened)))
            raise CommandError(f"These open with no key of CREDENTIALS_KEY: {named}.")
        self.stdout.write(f"{done} secrets of exchange accounts are sealed anew, with key {key_ids()[0]}.")
