"""Kraken's private API: HMAC-SHA512 over path and SHA256 of number and body, numbers that only rise, errors with
status 200, and a counter that runs down slowly.
"""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.fakes.exchanges.exchange import FakeExchange, Refusal, Request, digits
from tests.fakes.exchanges.people import FakeAccount, FakeMove, FakeTrade

_OLD = {"BTC": "XXBT", "ETH": "XETH", "DOGE": "XXDG", "USD": "ZUSD", "EUR": "ZEUR", "XRP": "XXRP"}
_COSTS = {"TradesHistory": 2, "Ledgers": 2}
_RIGHTS = {
    "read": ["query-funds", "query-closed-trades", "query-ledger"],
    "trade": ["modify-trades"],
    "withdraw": ["withdraw-funds"],
}
_NEEDED = {"BalanceEx": "query-funds", "TradesHistory": "query-closed-trades", "Ledgers": "query-ledger"}


class _Draining:
    """A counter by key that runs down by a third each second."""

    def __init__(self, most: float = 15.0, drains: float = 0.33) -> None:
        self.most_allowed, self.drains = most, drains
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def spend(self, name: str, cost: float) -> bool:
        with self._lock:
            now = time.monotonic()
            level, since = self._levels.get(name, (0.0, now))
            level = max(0.0, level - (now - since) * self.drains) + cost
            fits = level <= self.most_allowed
            self._levels[name] = (level if fits else level - cost, now)
            return fits


class FakeKraken(FakeExchange):
    name = "kraken"

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.counter = _Draining()
        self.most_rows = 50
        self.delisted: set[tuple[str, str]] = set()

    def allows_hourly(self, calls: int) -> None:
        self.counter.most_allowed, self.counter.drains = calls, 0.0

    def new_account(self, number: int, **more: Any) -> FakeAccount:
        key = base64.b64encode(hashlib.sha384(f"kraken key {number}".encode()).digest()[:42]).decode()
        secret = base64.b64encode(hashlib.sha512(f"kraken secret {number}".encode()).digest()).decode()
        return FakeAccount(key, secret, **more)

    def key_of(self, request: Request) -> str:
        return request.headers.get("api-key", "")

    def wrapped(self, told: Any) -> Any:
        return {"error": [], "result": told}

    def answer_of(self, request: Request) -> Any:
        if (request.verb, request.path) == ("GET", "/0/public/AssetPairs"):
            return dict(_pair(*pair) for pair in sorted(self._pairs() - self.delisted))
        call = request.path.removeprefix("/0/private/")
        if request.verb != "POST" or call == request.path:
            raise _error("EGeneral:Unknown method")
        account = self._signed_by(request)
        if not self.counter.spend(account.key, _COSTS.get(call, 1)):
            raise self.too_many(_error("EAPI:Rate limit exceeded"))
        if call in _NEEDED and _NEEDED[call] not in _permissions(account):
            raise _error("EGeneral:Permission denied")
        asked = request.form
        match call:
            case "GetApiKeyInfo":
                return {"apiKeyName": "reader", "apiKey": account.key, "permissions": _permissions(account)}
            case "BalanceEx":
                return {
                    _OLD.get(asset, asset): {"balance": digits(total), "hold_trade": "0.0000"}
                    for asset, total in account.balances.items()
                }
            case "TradesHistory":
                return self._paged("trades", ((_id("T", one), _trade(one)) for one in account.history), asked)
            case "Ledgers":
                return self._paged("ledger", _ledger(account, asked.get("type", "all")), asked)
        raise _error("EGeneral:Unknown method")

    def _signed_by(self, request: Request) -> FakeAccount:
        account = self.accounts.get(self.key_of(request))
        if account is None or not account.is_known():
            raise self.stranger(_error("EAPI:Invalid key"))
        nonce = request.form.get("nonce", "")
        inner = hashlib.sha256(nonce.encode() + request.body).digest()
        wanted = hmac.new(base64.b64decode(account.secret), request.path.encode() + inner, hashlib.sha512)
        sent = request.headers.get("api-sign", "")
        if not hmac.compare_digest(base64.b64encode(wanted.digest()).decode(), sent):
            raise self.stranger(_error("EAPI:Invalid signature"))
        with account.lock:
            if not nonce.isdigit() or int(nonce) <= account.last_nonce:
                raise self.stranger(_error("EAPI:Invalid nonce"))
            account.last_nonce = int(nonce)
        return account

    def _paged(self, name: str, rows: Iterable[tuple[str, Any]], asked: dict[str, str]) -> Any:
        begins, ends = float(asked.get("start", 0)), float(asked.get("end", 1e12))
        chosen = sorted(
            (row for row in rows if begins < row[1]["time"] <= ends), key=lambda row: -row[1]["time"]
        )
        first = int(asked.get("ofs", 0))
        page = chosen[first : first + self.most_rows]
        if self.repeats_rows and first:
            page = [*page, chosen[first - 1]]
        if self.shuffles_rows:
            self._random.shuffle(page)
        return {name: dict(page), "count": len(chosen)}

    def _pairs(self) -> set[tuple[str, str]]:
        traded = {(one.base, one.quote) for account in self.accounts.values() for one in account.history}
        return traded | {("BTC", "USD"), ("ETH", "BTC"), ("SOL", "USD")}


def _error(*told: str) -> Refusal:
    return Refusal(200, {"error": list(told)})


def _permissions(account: FakeAccount) -> list[str]:
    return [name for right in sorted(account.may) for name in _RIGHTS.get(right, [right])]


def _name(base: str, quote: str) -> str:
    """Only where both are old ones does the pair carry the letters of their classes."""
    old = _OLD.get(base), _OLD.get(quote)
    return f"{old[0]}{old[1]}" if all(old) else f"{_short(base)}{_short(quote)}"


def _short(asset: str) -> str:
    return {"BTC": "XBT", "DOGE": "XDG"}.get(asset, asset)


def _pair(base: str, quote: str) -> tuple[str, Any]:
    told = {
        "altname": f"{_short(base)}{_short(quote)}",
        "wsname": f"{_short(base)}/{_short(quote)}",
        "aclass_base": "currency",
        "base": _OLD.get(base, base),
        "quote": _OLD.get(quote, quote),
        "status": "online",
    }
    return _name(base, quote), told


def _id(letter: str, one: FakeTrade | FakeMove) -> str:
    return f"{letter}{one.number:05}-KHALS-I{one.number:05}"


def _trade(one: FakeTrade) -> Any:
    return {
        "ordertxid": f"O{one.number:05}-KHALS-ORDER",
        "postxid": "TKH2SE-M7IF5-CFI7LT",
        "pair": _name(one.base, one.quote),
        "time": one.at.timestamp(),
        "type": "buy" if one.is_buy else "sell",
        "ordertype": "limit",
        "price": digits(one.price),
        "cost": digits(one.worth),
        "fee": digits(one.fee),
        "vol": digits(one.quantity),
        "margin": "0.00000",
        "misc": "",
        "trade_id": one.number,
        "maker": False,
    }


def _ledger(account: FakeAccount, kind: str) -> Iterable[tuple[str, Any]]:
    for one in account.moves:
        if kind not in ("all", "deposit" if one.is_in else "withdrawal") or one.state == "open":
            continue
        yield _id("L", one), _entry(one, one.at, 1)
        if one.state == "failed":
            yield _id("R", one), _entry(one, one.undone_at or one.at, -1)


def _entry(one: FakeMove, at: datetime, sign: int) -> Any:
    """What failed stands there twice, the second time with every sign turned, under one reference."""
    amount = one.quantity + one.fee if one.is_in else -one.quantity
    return {
        "refid": f"REF{one.number:05}",
        "time": at.timestamp(),
        "type": "deposit" if one.is_in else "withdrawal",
        "subtype": "",
        "aclass": "currency",
        "asset": _OLD.get(one.asset, one.asset),
        "amount": digits(sign * amount),
        "fee": digits(sign * one.fee),
        "balance": "0",
    }
