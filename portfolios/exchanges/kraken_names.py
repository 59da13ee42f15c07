"""Kraken's own names of tokens and pairs, as people write them.

Old tokens carry a letter for their class (XXBT, ZUSD); a list and no rule, since new ones begin with X or Z by chance.
What is staked, earns or is on hold has a suffix, sometimes with the days it is bound for (SOL.S, DOT28.S, USD.HOLD).
"""

import re

_OLD = {
    "XXBT": "BTC",
    "XBT": "BTC",
    "XXDG": "DOGE",
    "XDG": "DOGE",
    "XETH": "ETH",
    "ETH2": "ETH",
    "XLTC": "LTC",
    "XXRP": "XRP",
    "XXLM": "XLM",
    "XXMR": "XMR",
    "XZEC": "ZEC",
    "XETC": "ETC",
    "XREP": "REP",
    "XMLN": "MLN",
    "XICN": "ICN",
    "ZUSD": "USD",
    "ZEUR": "EUR",
    "ZGBP": "GBP",
    "ZCAD": "CAD",
    "ZJPY": "JPY",
    "ZAUD": "AUD",
    "ZKRW": "KRW",
    "ZCHF": "CHF",
}
_SUFFIXED = re.compile(r"(?P<name>.+?)(?P<days>(?<=[A-Z])\d{2})?\.(?:S|M|B|F|P|T|HOLD)")
_OLD_PAIR = re.compile(r"([XZ][A-Z]{3})(Z[A-Z]{3}|X[A-Z]{3})")


def ticker_of(name: str) -> str:
    found = _SUFFIXED.fullmatch(name)
    plain = found["name"] if found else name
    return _OLD.get(plain, plain)


def old_pair(name: str) -> tuple[str, str] | None:
    """Base and quote of a pair that is no longer listed, where its name leaves no doubt."""
    found = _OLD_PAIR.fullmatch(name)
    if found is None or found[1] not in _OLD or found[2] not in _OLD:
        return None
    return ticker_of(found[1]), ticker_of(found[2])
