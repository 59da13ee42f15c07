"""Accounts at exchanges: looked at without keeping anything, connected, given new keys, and let go.

examining   asks the exchange what keys may do; keys that do more than read are refused
joining     keeps keys, sealed, after they were examined
leaving     the keys go at once, the rows that came if their owner wants
asking      synchronise now
stopping    a connection stops until its owner does something, who is told once
"""
