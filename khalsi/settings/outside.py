"""Where messages to users may go: addresses that they name themselves, and services that the operator names."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from khalsi.settings import env


def _inner() -> list[tuple[str, int]]:
    """Addresses with their ports, for trying out."""
    places = env.words("OUTSIDE_INNER")
    if places and not env.DEBUG:
        raise ImproperlyConfigured(
            "OUTSIDE_INNER: with DEBUG off no user's address may lead inside; leave it empty."
        )
    return [_place(word) for word in places]


def _place(word: str) -> tuple[str, int]:
    host, _, port = word.rpartition(":")
    try:
        return str(ip_address(host.strip("[]"))), int(port)
    except ValueError:
        raise ImproperlyConfigured(
            "OUTSIDE_INNER: write addresses with their ports, such as 127.0.0.1:9000."
        ) from None


def _exchanges() -> dict[str, str]:
    """Other hosts that answer as exchanges. Keys go there, so nothing but https leaves this machine."""
    found = {}
    for word in env.words("EXCHANGE_URLS"):
        name, _, url = word.partition("=")
        there = urlsplit(url)
        if name not in _EXCHANGES or not there.hostname or not _is_safe(there.scheme, there.hostname):
            raise ImproperlyConfigured(
                f"EXCHANGE_URLS: write {'|'.join(_EXCHANGES)}=URL, separated by commas; https, or http on loopback."
            )
        found[name] = url.rstrip("/")
    return found


def _is_safe(scheme: str, host: str) -> bool:
    return scheme == "https" or (scheme == "http" and host in {"127.0.0.1", "localhost", "::1"})


_EXCHANGES = ("binance", "coinbase", "kraken", "kucoin")
OUTSIDE_HTTP = env.flag("OUTSIDE_HTTP", False)
OUTSIDE_INNER = _inner()
TELEGRAM_BOT_TOKEN = env.text("TELEGRAM_BOT_TOKEN")
TELEGRAM_API_URL = env.text("TELEGRAM_API_URL", "https://api.telegram.org").rstrip("/")
EXCHANGE_URLS = _exchanges()
