"""From a ticker to the token that is meant."""

import pytest

from core.lib.errors import NotFound
from markets.selectors.tokens import namesakes, token_for
from tests.make.markets import a_token

pytestmark = pytest.mark.django_db


def test_a_shared_ticker_means_the_best_ranked_token() -> None:
    a_token("WIF", "unranked", rank=None)
    a_token("WIF", "wif-2", rank=3000)
    a_token("WIF", "dogwifcoin", rank=90)
    assert token_for("wif").coingecko_id == "dogwifcoin"


def test_an_id_picks_one_among_namesakes() -> None:
    a_token("WIF", "dogwifcoin", rank=90)
    other = a_token("WIF", "wif-2", rank=3000)
    assert token_for("WIF", "wif-2") == other
    assert [token.coingecko_id for token in namesakes(other)] == ["dogwifcoin"]


def test_a_deactivated_token_is_not_found() -> None:
    a_token("OLD", active=False)
    with pytest.raises(NotFound):
        token_for("OLD")


def test_an_unknown_symbol_is_named_without_its_control_characters() -> None:
    with pytest.raises(NotFound, match="symbol NOPEX is followed"):
        token_for("NOPE\nX")


def test_an_id_of_another_ticker_is_not_found() -> None:
    a_token("WIF", "dogwifcoin")
    with pytest.raises(NotFound, match="leave id out"):
        token_for("WIF", "solana")
