"""A user's wallets at Coinbase: balances and fills of the Advanced API, deposits and withdrawals of the older one,
which tells them wallet by wallet, newest first.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from core.lib.clock import iso
from portfolios.exchanges import profiles
from portfolios.exchanges.account import Account
from portfolios.exchanges.errors import AnswerUnusable
from portfolios.exchanges.reading import (
    Row,
    Unfit,
    above_zero,
    amount,
    each,
    from_words,
    milliseconds,
    number,
    pair,
    product,
    quotient,
    text,
    ticker,
)
from portfolios.exchanges.records import (
    Balance,
    Deposit,
    Page,
    Rights,
    Side,
    Trade,
    Verdict,
    Window,
    Withdrawal,
)
from portfolios.exchanges.settling import Settling
from portfolios.exchanges.signed import Parameters, SignedCalls, cursor_of, place_of

MOST_ACCOUNTS = 250
MOST_FILLS = 100
MOST_TRANSACTIONS = 100
MOST_KEPT = 50
"""Pages that are kept between asking for deposits and for withdrawals."""
MOST_PAGES = 40
"""Of wallets: far more tokens than are listed."""

_NEUTRAL = {"can_view", "portfolio_uuid", "portfolio_type", "can_receive"}
_MOVES = {
    "send",
    "receive",
    "fiat_deposit",
    "fiat_withdrawal",
    "exchange_deposit",
    "exchange_withdrawal",
    "pro_deposit",
    "pro_withdrawal",
}
_STATES = {
    "done": frozenset({"completed"}),
    "open_": frozenset(
        {"pending", "waiting_for_clearing", "waiting_for_signature", "created", "on_hold", "processing"}
    ),
    "over": frozenset({"failed", "expired", "canceled"}),
}


class Coinbase(Account):
    profile = profiles.COINBASE
    _wallets: list[tuple[str, str, Decimal]] | None = None

    def __init__(self, calls: SignedCalls) -> None:
        super().__init__(calls)
        self._told: dict[tuple[str, str, int], list[Any]] = {}

    def rights(self) -> Rights:
        told = self._object("rights")
        self._expect(isinstance(told.get("can_view"), bool))
        is_told = isinstance(told.get("can_trade"), bool) and isinstance(told.get("can_transfer"), bool)
        more = sorted(name for name, value in told.items() if name not in _NEUTRAL and value)
        lacking = () if told["can_view"] else ("viewing",)
        usual = Verdict.READ_ONLY if is_told else Verdict.UNKNOWN
        return Rights(Verdict.CAN_DO_MORE if more else usual, tuple(more), lacking)

    def balances(self) -> list[Balance]:
        self._wallets, self._told = None, {}
        totals: dict[str, Decimal] = {}
        for _, asset, held in self._all_wallets():
            totals[asset] = totals.get(asset, Decimal(0)) + held
        return [Balance(asset, total, {asset: total}) for asset, total in totals.items() if total]

    def trades(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Trade]:
        asked: dict[str, str | int] = {
            "limit": MOST_FILLS,
            "end_sequence_timestamp": iso(window.until + timedelta(milliseconds=1)),
            **({"start_sequence_timestamp": iso(window.since)} if window.since else {}),
            **({"cursor": cursor} if cursor else {}),
        }
        told = self._object("fills", asked)
        rows, following = told.get("fills"), told.get("cursor", "")
        self._expect(isinstance(rows, list) and isinstance(following, str))
        records, refused = each(rows or [], _trade, "fill")
        sound = [trade for trade in records if window.holds(trade.executed_at)]
        is_last = not following or following == cursor or not rows
        return Page(sound, "" if is_last else following, is_last, refused)

    def deposits(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Deposit]:
        rows, following = self._transactions(window, assets, cursor)
        settling = Settling(**_STATES)
        records, refused = each(rows, lambda row: _deposit(row, settling), "deposit")
        sound = [record for record in records if window.holds(record.executed_at)]
        return Page(sound, following, not following, refused, settling.open_from)

    def withdrawals(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Withdrawal]:
        rows, following = self._transactions(window, assets, cursor)
        settling = Settling(**_STATES)
        records, refused = each(rows, lambda row: _withdrawal(row, settling), "withdrawal")
        sound = [record for record in records if window.holds(record.executed_at)]
        return Page(sound, following, not following, refused, settling.open_from)

    def _transactions(
        self, window: Window, assets: frozenset[str], cursor: str
    ) -> tuple[list[dict[str, Any]], str]:
        """One page of one wallet within the window, and where to go on."""
        place = place_of(cursor)
        wallets = sorted(uuid for uuid, asset, _ in self._all_wallets() if asset in assets)
        wallet = next((uuid for uuid in wallets if uuid >= place.get("wallet", "")), None)
        if wallet is None:
            return [], ""
        after = place.get("after", "") if wallet == place.get("wallet") else ""
        rows = self._page_of(wallet, after, window)
        within = [row for row in rows if _is_in(row, window)]
        if rows and len(rows) >= MOST_TRANSACTIONS and not _reaches_before(rows[-1], window):
            return within, cursor_of({"wallet": wallet, "after": str(rows[-1].get("id"))})
        following = next((uuid for uuid in wallets if uuid > wallet), None)
        return within, cursor_of({"wallet": following}) if following else ""

    def _page_of(self, wallet: str, after: str, window: Window) -> list[Any]:
        """Deposits and withdrawals are the same rows: what was told for one is not asked again for the other."""
        name = (wallet, after, milliseconds(window.until))
        if name not in self._told:
            asked: Parameters = {"account_id": wallet, "limit": MOST_TRANSACTIONS, "order": "desc"}
            told = self._object("transactions", {**asked, "starting_after": after} if after else asked)
            rows = told.get("data")
            self._expect(isinstance(rows, list) and all(isinstance(row, dict) for row in rows))
            if len(self._told) >= MOST_KEPT:
                self._told.clear()
            self._told[name] = list(rows or [])
        return self._told[name]

    def _all_wallets(self) -> list[tuple[str, str, Decimal]]:
        if self._wallets is None:
            self._wallets = self._asked_wallets()
        return self._wallets

    def _asked_wallets(self) -> list[tuple[str, str, Decimal]]:
        wallets: list[tuple[str, str, Decimal]] = []
        following = ""
        for _ in range(MOST_PAGES):
            told = self._object(
                "accounts", {"limit": MOST_ACCOUNTS, **({"cursor": following} if following else {})}
            )
            rows = told.get("accounts")
            self._expect(isinstance(rows, list) and isinstance(told.get("has_next"), bool))
            records, refused = each(rows or [], _wallet, "wallet")
            self._expect(not refused)
            wallets += records
            following = str(told.get("cursor") or "")
            if not told["has_next"] or not following:
                return wallets
        raise AnswerUnusable(
            "Coinbase never stopped telling wallets; nothing was changed.", exchange="coinbase"
        )


def _wallet(row: Row) -> tuple[str, str, Decimal]:
    return text(row, "uuid"), ticker(row, "currency"), _value(row, "available_balance") + _value(row, "hold")


def _value(row: Row, name: str) -> Decimal:
    inner = row.get(name)
    if not isinstance(inner, dict):
        raise Unfit(f"{name} is not an amount")
    return amount(inner, "value")


def _trade(row: Row) -> Trade | None:
    market = pair(row, "product_id")
    if len(market) != 2:
        return None  # futures and perpetuals hold no token
    base, quote = market
    if text(row, "trade_type", "FILL") != "FILL":
        raise Unfit("it reverses or corrects another")
    side = text(row, "side")
    if side not in ("BUY", "SELL"):
        raise Unfit("it is of no side")
    price, size = above_zero(row, "price"), above_zero(row, "size")
    is_in_quote = row.get("size_in_quote") is True
    return Trade(
        external_id=text(row, "entry_id"),
        executed_at=from_words(row, "trade_time"),
        side=Side(side.lower()),
        base=base,
        quote=quote,
        quantity=quotient(size, price) if is_in_quote else size,
        quote_quantity=size if is_in_quote else product(size, price),
        price=price,
        fee_asset=quote,
        fee_quantity=amount(row, "commission", Decimal(0)),
        order_id=text(row, "order_id", ""),
    )


def _is_in(row: Row, window: Window) -> bool:
    """Rows without a sound time stay, so that they are refused where they can be told."""
    try:
        return window.holds(from_words(row, "created_at"))
    except Unfit:
        return True


def _reaches_before(row: Row, window: Window) -> bool:
    try:
        return window.since is not None and from_words(row, "created_at") < window.since
    except Unfit:
        return False


def _moved(row: Row, settling: Settling) -> Decimal | None:
    """What a transaction moved in (above zero) or out; None for what is no deposit or withdrawal, or not done."""
    inner = row.get("amount")
    if not isinstance(inner, dict):
        raise Unfit("amount is not an amount")
    if text(row, "type") not in _MOVES:
        return None
    is_done = settling.is_done(text(row, "status"), from_words(row, "created_at"))
    return number(inner.get("amount"), "amount") if is_done else None


def _network(row: Row) -> Row:
    network = row.get("network")
    return network if isinstance(network, dict) else {}


def _inner(row: Row, name: str) -> Decimal | None:
    inner = row.get(name)
    return amount(inner, "amount") if isinstance(inner, dict) else None


def _deposit(row: Row, settling: Settling) -> Deposit | None:
    moved = _moved(row, settling)
    if moved is None or moved <= 0:
        return None
    return Deposit(
        external_id=text(row, "id"),
        executed_at=from_words(row, "created_at"),
        asset=ticker(row["amount"], "currency"),
        quantity=moved,
        transaction_hash=text(_network(row), "hash", ""),
        network=text(_network(row), "network_name", ""),
    )


def _withdrawal(row: Row, settling: Settling) -> Withdrawal | None:
    moved = _moved(row, settling)
    if moved is None or moved >= 0:
        return None
    fee = _inner(_network(row), "transaction_fee") or Decimal(0)
    if fee >= -moved:
        raise Unfit("its fee is more than itself")
    return Withdrawal(
        external_id=text(row, "id"),
        executed_at=from_words(row, "created_at"),
        asset=ticker(row["amount"], "currency"),
        quantity=-moved - fee,
        fee_quantity=fee,
        transaction_hash=text(_network(row), "hash", ""),
        network=text(_network(row), "network_name", ""),
    )
