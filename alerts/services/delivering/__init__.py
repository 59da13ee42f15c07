"""Telling users, on the channels that they chose.

owing    one row for each message, in the transaction that stores the events
leasing  a worker takes the next message of a channel; what a dead worker held is taken up again
sending  the row becomes words, the words go out, outside of any transaction
recording what became of it: sent, later, or given up, with the channel's health
"""

from alerts.services.delivering.owing import owe
from alerts.services.delivering.sending import deliver_due

__all__ = ["deliver_due", "owe"]
