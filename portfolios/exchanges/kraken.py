"""A user's account at Kraken: everything comes fifty rows at a time, whatever the token, under Kraken's own names."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portfolios.exchanges import profiles
from portfolios.exchanges.account import Account
from portfolios.exchanges.kraken_names import old_pair, ticker_of
from portfolios.exchanges.pairs import Pairs, known_pairs
from portfolios.exchanges.reading import (
    Row,
    Unfit,
    above_zero,
    amount,
    each,
    from_seconds,
    number,
    seconds,
    text,
    ticker,
)
from portfolios.exchanges.records import (
    OVERLAP,
    Balance,
    Deposit,
    Move,
    Page,
    Rights,
    Side,
    Trade,
    Verdict,
    Window,
    Withdrawal,
)
from portfolios.exchanges.signed import cursor_of, place_of

OPENED = datetime(2011, 7, 1, tzinfo=UTC)
ZERO = Decimal(0)
READING = "query-"
"""How every right begins that only reads."""


class Kraken(Account):
    profile = profiles.KRAKEN

    def rights(self) -> Rights:
        told = self._result("rights").get("permissions")
        self._expect(isinstance(told, list) and all(isinstance(name, str) for name in told))
        names = [str(name) for name in told or []]
        more = sorted(name for name in names if not name.startswith(READING))
        lacking = () if "query-funds" in names else ("query-funds",)
        usual = Verdict.READ_ONLY if names else Verdict.UNKNOWN
        return Rights(Verdict.CAN_DO_MORE if more else usual, tuple(more), lacking)

    def balances(self) -> list[Balance]:
        told = self._result("balances")
        rows = [{"name": name, **row} for name, row in told.items() if isinstance(row, dict)]
        parts, refused = each(
            rows, lambda row: (ticker(row, "name"), number(row.get("balance"), "balance")), ""
        )
        self._expect(not refused and len(rows) == len(told))
        totals: dict[str, dict[str, Decimal]] = {}
        for name, total in parts:
            totals.setdefault(ticker_of(name), {})[name] = total
        sums = {asset: sum(own.values(), ZERO) for asset, own in totals.items()}
        return [Balance(asset, total, totals[asset]) for asset, total in sums.items() if total]

    def trades(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Trade]:
        rows, following = self._rows("trades", "trades", {}, window, cursor)
        named = {str(row.get("pair")) for row in rows}
        pairs = known_pairs(self._calls.where, self._load_pairs, named.issubset) if rows else {}
        records, refused = each(rows, lambda row: _trade(row, pairs), "trade")
        sound = [trade for trade in records if window.holds(trade.executed_at)]
        return Page(sound, following, not following, refused)

    def deposits(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Move]:
        return self._moves("deposit", window, cursor)

    def withdrawals(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Move]:
        return self._moves("withdrawal", window, cursor)

    def _moves(self, kind: str, window: Window, cursor: str) -> Page[Move]:
        rows, following = self._rows("ledger", "ledger", {"type": kind}, window, cursor)
        records: list[Move]
        records, refused = each(_not_undone(rows, window), _move, kind)
        sound = [record for record in records if window.holds(record.executed_at)]
        return Page(sound, following, not following, refused)

    def _rows(
        self, name: str, inside: str, asked: dict[str, str | int], window: Window, cursor: str
    ) -> tuple[list[dict[str, Any]], str]:
        """Rows with their ids, and where to go on. Kraken's start is exclusive and its end inclusive, both in
        seconds: a little more is asked for and cut off again."""
        offset = place_of(cursor).get("offset", 0)
        span = {
            "start": seconds(window.since or OPENED) - 1,
            "end": seconds(window.until) + 1,
            "ofs": offset,
        }
        told = self._result(name, {**asked, **span})
        rows, count = told.get(inside), told.get("count")
        is_sound = isinstance(rows, dict) and all(isinstance(row, dict) for row in rows.values())
        self._expect(is_sound and isinstance(count, Decimal))
        named = [{**row, "id": key} for key, row in (rows or {}).items()]
        reached = offset + len(named)
        is_last = not named or reached >= int(count or 0)
        return named, "" if is_last else cursor_of({"offset": reached})

    def _result(self, name: str, asked: dict[str, str | int] | None = None) -> dict[str, Any]:
        told = self._object(name, asked)
        result = told.get("result")
        self._expect(told.get("error") == [] and isinstance(result, dict))
        return dict(result or {})

    def _load_pairs(self) -> Pairs:
        rows = self._result("pairs")
        self._expect(bool(rows))
        named, _ = each(
            ({**row, "id": key} for key, row in rows.items() if isinstance(row, dict)), _pair, "pair"
        )
        return {name: (base, quote) for names, base, quote in named for name in names}


def _pair(row: Row) -> tuple[tuple[str, ...], str, str]:
    names = (text(row, "id"), text(row, "altname", text(row, "id")))
    return names, ticker_of(ticker(row, "base")), ticker_of(ticker(row, "quote"))


def _trade(row: Row, pairs: Pairs) -> Trade | None:
    if amount(row, "margin", ZERO) or text(row, "leverage", "0") not in ("0", "none"):
        return None  # a position on margin moves no token
    name = text(row, "pair")
    pair = pairs.get(name) or old_pair(name)
    if pair is None:
        raise Unfit("its pair is not known")
    side = text(row, "type")
    if side not in ("buy", "sell"):
        raise Unfit("it is of no side")
    return Trade(
        external_id=text(row, "id"),
        executed_at=from_seconds(row, "time"),
        side=Side(side),
        base=pair[0],
        quote=pair[1],
        quantity=above_zero(row, "vol"),
        quote_quantity=above_zero(row, "cost"),
        price=above_zero(row, "price"),
        fee_asset=pair[1],
        fee_quantity=amount(row, "fee", ZERO),
        order_id=text(row, "ordertxid", ""),
    )


def _not_undone(rows: list[dict[str, Any]], window: Window) -> list[dict[str, Any]]:
    """Without what was taken back: a failed withdrawal stands in the ledger twice, once in each direction. Where the
    window before may have told of the first of the two, both are told."""
    times = Counter(map(_reference, rows))
    told = {_reference(row) for row in rows if window.since and _is_before(row, window.since + OVERLAP)}
    return [row for row in rows if times[_reference(row)] < 2 or _reference(row) in {"", *told}]


def _reference(row: Row) -> str:
    """Empty where there is none that could be shared."""
    found = row.get("refid")
    return found if isinstance(found, str) else ""


def _is_before(row: Row, moment: datetime) -> bool:
    try:
        return from_seconds(row, "time") < moment
    except Unfit:
        return False


def _move(row: Row) -> Move:
    """By its sign: what is taken back later goes the other way, with every sign turned."""
    moved, fee = number(row.get("amount"), "amount"), number(row.get("fee") or ZERO, "fee")
    change = moved - fee
    if not moved or (moved > 0) != (change > 0):
        raise Unfit("it moved nothing")
    name, moment, asset = text(row, "id"), from_seconds(row, "time"), ticker_of(ticker(row, "asset"))
    if moved > 0:
        return Deposit(name, moment, asset, quantity=change, fee_quantity=max(fee, ZERO))
    if fee < 0:
        return Withdrawal(name, moment, asset, quantity=-change)
    return Withdrawal(name, moment, asset, quantity=-moved, fee_quantity=fee)
