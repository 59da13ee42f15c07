"""What is read for alerts: readings of gauges, the lists of alerts and events, the inbox."""
