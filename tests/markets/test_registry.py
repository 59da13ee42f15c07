"""The default registry."""

from pathlib import Path

import pytest

from markets.models import Token
from markets.services.registry import REGISTRY, sync_registry

pytestmark = pytest.mark.django_db

_HEADER = "coingecko_id,symbol,name,mint,category,binance_symbol,solana\n"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    file = tmp_path / "registry.csv"
    rows = "solana,SOL,Solana,,infrastructure,SOLUSDT,true\nbitcoin,BTC,Bitcoin,,context,BTCUSDT,false\n"
    file.write_text(_HEADER + rows)
    return file


def test_tokens_are_added_once(registry: Path) -> None:
    assert sync_registry(registry) == 2
    assert sync_registry(registry) == 0
    assert Token.objects.get(coingecko_id="bitcoin").solana is False


def test_what_staff_changed_stays(registry: Path) -> None:
    sync_registry(registry)
    Token.objects.filter(coingecko_id="solana").update(active=False, binance_symbol="", name="Sol")
    sync_registry(registry)
    token = Token.objects.get(coingecko_id="solana")
    assert (token.active, token.binance_symbol, token.name) == (False, "", "Sol")


@pytest.mark.skipif(not REGISTRY.exists(), reason="the registry has not been written")
def test_the_shipped_registry_has_forty_solana_tokens_and_bitcoin_and_ether() -> None:
    sync_registry()
    assert Token.objects.filter(solana=True).count() >= 40
    assert set(Token.objects.filter(solana=False).values_list("symbol", flat=True)) >= {"BTC", "ETH"}
    for token in Token.objects.all():
        token.full_clean()
