"""Binance, Coinbase, Kraken and KuCoin on loopback: they speak the real wire formats, verify every signature on their
own, count calls, page, and misbehave when told to.

    with a_fake("kraken") as kraken:
        alice = kraken.opens_account()
        alice.holds("SOL", "12.5")
        alice.trades("SOL", "USD", at=..., quantity="1", price="150")
        kraken.misbehaves(wrong.html(), on="BalanceEx")
        kraken.url, alice.credentials   # for open_exchange(...)
        kraken.asked                    # what came, by whom, and what was answered
        kraken.refused_for_limits       # calls that were too many
"""

from tests.fakes.exchanges import wrong
from tests.fakes.exchanges.exchange import FakeExchange
from tests.fakes.exchanges.people import FakeAccount
from tests.fakes.exchanges.server import a_fake
from tests.fakes.exchanges.wrong import Misbehaviour

NAMES = ("binance", "coinbase", "kraken", "kucoin")

__all__ = ["NAMES", "FakeAccount", "FakeExchange", "Misbehaviour", "a_fake", "wrong"]
