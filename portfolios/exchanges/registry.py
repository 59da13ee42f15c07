"""The exchanges that can be connected, and how a user's account at one is opened."""

import re
from typing import NamedTuple

from portfolios.exchanges import endpoints
from portfolios.exchanges.account import Account
from portfolios.exchanges.base import BeforeCall, Credentials
from portfolios.exchanges.binance import Binance
from portfolios.exchanges.coinbase import Coinbase
from portfolios.exchanges.endpoints import Endpoint
from portfolios.exchanges.errors import WrongKeys
from portfolios.exchanges.kraken import Kraken
from portfolios.exchanges.kucoin import KuCoin
from portfolios.exchanges.profiles import PROFILES
from portfolios.exchanges.signed import SignedCalls
from portfolios.exchanges.transport import Timeouts, Transport

AnyAccount = Binance | Coinbase | Kraken | KuCoin


class _Kind(NamedTuple):
    account: type[AnyAccount]
    endpoints: tuple[Endpoint, ...]
    host: str


_KINDS = {
    "binance": _Kind(Binance, endpoints.BINANCE, "api.binance.com"),
    "coinbase": _Kind(Coinbase, endpoints.COINBASE, "api.coinbase.com"),
    "kraken": _Kind(Kraken, endpoints.KRAKEN, "api.kraken.com"),
    "kucoin": _Kind(KuCoin, endpoints.KUCOIN, "api.kucoin.com"),
}
_LINE = re.compile(r"[!-~]{1,512}")
_LINES = re.compile(r"[ -~\n]{1,4096}")


def open_exchange(
    name: str,
    credentials: Credentials,
    *,
    before_call: BeforeCall | None = None,
    base_url: str = "",
    timeouts: Timeouts | None = None,
) -> AnyAccount:
    """The account that these keys open; nothing is asked yet. Raises WrongKeys where they cannot be keys at all.

    `base_url` stands for the exchange's own host (tests and benchmarks); what is signed stays the real address.
    """
    profile, kind = PROFILES[name], _KINDS[name]
    transport = Transport(
        exchange=name, title=profile.title, host=kind.host, base_url=base_url, timeouts=timeouts
    )
    calls = SignedCalls(profile, kind.endpoints, _tidied(name, credentials), transport, before_call)
    return kind.account(calls)


def _tidied(name: str, given: Credentials) -> Credentials:
    """As they are meant: without space around them, and with real line ends where a file wrote them as codes."""
    secret = given.secret.strip().replace("\r\n", "\n")
    if name == "coinbase":
        secret = secret.replace("\\n", "\n")
    key, passphrase = given.key.strip(), given.passphrase.strip()
    needs_passphrase = any(field.name == "passphrase" for field in PROFILES[name].fields)
    is_sound = _LINE.fullmatch(key) and _LINES.fullmatch(secret)
    if not is_sound or (needs_passphrase and not _LINES.fullmatch(passphrase)):
        title = PROFILES[name].title
        raise WrongKeys(
            f"{title}'s keys are incomplete, or hold characters that keys never have.", exchange=name
        )
    return Credentials(key, secret, passphrase)


__all__ = ["PROFILES", "Account", "AnyAccount", "open_exchange"]
