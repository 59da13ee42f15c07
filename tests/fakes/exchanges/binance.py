"""Binance's spot and wallet API: HMAC-SHA256 over the query as it came, time within the window, weights by address."""

import hashlib
import hmac
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.exchanges.exchange import Counter, FakeExchange, Refusal, Request, digits, to_milliseconds
from tests.fakes.exchanges.people import FakeAccount, FakeMove, FakeTrade

DAY = 24 * 3600 * 1000
_PAIRS = {("SOL", "USDT"), ("SOL", "BTC"), ("BTC", "USDT"), ("ETH", "USDT"), ("ETH", "BTC"), ("BNB", "USDT")}
_WEIGHTS = {"/api/v3/account": 20, "/api/v3/myTrades": 20, "/api/v3/exchangeInfo": 20}


class FakeBinance(FakeExchange):
    name = "binance"

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.weights = Counter(6000, 60)
        self.wallet = Counter(12_000, 60)
        self.wallet_of_user = Counter(180_000, 60)
        self.most_rows = 1000
        self.tells_zeros = False
        """Whether balances of nothing are told although they were not asked for."""
        self._is_warned = False

    def allows_hourly(self, calls: int) -> None:
        self.weights.allows_hourly(20 * calls)

    def new_account(self, number: int, **more: Any) -> FakeAccount:
        key = hashlib.sha256(f"binance key {number}".encode()).hexdigest()
        return FakeAccount(key, hashlib.sha256(f"binance secret {number}".encode()).hexdigest(), **more)

    def key_of(self, request: Request) -> str:
        return request.headers.get("x-mbx-apikey", "")

    def answer_of(self, request: Request) -> Any:
        self._count(request)
        match request.verb, request.path:
            case "GET", "/api/v3/time":
                return {"serverTime": int(self.now() * 1000)}
            case "GET", "/api/v3/exchangeInfo":
                return {"timezone": "UTC", "symbols": [self._pair(*pair) for pair in sorted(self._pairs())]}
        account = self._signed_by(request)
        asked = request.parameters
        match request.verb, request.path:
            case "GET", "/api/v3/account":
                return self._account(account, asked)
            case "GET", "/api/v3/myTrades":
                return self._trades(account, asked)
            case "GET", "/sapi/v1/account/apiRestrictions":
                return self._rights(account)
            case "GET", "/sapi/v1/capital/deposit/hisrec":
                return self._moves(account, asked, is_in=True)
            case "GET", "/sapi/v1/capital/withdraw/history":
                return self._moves(account, asked, is_in=False)
        raise Refusal(404, {"code": -1, "msg": "no such path"})

    def _count(self, request: Request) -> None:
        key = self.key_of(request)
        if request.path.startswith("/api/"):
            wait = self.weights.spend("address", _WEIGHTS.get(request.path, 1))
        elif request.path.endswith("withdraw/history"):
            wait = self.wallet_of_user.spend(key, 18_000)
        else:
            wait = self.wallet.spend("address", 1)
        if not wait:
            self._is_warned = False
            return
        status, self._is_warned = (418 if self._is_warned else 429), True
        told = {"code": -1003, "msg": "Too much request weight used; current limit is reached."}
        raise self.too_many(Refusal(status, told, {"Retry-After": str(int(wait) + 1)}))

    def _signed_by(self, request: Request) -> FakeAccount:
        account = self.accounts.get(self.key_of(request))
        if len(self.key_of(request)) != 64:
            raise self.stranger(Refusal(401, {"code": -2014, "msg": "API-key format invalid."}))
        query, _, signature = request.query.rpartition("&signature=")
        asked = dict(parse_qsl(query))
        now = int(self.now() * 1000)
        sent, window = int(asked.get("timestamp", 0)), int(asked.get("recvWindow", 5000))
        if account is None:
            raise self.stranger(Refusal(401, _NOT_ALLOWED))
        if not now - window <= sent < now + 1000:
            told = {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
            raise self.stranger(Refusal(400, told))
        wanted = hmac.new(account.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, signature):
            told = {"code": -1022, "msg": "Signature for this request is not valid."}
            raise self.stranger(Refusal(400, told))
        if not account.is_known() or "read" not in account.may:
            raise Refusal(401, _NOT_ALLOWED)
        return account

    def _account(self, account: FakeAccount, asked: dict[str, str]) -> Any:
        is_short = asked.get("omitZeroBalances") == "true" and not self.tells_zeros
        held = {} if is_short else dict.fromkeys(("BTC", "XYZ"), Decimal(0))
        rows = [
            {"asset": asset, "free": digits(total), "locked": "0.00000000"}
            for asset, total in {**held, **account.balances}.items()
        ]
        return {
            "makerCommission": 10,
            "canTrade": True,
            "canWithdraw": True,
            "accountType": "SPOT",
            "updateTime": int(self.now() * 1000),
            "balances": rows,
            "permissions": ["SPOT"],
        }

    def _rights(self, account: FakeAccount) -> Any:
        known = {"read", "trade", "withdraw"}
        return {
            "ipRestrict": False,
            "createTime": 1698645219000,
            "enableReading": "read" in account.may,
            "enableWithdrawals": "withdraw" in account.may,
            "enableInternalTransfer": False,
            "permitsUniversalTransfer": False,
            "enableSpotAndMarginTrading": "trade" in account.may,
            "enableMargin": False,
            "enableFutures": False,
            "enableVanillaOptions": False,
            "enablePortfolioMarginTrading": False,
            **dict.fromkeys(account.may - known, True),
        }

    def _trades(self, account: FakeAccount, asked: dict[str, str]) -> Any:
        if "symbol" not in asked:
            raise Refusal(400, {"code": -1102, "msg": "Mandatory parameter 'symbol' was not sent."})
        if asked["symbol"] not in {base + quote for base, quote in self._pairs()}:
            raise Refusal(400, {"code": -1121, "msg": "Invalid symbol."})
        begins, ends = int(asked.get("startTime", 0)), int(asked.get("endTime", 1 << 60))
        if "startTime" in asked and "endTime" in asked and not 0 <= ends - begins <= DAY:
            raise Refusal(400, {"code": -1127, "msg": "More than 24 hours between startTime and endTime."})
        if "fromId" in asked and ("startTime" in asked or "endTime" in asked):
            raise Refusal(400, {"code": -1128, "msg": "Combination of optional parameters invalid."})
        mine = sorted(
            (one for one in account.history if one.base + one.quote == asked["symbol"]),
            key=lambda one: one.number,
        )
        chosen = [
            one
            for one in mine
            if one.number >= int(asked.get("fromId", 0)) and begins <= to_milliseconds(one.at) <= ends
        ]
        limit = min(int(asked.get("limit", 500)), self.most_rows)
        return self.rows([_trade(one) for one in chosen[:limit]])

    def _moves(self, account: FakeAccount, asked: dict[str, str], *, is_in: bool) -> Any:
        begins, ends = int(asked.get("startTime", 0)), int(asked.get("endTime", 1 << 60))
        if ends - begins > 90 * DAY:
            raise Refusal(400, {"code": -4047, "msg": "Time interval must be within 0-90 days"})
        chosen = sorted(
            (
                one
                for one in account.moves
                if one.is_in == is_in and begins <= to_milliseconds(one.at) <= ends
            ),
            key=lambda one: one.at,
            reverse=True,
        )
        first, limit = int(asked.get("offset", 0)), min(int(asked.get("limit", 1000)), self.most_rows)
        return self.rows([_move(one) for one in chosen[first : first + limit]])

    def _pairs(self) -> set[tuple[str, str]]:
        traded = {(one.base, one.quote) for account in self.accounts.values() for one in account.history}
        return _PAIRS | traded

    def _pair(self, base: str, quote: str) -> Any:
        return {
            "symbol": base + quote,
            "status": "TRADING",
            "baseAsset": base,
            "quoteAsset": quote,
            "filters": [],
        }


_NOT_ALLOWED = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}


def _trade(one: FakeTrade) -> Any:
    return {
        "symbol": one.base + one.quote,
        "id": one.number,
        "orderId": 100_000 + one.number,
        "orderListId": -1,
        "price": digits(one.price),
        "qty": digits(one.quantity),
        "quoteQty": digits(one.worth),
        "commission": digits(one.fee),
        "commissionAsset": one.fee_asset,
        "time": to_milliseconds(one.at),
        "isBuyer": one.is_buy,
        "isMaker": False,
        "isBestMatch": True,
    }


def _move(one: FakeMove) -> Any:
    told = {
        "id": f"move{one.number}",
        "amount": digits(one.quantity),
        "coin": one.asset,
        "network": "SOL",
        "address": "an-address",
        "addressTag": "",
        "txId": f"hash{one.number}",
        "transferType": 0,
    }
    if one.is_in:
        return {
            **told,
            "status": {"done": 1, "open": 0, "failed": 7}[one.state],
            "insertTime": to_milliseconds(one.at),
            "confirmTimes": "1/1",
        }
    return {
        **told,
        "status": {"done": 6, "open": 4, "failed": 5}[one.state],
        "transactionFee": digits(one.fee),
        "applyTime": one.at.strftime("%Y-%m-%d %H:%M:%S"),
    }
