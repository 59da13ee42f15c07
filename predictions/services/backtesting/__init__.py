"""Walk-forward back-tests over folders of candles: plan → parts (learn, then forecast what follows) → ranges in
order of time → rows for a file → scores.

Parts are independent of each other, so they may run in other processes; what one has said is kept in a file
and used again. Nothing here needs a database.
"""
