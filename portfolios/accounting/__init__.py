"""Bookkeeping as arithmetic: transactions in, lots, profit and returns out. No database, no network, no clock."""
