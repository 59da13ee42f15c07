"""What people search for."""

import pytest

from markets.models import Token, TrendingToken
from markets.selectors.trending import trending
from tests.make.markets import NOON, a_token

pytestmark = pytest.mark.django_db


def place(rank: int, token: Token | None, name: str = "x") -> None:
    TrendingToken.objects.create(
        observed_at=NOON,
        rank=rank,
        coingecko_id=name,
        symbol=name,
        name=name,
        token=token,
        source="coingecko",
    )


def test_only_followed_solana_tokens_are_shown_unless_all_are_wanted() -> None:
    place(1, None, "stranger")
    place(2, a_token("BTC", solana=False), "bitcoin")
    place(3, a_token("BONK", category="meme"), "bonk")
    assert [row.coingecko_id for row in trending(limit=10).places] == ["bonk"]
    assert trending(limit=2, everywhere=True).total == 3
    assert [row.rank for row in trending(limit=2, everywhere=True).places] == [1, 2]
    assert trending(limit=10, category="defi").places == []


def test_without_a_snapshot_there_is_nothing() -> None:
    assert (trending(limit=5).places, trending(limit=5).observed_at) == ([], None)
