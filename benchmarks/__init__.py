"""Benchmarks: each module is a command that prints a table; loopback only, bounded, none of them is a test."""
