"""The registry's rows are what the rest of Khalsi relies on."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from markets.sandbox.registry import read_registry

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CATEGORIES = {"infrastructure", "defi", "meme", "staking", "stablecoin", "gaming", "depin", "ai", "context"}
RECORDED = Path(__file__).parents[4] / "shared/data/recorded/coingecko/coins_list_2025-08.json.gz"

ROWS = read_registry()


def decoded_size(text):
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    return len(text) - len(text.lstrip("1")) + (number.bit_length() + 7) // 8


def test_there_are_fifty_tokens_of_solana_and_two_for_context():
    assert sum(row.solana for row in ROWS) >= 50
    assert {row.symbol for row in ROWS if not row.solana} == {"BTC", "ETH"}


def test_ids_are_unique_and_categories_known():
    assert max(Counter(row.coingecko_id for row in ROWS).values()) == 1
    assert {row.category for row in ROWS} <= CATEGORIES


def test_every_mint_is_a_key_of_32_bytes_and_belongs_to_one_token():
    mints = [row.mint for row in ROWS if row.mint]
    assert all(decoded_size(mint) == 32 for mint in mints)
    assert len(set(mints)) == len(mints)


def test_pairs_are_against_usdt():
    assert all(row.binance_symbol in ("", f"{row.symbol}USDT") for row in ROWS)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded list of coins is not here")
def test_coingecko_knows_every_id_by_that_symbol_and_name():
    known = {coin["id"]: coin for coin in json.loads(gzip.decompress(RECORDED.read_bytes()))}
    for row in ROWS:
        coin = known[row.coingecko_id]
        assert (coin["symbol"].lstrip("$").upper(), coin["name"]) == (row.symbol, row.name)
