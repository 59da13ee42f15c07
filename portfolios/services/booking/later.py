"""Books that were left for a job: worked out asset by asset, while their owner goes on booking."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from core.jobs.slots import may_take
from core.models import JobRun
from portfolios.models import Portfolio, UnbookedAsset
from portfolios.selectors.bookings import Region, book_of, regions
from portfolios.selectors.portfolios import locked_portfolios, portfolios_of
from portfolios.services.booking import announce, settle
from portfolios.services.booking.anew import replace

JOB = "portfolio-books"
LONGEST = may_take(JOB, timedelta(minutes=20))
PATIENCE = timedelta(minutes=1)
_Marks = dict[int, int]


def catch_up(owner_id: UUID, told: Callable[[float], None] = lambda _: None) -> int:
    """Works out every marked asset; how many there were. `told` hears how far it came, from 0 to 1.

    Reading and working out hold no lock. Where something changed meanwhile, the mark says so, and it is done again.
    """
    done = 0
    while (mark := _first_mark(owner_id)) is not None:
        left = UnbookedAsset.objects.filter(portfolio__owner_id=owner_id).count()
        told(done / (done + left))
        _catch_up_with(owner_id, mark, partial(told, (done + 0.5) / (done + left)))
        done += 1
    return done


def show_run(owner_id: UUID, run: JobRun) -> None:
    """Where the owner sees how far it came."""
    with transaction.atomic():
        behind = Portfolio.objects.filter(
            pk__in=list(locked_portfolios(owner_id)), unbooked_assets__isnull=False
        )
        behind.update(book_run=run)


def owners_behind(wall: datetime) -> list[UUID]:
    """Those for whom no job runs that began lately: its message was lost, or its worker died."""
    is_under_way = Q(
        portfolio__book_run__state=JobRun.State.RUNNING, portfolio__book_run__started_at__gte=wall - LONGEST
    )
    marks = UnbookedAsset.objects.filter(since__lt=wall - PATIENCE).exclude(is_under_way)
    return list(marks.order_by().values_list("portfolio__owner_id", flat=True).distinct())


def _first_mark(owner_id: UUID) -> UnbookedAsset | None:
    return UnbookedAsset.objects.filter(portfolio__owner_id=owner_id).order_by("id").first()


def _catch_up_with(owner_id: UUID, mark: UnbookedAsset, half_way: Callable[[], None]) -> None:
    (region,) = regions(owner_id, mark.asset, [mark.portfolio_id])
    before = _marks_of(region)
    portfolios = list(portfolios_of(owner_id))
    book = book_of(region, portfolios)
    half_way()
    with transaction.atomic():
        locked = locked_portfolios(owner_id)
        if _marks_of(region) != before or _methods(portfolios) != _methods(list(locked.values())):
            return
        replace(region, book)
        UnbookedAsset.objects.filter(pk__in=before).delete()
        settle(region.portfolios)
        announce(owner_id, region.portfolios)


def _marks_of(region: Region) -> _Marks:
    marks = UnbookedAsset.objects.filter(portfolio_id__in=region.portfolios, asset=region.asset)
    return dict(marks.values_list("pk", "changes"))


def _methods(portfolios: list[Portfolio]) -> dict[UUID, str]:
    return {portfolio.pk: portfolio.method for portfolio in portfolios}
