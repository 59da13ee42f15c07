from typing import Any

import pytest

from portfolios.exchanges import pairs
from portfolios.exchanges.pairs import Pairs, known_pairs

SOL, JUP = {"SOLUSD": ("SOL", "USD")}, {"JUPUSD": ("JUP", "USD")}


class Exchange:
    """What it lists, and how often it was asked."""

    def __init__(self) -> None:
        self.lists: Pairs = SOL
        self.asked = 0

    def load(self) -> Pairs:
        self.asked += 1
        return self.lists


def has_jup(known: Pairs) -> bool:
    return "JUPUSD" in known


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def test_pairs_are_kept(exchange: Exchange) -> None:
    assert [known_pairs("there", exchange.load) for _ in range(3)] == [SOL] * 3
    assert exchange.asked == 1


def test_what_lacks_is_not_asked_for_again_at_once(exchange: Exchange) -> None:
    for _ in range(3):
        known_pairs("there", exchange.load, has_jup)
    assert exchange.asked == 1


def test_a_pair_that_is_new_is_found_after_a_while(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_pairs("there", exchange.load)
    exchange.lists = {**SOL, **JUP}
    monkeypatch.setattr(pairs, "LACKING_SECONDS", -1.0)
    assert has_jup(known_pairs("there", exchange.load, has_jup))
    known_pairs("there", exchange.load, has_jup)
    assert exchange.asked == 2


def test_pairs_that_are_old_are_asked_for_again(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    known_pairs("there", exchange.load)
    monkeypatch.setattr(pairs, "SECONDS", -1.0)
    known_pairs("there", exchange.load)
    assert exchange.asked == 2


def test_a_failure_is_not_kept(exchange: Exchange) -> None:
    def fails() -> Any:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        known_pairs("there", fails)
    assert known_pairs("there", exchange.load) == SOL
