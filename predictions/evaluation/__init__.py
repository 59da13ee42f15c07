"""How well forecasts did: scores, skill with its interval, calibration, coverage, and walk-forward tests."""
