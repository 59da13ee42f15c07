"""Tables of portfolios: what users booked, and what follows from it."""

from portfolios.models.connection import Connection, SeenBalance, SyncCursor, SyncedRow, SyncRun
from portfolios.models.importing import ImportBatch, RejectedRow
from portfolios.models.left_issue import LeftIssue
from portfolios.models.lot import Holding, Lot, LotUse, UnbookedAsset
from portfolios.models.portfolio import Portfolio
from portfolios.models.share_link import ShareLink
from portfolios.models.transaction import Transaction

__all__ = [
    "Connection",
    "Holding",
    "ImportBatch",
    "LeftIssue",
    "Lot",
    "LotUse",
    "Portfolio",
    "RejectedRow",
    "SeenBalance",
    "ShareLink",
    "SyncCursor",
    "SyncRun",
    "SyncedRow",
    "Transaction",
    "UnbookedAsset",
]
