"""Before a request leaves, all its limits are counted; who has to wait too long is told when to come back."""

import pytest

from portfolios.exchanges.base import Call
from portfolios.exchanges.errors import LimitReached
from portfolios.services.pacing import LONGEST_NAP, Turns

CALL = Call("kraken", "trades", {"counter": 5})


def turns(account="mine", patience=0.0, naps=None):
    return Turns(account, patience=patience, sleep=(naps if naps is not None else []).append)


def used_up(account="mine"):
    for _ in range(3):
        turns(account)(CALL)


def test_what_a_key_may_spend_is_counted_by_key():
    used_up()
    with pytest.raises(LimitReached) as refused:
        turns()(CALL)
    assert 45 <= refused.value.seconds <= 54
    turns("another")(CALL)


def test_who_has_patience_naps():
    used_up()
    naps = []
    with pytest.raises(LimitReached):
        turns(patience=3.5, naps=naps)(CALL)
    assert naps == []  # it could not come to an end in time
    with pytest.raises(LimitReached):
        Turns("mine", patience=60.0, sleep=naps.append)(CALL)
    assert naps and max(naps) <= LONGEST_NAP


def test_what_this_side_counted_lets_nobody_else_rest():
    used_up()
    mine = turns()
    with pytest.raises(LimitReached) as refused:
        mine(CALL)
    mine.heed(refused.value)
    turns("another")(CALL)
    turns("another")(Call("kraken", "pairs", {"public": 1}))


def test_where_the_exchange_had_enough_its_address_rests():
    mine = turns()
    mine(CALL)
    mine.heed(LimitReached("Enough.", exchange="kraken", retry_after=30))
    with pytest.raises(LimitReached) as refused:
        turns("another")(Call("kraken", "pairs", {"public": 1}))
    assert 29 < refused.value.seconds <= 30
