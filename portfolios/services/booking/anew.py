"""An asset worked out anew from its transactions, in every portfolio that its transfers connect."""

from collections.abc import Iterable
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS

from portfolios.accounting.book import Book
from portfolios.models import Holding, Lot, LotUse
from portfolios.selectors.bookings import Region
from portfolios.services.booking.rows import store_holdings, store_lines


def replace(region: Region, book: Book) -> None:
    """Its portfolios are locked."""
    clear(region.asset, region.portfolios)
    Holding.objects.filter(portfolio_id__in=list(region.portfolios), asset=region.asset).delete()
    store_lines(book)
    store_holdings(book)


def clear(asset: str, portfolio_ids: Iterable[UUID]) -> None:
    """Takes lots and uses away, for whoever works the asset out anew. By one statement a table: the ORM's collector
    would read every lot first.
    """
    lots = Lot.objects.filter(portfolio_id__in=list(portfolio_ids), asset=asset)
    LotUse.objects.filter(lot__in=lots).delete()
    lots._raw_delete(DEFAULT_DB_ALIAS)
