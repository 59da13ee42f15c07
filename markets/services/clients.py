"""The clients of this process, made once for each address and key, so that connections and ETags are kept."""

from functools import lru_cache

from django.conf import settings

from core.net.client import HttpClient
from markets.providers.binance.fetch import Binance
from markets.providers.coingecko.fetch import CoinGecko, key_header
from markets.services.ledger import spend


def coingecko() -> CoinGecko:
    market = settings.MARKET
    return _coingecko(market.coingecko_url, market.coingecko_plan, market.coingecko_key)


def binance() -> Binance:
    return _binance(settings.MARKET.binance_url)


def hurried_binance() -> Binance:
    """For whoever has a stream to listen to and cannot wait for long."""
    return _hurried_binance(settings.MARKET.binance_url)


@lru_cache(maxsize=4)
def _coingecko(url: str, plan: str, key: str) -> CoinGecko:
    http = HttpClient(url, key_header(plan, key), name="CoinGecko")
    return CoinGecko(http, lambda kind: spend(CoinGecko.name, kind))


@lru_cache(maxsize=4)
def _binance(url: str) -> Binance:
    return Binance(HttpClient(url, name="Binance"))


@lru_cache(maxsize=4)
def _hurried_binance(url: str) -> Binance:
    return Binance(HttpClient(url, name="Binance", connect_timeout=2, read_timeout=4, total_timeout=5))
