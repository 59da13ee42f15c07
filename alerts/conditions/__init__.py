"""When an alert speaks: conditions on readings, and their rhythm. Values in, values out; no clock, no tables."""
