"""What the forecasters announce. Sent after commit, at most once; a sweep finds what a lost one missed."""

from django.dispatch import Signal

forecasts_published = Signal()
"""`timeframe: str, as_of: datetime, forecast_ids: list[int]`: users may now see these."""

forecasts_scored = Signal()
"""`count: int`: so many matured forecasts got their outcome."""
