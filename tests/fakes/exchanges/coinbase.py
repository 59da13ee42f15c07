"""Coinbase's Advanced API and the older one beside it: a token signed for each request (ES256 or EdDSA), checked with
the public key; fills by cursor, transactions wallet by wallet.
"""

import base64
import hashlib
import uuid
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from core.lib.clock import iso
from tests.fakes.exchanges.exchange import Counter, FakeExchange, Refusal, Request, digits
from tests.fakes.exchanges.people import FakeAccount, FakeMove, FakeTrade

HOST = "api.coinbase.com"
_UNAUTHORIZED = b"Unauthorized\n"


class FakeCoinbase(FakeExchange):
    name = "coinbase"

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.advanced = Counter(30, 1)
        self.wallets = Counter(10_000, 3600)
        self.most_rows = 100

    def allows_hourly(self, calls: int) -> None:
        self.advanced.allows_hourly(calls)

    def new_account(self, number: int, *, is_ed25519: bool = False, **more: Any) -> FakeAccount:
        name = uuid.UUID(hashlib.md5(f"coinbase {number}".encode()).hexdigest())
        secret, public = _ed25519(number) if is_ed25519 else _p256(number)
        key = str(name) if is_ed25519 else f"organizations/{name}/apiKeys/{name}"
        return FakeAccount(key, secret, public=public, **more)

    def key_of(self, request: Request) -> str:
        try:
            return str(jwt.get_unverified_header(_token(request)).get("kid", ""))
        except jwt.PyJWTError:
            return ""

    def answer_of(self, request: Request) -> Any:
        account = self._signed_by(request)
        self._count(request)
        asked, path = request.parameters, request.path
        if request.verb == "GET" and path == "/api/v3/brokerage/key_permissions":
            return self._rights(account)
        if request.verb == "GET" and path == "/api/v3/brokerage/accounts":
            return self._accounts(account, asked)
        if request.verb == "GET" and path == "/api/v3/brokerage/orders/historical/fills":
            return self._fills(account, asked)
        if request.verb == "GET" and path.startswith("/v2/accounts/") and path.endswith("/transactions"):
            return self._transactions(account, path.split("/")[3], asked)
        raise Refusal(404, {"error": "not_found", "message": "Not found"})

    def _signed_by(self, request: Request) -> FakeAccount:
        account = self.accounts.get(self.key_of(request))
        if account is None or not account.is_known():
            raise self.stranger(Refusal(401, _UNAUTHORIZED))
        is_edwards = isinstance(account.public, ed25519.Ed25519PublicKey)
        try:
            claims = jwt.decode(
                _token(request),
                account.public,
                algorithms=["EdDSA" if is_edwards else "ES256"],
                options={"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            raise self.stranger(Refusal(401, _UNAUTHORIZED)) from None
        uris = claims.get("uris") or [claims.get("uri")]
        is_fresh = claims["nbf"] - 5 <= self.now() <= claims["exp"] and claims["exp"] - claims["nbf"] <= 120
        if claims["sub"] != account.key or uris != [f"{request.verb} {HOST}{request.path}"] or not is_fresh:
            raise self.stranger(Refusal(401, _UNAUTHORIZED))
        if "read" not in account.may:
            raise Refusal(403, {"error": "PERMISSION_DENIED", "message": "Missing required scopes"})
        return account

    def _count(self, request: Request) -> None:
        counter = self.wallets if request.path.startswith("/v2/") else self.advanced
        if counter.spend(self.key_of(request), 1):
            raise self.too_many(Refusal(429, {"error": "RESOURCE_EXHAUSTED", "message": "Too many requests"}))

    def _rights(self, account: FakeAccount) -> Any:
        return {
            "can_view": "read" in account.may,
            "can_trade": "trade" in account.may,
            "can_transfer": "withdraw" in account.may,
            "portfolio_uuid": str(_uuid(account.key, "portfolio")),
            "portfolio_type": "DEFAULT",
            **dict.fromkeys(account.may - {"read", "trade", "withdraw"}, True),
        }

    def _accounts(self, account: FakeAccount, asked: dict[str, str]) -> Any:
        assets = sorted({*account.balances, *(one.asset for one in account.moves)})
        first, limit = int(asked.get("cursor") or 0), min(int(asked.get("limit", 49)), self.most_rows)
        page = assets[first : first + limit]
        has_next = first + limit < len(assets)
        return {
            "accounts": self.rows([_wallet(account, asset) for asset in page]),
            "has_next": has_next,
            "cursor": str(first + limit) if has_next else "",
            "size": len(page),
        }

    def _fills(self, account: FakeAccount, asked: dict[str, str]) -> Any:
        begins = _moment(asked.get("start_sequence_timestamp"), 0.0)
        ends = _moment(asked.get("end_sequence_timestamp"), 1e12)
        mine = sorted((one for one in account.history), key=lambda one: (one.at, one.number), reverse=True)
        chosen = [one for one in mine if begins <= one.at.timestamp() <= ends]
        first, limit = int(asked.get("cursor") or 0), min(int(asked.get("limit", 100)), self.most_rows)
        following = str(first + limit) if first + limit < len(chosen) else ""
        return {
            "fills": self.rows([_fill(one) for one in chosen[first : first + limit]]),
            "cursor": following,
        }

    def _transactions(self, account: FakeAccount, wallet: str, asked: dict[str, str]) -> Any:
        asset = next(
            (
                one
                for one in {*account.balances, *(move.asset for move in account.moves)}
                if str(_uuid(account.key, one)) == wallet
            ),
            None,
        )
        if asset is None:
            raise Refusal(404, {"errors": [{"id": "not_found", "message": "Not found"}]})
        mine = sorted(
            (one for one in account.moves if one.asset == asset),
            key=lambda one: (one.at, one.number),
            reverse=True,
        )
        rows = [_transaction(one) for one in mine]
        after = asked.get("starting_after")
        first = next((index + 1 for index, row in enumerate(rows) if row["id"] == after), 0)
        limit = min(int(asked.get("limit", 25)), self.most_rows)
        return {
            "pagination": {"limit": limit, "order": "desc"},
            "data": self.rows(rows[first : first + limit]),
        }


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


@lru_cache(maxsize=4)
def _p256(number: int) -> tuple[str, Any]:
    key = ec.derive_private_key(1000 + number, ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return pem.decode(), key.public_key()


def _ed25519(number: int) -> tuple[str, Any]:
    seed = hashlib.sha256(f"coinbase seed {number}".encode()).digest()
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(seed + raw).decode(), public


def _uuid(key: str, name: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{key}/{name}")


def _moment(text: str | None, usual: float) -> float:
    return datetime.fromisoformat(text).timestamp() if text else usual


def _wallet(account: FakeAccount, asset: str) -> Any:
    total = account.balances.get(asset, Decimal(0))
    return {
        "uuid": str(_uuid(account.key, asset)),
        "name": f"{asset} Wallet",
        "currency": asset,
        "available_balance": {"value": digits(total), "currency": asset},
        "default": True,
        "active": True,
        "created_at": "2023-01-04T06:20:06.456Z",
        "updated_at": "2023-01-04T06:20:07.181Z",
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "hold": {"value": "0.0000000000000000", "currency": asset},
    }


def _fill(one: FakeTrade) -> Any:
    return {
        "entry_id": hashlib.sha256(f"entry {one.number}".encode()).hexdigest(),
        "trade_id": f"trade-{one.number}",
        "order_id": f"order-{one.number}",
        "trade_time": iso(one.at),
        "trade_type": "FILL",
        "price": digits(one.price),
        "size": digits(one.quantity),
        "commission": digits(one.fee),
        "product_id": f"{one.base}-{one.quote}",
        "sequence_timestamp": iso(one.at),
        "liquidity_indicator": "TAKER",
        "size_in_quote": False,
        "user_id": "1111111-1111-1111-1111-111111111111",
        "side": "BUY" if one.is_buy else "SELL",
    }


def _transaction(one: FakeMove) -> Any:
    """What leaves is told with its fee included, and the fee beside it."""
    moved = one.quantity if one.is_in else -(one.quantity + one.fee)
    network: dict[str, Any] = {"status": "confirmed", "hash": f"hash{one.number}", "network_name": "solana"}
    if not one.is_in:
        network["transaction_fee"] = {"amount": digits(one.fee), "currency": one.asset}
        network["transaction_amount"] = {"amount": digits(one.quantity), "currency": one.asset}
    return {
        "id": str(_uuid("transaction", str(one.number))),
        "type": "send",
        "status": {"done": "completed", "open": "pending", "failed": "failed"}[one.state],
        "amount": {"amount": digits(moved), "currency": one.asset},
        "native_amount": {"amount": "1.00", "currency": "USD"},
        "description": None,
        "created_at": iso(one.at),
        "updated_at": iso(one.at),
        "resource": "transaction",
        "network": network,
    }
