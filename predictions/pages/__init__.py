"""Pages about the forecasts alone: the record, and what the words mean."""
