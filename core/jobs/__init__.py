"""Runs of any app's jobs: slots claimed once, progress kept, failures that last kept for staff."""
