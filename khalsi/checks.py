"""Settings that cannot work stop the start with a number and a hint."""
