"""The staff's view of portfolios: whose they are, what was booked in them, which accounts at exchanges are read, and
which files were sent. What users own nobody edits here.
"""

from portfolios.admin.connections import ConnectionAdmin, SyncRunAdmin
from portfolios.admin.imports import ImportBatchAdmin
from portfolios.admin.portfolios import PortfolioAdmin, TransactionAdmin

__all__ = ["ConnectionAdmin", "ImportBatchAdmin", "PortfolioAdmin", "SyncRunAdmin", "TransactionAdmin"]
