"""What staff change in the registry: which tokens are followed, and what is to be fetched anew."""

from collections.abc import Sequence

from celery import current_app
from django.db import transaction

from core.api import hot
from markets.models import Token

PUBLIC = "/api/v1/"


@transaction.atomic
def set_active(token_ids: Sequence[int], *, active: bool) -> list[Token]:
    """Follow these tokens, or stop to; what is stored stays. Gives those that were changed."""
    changed = list(Token.objects.select_for_update().filter(pk__in=token_ids, active=not active))
    Token.objects.filter(pk__in=[token.pk for token in changed]).update(active=active)
    forget_replies()
    return changed


def forget_replies() -> None:
    """Ready replies name tokens as they were: which are followed, and how they are called."""
    transaction.on_commit(lambda: hot.drop(PUBLIC))


@transaction.atomic
def fetch_again(token_ids: Sequence[int]) -> None:
    """Ask for these tokens' history, price and details anew; candles that are stored stay as they are."""
    Token.objects.filter(pk__in=token_ids).update(candles_complete=False, details_at=None)
    Token.objects.filter(pk__in=token_ids, candles_from=None).update(candle_source="")
    transaction.on_commit(_wake)


def _wake() -> None:
    """By name: tasks stand above services."""
    for name in ("markets.fetch_quotes", "markets.backfill", "markets.fetch_details"):
        current_app.send_task(name, queue="fetch")
