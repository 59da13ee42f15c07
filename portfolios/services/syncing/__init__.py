"""Reading users' accounts at exchanges, each by one worker at a time.

order      whose turn it is: who is waited for, then what is due longest; no exchange keeps others from their turn
leasing    a worker takes a connection for a while; what a dead worker held is taken up again
reading    rights, balances, then window by window what happened; each page is stored with the place of the next
booking    rows of an exchange as transactions, each once
comparing  the exchange's balance beside what was booked; a difference is told, nothing is booked for it
ending     what came of it: when it is due next, and whether its owner must be told
"""

from portfolios.services.syncing.working import sync_due

__all__ = ["sync_due"]
