"""KuCoin's API: four headers, a passphrase that is itself signed (key versions 2 and 3), pools of calls by user."""

import base64
import hashlib
import hmac
import math
from typing import Any

from tests.fakes.exchanges.exchange import Counter, FakeExchange, Refusal, Request, digits, to_milliseconds
from tests.fakes.exchanges.people import FakeAccount, FakeMove, FakeTrade

WEEK = 7 * 24 * 3600 * 1000
_COSTS = {
    "/api/v1/fills": ("spot", 10),
    "/api/v1/accounts": ("management", 5),
    "/api/v1/deposits": ("management", 5),
    "/api/v1/withdrawals": ("management", 20),
    "/api/v1/user/api-key": ("management", 20),
}
_RIGHTS = {"read": "General", "trade": "Spot", "withdraw": "Withdrawal"}


class FakeKuCoin(FakeExchange):
    name = "kucoin"

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.pools = {"spot": Counter(4000, 30), "management": Counter(2000, 30)}
        self.most_rows = 500

    def allows_hourly(self, calls: int) -> None:
        self.pools["management"].allows_hourly(5 * calls)

    def new_account(self, number: int, **more: Any) -> FakeAccount:
        key = hashlib.sha256(f"kucoin key {number}".encode()).hexdigest()[:24]
        secret = hashlib.sha256(f"kucoin secret {number}".encode()).hexdigest()[:36]
        return FakeAccount(key, secret, f"pass phrase {number} of mine", **more)

    def key_of(self, request: Request) -> str:
        return request.headers.get("kc-api-key", "")

    def wrapped(self, told: Any) -> Any:
        return {"code": "200000", "data": told}

    def answer_of(self, request: Request) -> Any:
        if (request.verb, request.path) == ("GET", "/api/v1/timestamp"):
            return int(self.now() * 1000)
        account = self._signed_by(request)
        self._count(request)
        asked = request.parameters
        match request.verb, request.path:
            case "GET", "/api/v1/user/api-key":
                rights = [_RIGHTS.get(right, right) for right in sorted(account.may)]
                return {
                    "remark": "reader",
                    "apiKey": account.key,
                    "apiVersion": 3,
                    "permission": ",".join(rights),
                }
            case "GET", "/api/v1/accounts":
                return self.rows(_accounts(account))
            case "GET", "/api/v1/fills":
                if int(asked.get("endAt", 0)) - int(asked.get("startAt", 0)) > WEEK:
                    raise _error(400, "400100", "The time range exceeds 7 days")
                return self._paged([(one, _trade(one)) for one in account.history], asked)
            case "GET", "/api/v1/deposits":
                return self._paged([(one, _move(one)) for one in account.moves if one.is_in], asked)
            case "GET", "/api/v1/withdrawals":
                return self._paged([(one, _move(one)) for one in account.moves if not one.is_in], asked)
        raise _error(404, "404", "Url Not Found")

    def _signed_by(self, request: Request) -> FakeAccount:
        sent = {
            name: request.headers.get(f"kc-api-{name}", "")
            for name in ("key", "sign", "timestamp", "passphrase", "key-version")
        }
        if not all(sent.values()):
            raise self.stranger(
                _error(400, "400001", "Please check the header of your request for KC-API-KEY.")
            )
        if not sent["timestamp"].isdigit() or abs(int(sent["timestamp"]) - self.now() * 1000) > 5000:
            raise self.stranger(_error(400, "400002", "Invalid KC-API-TIMESTAMP"))
        account = self.accounts.get(sent["key"])
        if account is None or not account.is_known():
            raise self.stranger(_error(401, "400003", "KC-API-KEY not exists"))
        if sent["key-version"] not in ("2", "3") or not _is(account, account.passphrase, sent["passphrase"]):
            raise self.stranger(_error(401, "400004", "Invalid KC-API-PASSPHRASE"))
        payload = sent["timestamp"] + request.verb + request.target + request.body.decode()
        if not _is(account, payload, sent["sign"]):
            raise self.stranger(_error(401, "400005", "Invalid KC-API-SIGN"))
        if "read" not in account.may:
            raise _error(403, "400007", "Access denied, require more permission")
        return account

    def _count(self, request: Request) -> None:
        pool, cost = _COSTS.get(request.path, ("management", 2))
        wait = self.pools[pool].spend(self.key_of(request), cost)
        if wait:
            refusal = _error(429, "429000", "Too many requests in a short period of time")
            refusal.answer.headers["gw-ratelimit-reset"] = str(math.ceil(wait * 1000))
            raise self.too_many(refusal)

    def _paged(self, rows: list[tuple[Any, Any]], asked: dict[str, str]) -> Any:
        begins, ends = int(asked.get("startAt", 0)), int(asked.get("endAt", 1 << 60))
        chosen = [row for one, row in rows if begins <= to_milliseconds(one.at) <= ends]
        chosen.sort(key=lambda row: -row["createdAt"])
        size, page = min(int(asked.get("pageSize", 50)), self.most_rows), int(asked.get("currentPage", 1))
        return {
            "currentPage": page,
            "pageSize": size,
            "totalNum": len(chosen),
            "totalPage": math.ceil(len(chosen) / size),
            "items": self.rows(chosen[(page - 1) * size : page * size]),
        }


def _is(account: FakeAccount, text: str, sent: str) -> bool:
    wanted = base64.b64encode(hmac.new(account.secret.encode(), text.encode(), hashlib.sha256).digest())
    return hmac.compare_digest(wanted.decode(), sent)


def _error(status: int, code: str, told: str) -> Refusal:
    return Refusal(status, {"code": code, "msg": told})


def _accounts(account: FakeAccount) -> list[Any]:
    """All in the trading account, and nothing in the main one."""
    return [
        {
            "id": f"{kind}-{asset}",
            "currency": asset,
            "type": kind,
            "balance": digits(total) if kind == "trade" else "0",
            "available": digits(total) if kind == "trade" else "0",
            "holds": "0",
        }
        for asset, total in account.balances.items()
        for kind in ("main", "trade")
    ]


def _trade(one: FakeTrade) -> Any:
    return {
        "symbol": f"{one.base}-{one.quote}",
        "tradeId": f"5c35c02709e4f67d{one.number:08}",
        "orderId": f"5c35c02703aa673c{one.number:08}",
        "side": "buy" if one.is_buy else "sell",
        "liquidity": "taker",
        "forceTaker": True,
        "price": digits(one.price),
        "size": digits(one.quantity),
        "funds": digits(one.worth),
        "fee": digits(one.fee),
        "feeRate": "0.001",
        "feeCurrency": one.fee_asset,
        "type": "limit",
        "tradeType": "TRADE",
        "createdAt": to_milliseconds(one.at),
    }


def _move(one: FakeMove) -> Any:
    """Amounts are numbers here, not texts."""
    told = {
        "address": "an-address",
        "memo": "",
        "amount": one.quantity,
        "fee": one.fee,
        "currency": one.asset,
        "chain": "sol",
        "isInner": False,
        "walletTxId": f"hash{one.number}@an-address",
        "status": {"done": "SUCCESS", "open": "PROCESSING", "failed": "FAILURE"}[one.state],
        "createdAt": to_milliseconds(one.at),
        "updatedAt": to_milliseconds(one.at),
        "remark": "",
    }
    return told if one.is_in else {"id": f"move{one.number}", **told}
