"""A user's spot account at Binance.

Trades are told pair by pair, a day or a thousand rows at a time, so only pairs of the tokens that the caller names are
looked through. From the account's beginning they are read by their rising ids instead of day by day.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolios.exchanges import profiles
from portfolios.exchanges.account import Account
from portfolios.exchanges.pairs import Pairs, known_pairs
from portfolios.exchanges.reading import (
    Row,
    Unfit,
    above_zero,
    amount,
    each,
    from_milliseconds,
    from_words,
    milliseconds,
    milliseconds_up_to,
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
from portfolios.exchanges.signed import Parameters, cursor_of, place_of

OPENED = datetime(2017, 7, 1, tzinfo=UTC)
MOST_ROWS = 1000
DAY = timedelta(days=1)
TRANSFER_SPAN = timedelta(days=89)
USUAL_QUOTES = frozenset({"USDT", "USDC", "FDUSD", "BUSD", "TUSD", "BTC", "ETH", "BNB", "EUR", "TRY", "BRL"})
"""Added to the named tokens when a history is read from its beginning: what was paid with is often all spent."""

_NEUTRAL = {
    "ipRestrict",
    "createTime",
    "enableReading",
    "tradingAuthorityExpirationTime",
    "enableFixReadOnly",
}
_DEPOSITS = {
    "done": frozenset({"1", "6"}),  # 6: credited, and cannot be withdrawn yet
    "open_": frozenset({"0", "8"}),
    "over": frozenset({"2", "7"}),
}
_WITHDRAWALS = {
    "done": frozenset({"6"}),
    "open_": frozenset({"0", "2", "4"}),
    "over": frozenset({"1", "3", "5"}),
}


class Binance(Account):
    profile = profiles.BINANCE

    def rights(self) -> Rights:
        told = self._object("rights")
        self._expect(isinstance(told.get("enableReading"), bool))
        more = sorted(name for name, value in told.items() if name not in _NEUTRAL and value)
        lacking = () if told["enableReading"] else ("reading",)
        return Rights(Verdict.CAN_DO_MORE if more else Verdict.READ_ONLY, tuple(more), lacking)

    def balances(self) -> list[Balance]:
        told = self._object("account", {"omitZeroBalances": "true"})
        rows = told.get("balances")
        self._expect(isinstance(rows, list) and "accountType" in told)
        parts, refused = each(rows or [], _part, "balance")
        self._expect(not refused)
        return _gathered(parts)

    def trades(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Trade]:
        pairs = self._pairs_of(assets, window)
        place = place_of(cursor)
        pair = next((name for name in pairs if name >= place.get("pair", "")), None)
        if pair is None:
            return Page([])
        if pair != place.get("pair"):
            place = {}
        rows = self._list("trades", {"symbol": pair, "limit": MOST_ROWS, **_asked_of(window, place)})
        base, quote = self._pairs()[pair]
        records, refused = each(rows, lambda row: _trade(row, pair, base, quote), "trade")
        following = _next_place(window, place, rows, records) or _after(pairs, pair)
        return Page(
            [trade for trade in records if window.holds(trade.executed_at)],
            cursor_of({"pair": pair, **following}) if following else "",
            is_last=not following,
            refused=refused,
        )

    def deposits(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Deposit]:
        rows, following = self._transfers("deposits", window, cursor)
        settling = Settling(**_DEPOSITS)
        records, refused = each(rows, lambda row: _deposit(row, settling), "deposit")
        sound = [record for record in records if window.holds(record.executed_at)]
        return Page(sound, following, not following, refused, settling.open_from)

    def withdrawals(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Withdrawal]:
        rows, following = self._transfers("withdrawals", window, cursor)
        settling = Settling(**_WITHDRAWALS)
        records, refused = each(rows, lambda row: _withdrawal(row, settling), "withdrawal")
        sound = [record for record in records if window.holds(record.executed_at)]
        return Page(sound, following, not following, refused, settling.open_from)

    def _transfers(self, name: str, window: Window, cursor: str) -> tuple[list[Any], str]:
        place = place_of(cursor)
        begins = place.get("at", milliseconds(window.since or OPENED))
        offset = place.get("offset", 0)
        last = milliseconds_up_to(window.until)
        ends = min(begins + milliseconds_of(TRANSFER_SPAN), last)
        span: Parameters = {"startTime": begins, "endTime": ends - 1, "limit": MOST_ROWS, "offset": offset}
        rows = self._list(name, span)
        if len(rows) >= MOST_ROWS:
            return rows, cursor_of({"at": begins, "offset": offset + len(rows)})
        return rows, cursor_of({"at": ends}) if ends < last else ""

    def _pairs_of(self, assets: frozenset[str], window: Window) -> list[str]:
        quotes = assets | USUAL_QUOTES if window.since is None else assets
        pairs = known_pairs(self._calls.where, self._load_pairs, lambda known: _names_all(known, assets))
        return sorted(name for name, (base, quote) in pairs.items() if base in assets and quote in quotes)

    def _pairs(self) -> Pairs:
        return known_pairs(self._calls.where, self._load_pairs)

    def _load_pairs(self) -> Pairs:
        rows = self._object("pairs", {"showPermissionSets": "false"}).get("symbols")
        self._expect(isinstance(rows, list) and bool(rows))
        named, _ = each(rows or [], _pair, "pair")
        return {name: (base, quote) for name, base, quote in named}


def milliseconds_of(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _names_all(pairs: Pairs, assets: frozenset[str]) -> bool:
    named = {token for pair in pairs.values() for token in pair}
    return assets <= named


def _pair(row: Row) -> tuple[str, str, str]:
    return text(row, "symbol"), ticker(row, "baseAsset"), ticker(row, "quoteAsset")


def _part(row: Row) -> tuple[str, Decimal]:
    return ticker(row, "asset"), amount(row, "free") + amount(row, "locked")


def _gathered(parts: list[tuple[str, Decimal]]) -> list[Balance]:
    """What earns (`LDSOL`) is counted with its token."""
    totals: dict[str, dict[str, Decimal]] = {}
    names = {name for name, _ in parts}
    for name, total in parts:
        is_earning = name.startswith("LD") and (name[2:] in names or len(name) > 4)
        totals.setdefault(name[2:] if is_earning else name, {})[name] = total
    return [
        Balance(asset, sum(own.values(), Decimal(0)), own)
        for asset, own in totals.items()
        if any(own.values())
    ]


def _asked_of(window: Window, place: dict[str, Any]) -> Parameters:
    if "from" in place or window.since is None:
        return {"fromId": place.get("from", 0)}
    begins = place.get("at", milliseconds(window.since))
    ends = min(begins + milliseconds_of(DAY), milliseconds_up_to(window.until))
    return {"startTime": begins, "endTime": ends - 1}


def _next_place(
    window: Window, place: dict[str, Any], rows: list[Any], records: list[Trade]
) -> dict[str, str | int]:
    """Where this pair goes on; nothing where it is done."""
    is_past = any(trade.executed_at >= window.until for trade in records)
    if len(rows) >= MOST_ROWS and records and not is_past:
        return {"from": max(int(trade.external_id.rpartition(":")[2]) for trade in records) + 1}
    if "from" in place or window.since is None:
        return {}
    ends = place.get("at", milliseconds(window.since)) + milliseconds_of(DAY)
    return {"at": ends} if ends < milliseconds_up_to(window.until) else {}


def _after(pairs: list[str], pair: str) -> dict[str, str | int]:
    return next(({"pair": name} for name in pairs if name > pair), {})


def _trade(row: Row, pair: str, base: str, quote: str) -> Trade:
    if text(row, "symbol") != pair or not isinstance(row.get("isBuyer"), bool):
        raise Unfit("it is of another pair, or of no side")
    if not isinstance(row.get("id"), Decimal):
        raise Unfit("its id is not a number")
    return Trade(
        external_id=f"{pair}:{text(row, 'id')}",
        executed_at=from_milliseconds(row, "time"),
        side=Side.BUY if row["isBuyer"] else Side.SELL,
        base=base,
        quote=quote,
        quantity=above_zero(row, "qty"),
        quote_quantity=above_zero(row, "quoteQty"),
        price=above_zero(row, "price"),
        fee_asset=ticker(row, "commissionAsset"),
        fee_quantity=amount(row, "commission"),
        order_id=text(row, "orderId", ""),
    )


def _deposit(row: Row, settling: Settling) -> Deposit | None:
    moment = from_milliseconds(row, "insertTime")
    if not settling.is_done(text(row, "status"), moment):
        return None
    return Deposit(
        external_id=text(row, "id", "") or f"{text(row, 'txId')}:{ticker(row, 'coin')}",
        executed_at=moment,
        asset=ticker(row, "coin"),
        quantity=above_zero(row, "amount"),
        transaction_hash=text(row, "txId", ""),
        network=text(row, "network", ""),
    )


def _withdrawal(row: Row, settling: Settling) -> Withdrawal | None:
    moment = from_words(row, "applyTime")
    if not settling.is_done(text(row, "status"), moment):
        return None
    return Withdrawal(
        external_id=text(row, "id"),
        executed_at=moment,
        asset=ticker(row, "coin"),
        quantity=above_zero(row, "amount"),
        fee_quantity=amount(row, "transactionFee", Decimal(0)),
        transaction_hash=text(row, "txId", ""),
        network=text(row, "network", ""),
    )
