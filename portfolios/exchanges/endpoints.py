"""The requests that Khalsi makes of exchanges: all of them read. What is not named here cannot be sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`signer` is the library's method that signs it. A `*` in `path` stands for one part, an id."""

    name: str
    signer: str
    path: str
    costs: Mapping[str, int] = field(default_factory=dict)
    verb: str = "GET"
    most_bytes: int = 8 * _MEGABYTE

    def fits(self, path: str) -> bool:
        pattern = re.escape(self.path).replace(r"\*", r"[\w-]{1,64}")
        return re.fullmatch(pattern, path) is not None


BINANCE = (
    Endpoint("time", "public_get_time", "/api/v3/time", {"weight": 1}),
    Endpoint(
        "pairs",
        "public_get_exchangeinfo",
        "/api/v3/exchangeInfo",
        {"weight": 20},
        most_bytes=48 * _MEGABYTE,
    ),
    Endpoint("account", "private_get_account", "/api/v3/account", {"weight": 20}),
    Endpoint("trades", "private_get_mytrades", "/api/v3/myTrades", {"weight": 20}),
    Endpoint("rights", "sapi_get_account_apirestrictions", "/sapi/v1/account/apiRestrictions", {"wallet": 1}),
    Endpoint("deposits", "sapi_get_capital_deposit_hisrec", "/sapi/v1/capital/deposit/hisrec", {"wallet": 1}),
    Endpoint(
        "withdrawals",
        "sapi_get_capital_withdraw_history",
        "/sapi/v1/capital/withdraw/history",
        {"wallet_of_user": 18_000},
    ),
)
COINBASE = (
    Endpoint(
        "rights",
        "v3_private_get_brokerage_key_permissions",
        "/api/v3/brokerage/key_permissions",
        {"advanced": 1},
    ),
    Endpoint("accounts", "v3_private_get_brokerage_accounts", "/api/v3/brokerage/accounts", {"advanced": 1}),
    Endpoint(
        "fills",
        "v3_private_get_brokerage_orders_historical_fills",
        "/api/v3/brokerage/orders/historical/fills",
        {"advanced": 1},
    ),
    Endpoint(
        "transactions",
        "v2_private_get_accounts_account_id_transactions",
        "/v2/accounts/*/transactions",
        {"wallets": 1},
    ),
)
KRAKEN = (
    Endpoint(
        "pairs",
        "public_get_assetpairs",
        "/0/public/AssetPairs",
        {"public": 1},
        most_bytes=32 * _MEGABYTE,
    ),
    Endpoint("rights", "private_post_getapikeyinfo", "/0/private/GetApiKeyInfo", {"counter": 1}, "POST"),
    Endpoint("balances", "private_post_balanceex", "/0/private/BalanceEx", {"counter": 1}, "POST"),
    Endpoint("trades", "private_post_tradeshistory", "/0/private/TradesHistory", {"counter": 2}, "POST"),
    Endpoint("ledger", "private_post_ledgers", "/0/private/Ledgers", {"counter": 2}, "POST"),
)
KUCOIN = (
    Endpoint("time", "public_get_timestamp", "/api/v1/timestamp", {"public": 3}),
    Endpoint("rights", "private_get_user_api_key", "/api/v1/user/api-key", {"management": 20}),
    Endpoint("accounts", "private_get_accounts", "/api/v1/accounts", {"management": 5}),
    Endpoint("fills", "private_get_fills", "/api/v1/fills", {"spot": 10}),
    Endpoint("deposits", "private_get_deposits", "/api/v1/deposits", {"management": 5}),
    Endpoint("withdrawals", "private_get_withdrawals", "/api/v1/withdrawals", {"management": 20}),
)
