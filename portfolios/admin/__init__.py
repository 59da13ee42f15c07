"""The staff's view of portfolios: whose they are, what was booked in them, and which accounts at exchanges are read.
What users own nobody edits here.
"""

from portfolios.admin.connections import ConnectionAdmin, SyncRunAdmin
from portfolios.admin.portfolios import PortfolioAdmin, TransactionAdmin

__all__ = ["ConnectionAdmin", "PortfolioAdmin", "SyncRunAdmin", "TransactionAdmin"]
