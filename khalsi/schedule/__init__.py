"""What runs when, in market time: one table, written to the database scheduler for beat and embedded alike."""
