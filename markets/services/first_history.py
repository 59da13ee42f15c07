"""The moment at which all tokens have the history that forecasts need, for the first time: others wait for it."""

from datetime import UTC, datetime

from django.db import transaction

from core.jobs.slots import claim, running
from core.models import JobRun
from markets.events import history_there
from markets.models import Token
from markets.services.candles import fetch_closed_candles

JOB = "first-history"
ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""One slot for the life of a database."""


def claim_first_history() -> JobRun | None:
    """The right to do what follows the first back-fill; None where somebody does it, or has."""
    return claim(JOB, ONCE)


def tell_of_first_history(now: datetime) -> bool:
    """Fetch what closed while the history came in, and announce that all is there; once, False ever after.

    Raises SourceFailure where the exchange gives nothing; then the next call is the first again.
    """
    run = claim_first_history()
    if run is None:
        return False
    with running(run):
        fetch_closed_candles(now)
        transaction.on_commit(lambda: history_there.send(sender=Token, reached=now))
    return True
