"""`manage.py backfill`: history for the tokens that lack it, with a bar. It can be interrupted and run
again.
"""

import sys
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from core.lib.clock import market_now
from core.lib.errors import KhalsiError
from markets.selectors.tokens import token_for
from markets.services.backfill import backfill_deep, backfill_essential


class Command(BaseCommand):
    help = "Fetch the history that forecasts need; with --deep all that is wanted (two years of hours)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--symbol", help="only this token")
        parser.add_argument("--id", help="the CoinGecko id among tokens that share the symbol")
        parser.add_argument(
            "--deep", action="store_true", help="two years of hours, 400 days of quarter hours"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        work = backfill_deep if options["deep"] else backfill_essential
        try:
            tokens = [token_for(options["symbol"], options["id"])] if options["symbol"] else None
            with tqdm(total=1, desc="Back-fill", unit=" pages", file=sys.stderr) as bar:
                work(market_now(), lambda done, total, text: _show(bar, done, total, text), tokens=tokens)
        except KhalsiError as error:
            raise CommandError(error.message) from error
        self.stdout.write("The back-fill is done.")


def _show(bar: "tqdm[Any]", done: int, total: int, text: str) -> None:
    bar.total, bar.n = total, done
    bar.set_postfix_str(text, refresh=False)
    bar.update(0)
