"""Forecasts, their record and the market beside them, over HTTP."""
