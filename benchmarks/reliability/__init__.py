"""The long form of each promise: `python -m benchmarks.reliability.NAME` kills, races or floods real servers.

Loopback only and bounded; each prints its seed and a table of promised and reached, and ends with code 1 where a
promise was broken. The short form of each is in the suite.
"""
