"""Staff's view of the record: forecasts and outcomes to read, runs to judge, engines to promote."""

from predictions.admin import engine_versions, forecasts, history, runs, tokens

__all__ = ["engine_versions", "forecasts", "history", "runs", "tokens"]
