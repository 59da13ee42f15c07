"""What changes alerts: their making and changing, their evaluation, the inbox."""
