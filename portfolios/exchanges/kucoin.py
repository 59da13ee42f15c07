"""A user's accounts at KuCoin: fills a week at a time, deposits and withdrawals page by page, every token at once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolios.exchanges import profiles
from portfolios.exchanges.account import Account
from portfolios.exchanges.reading import (
    Row,
    Unfit,
    above_zero,
    amount,
    each,
    from_milliseconds,
    milliseconds,
    milliseconds_up_to,
    pair,
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
from portfolios.exchanges.signed import cursor_of, place_of

OPENED = datetime(2019, 2, 18, tzinfo=UTC)
"""What is older is told by other calls, in another shape."""
WEEK = timedelta(days=7)
MOST_ROWS = 500

_SUCCESS = "200000"
_STATES = {
    "done": frozenset({"SUCCESS"}),
    "open_": frozenset({"PROCESSING", "WALLET_PROCESSING", "REVIEW"}),
    "over": frozenset({"FAILURE"}),
}


class KuCoin(Account):
    profile = profiles.KUCOIN

    def rights(self) -> Rights:
        told = self._data("rights")
        self._expect(isinstance(told, dict))
        permission = told.get("permission")
        if not isinstance(permission, str):
            return Rights(Verdict.UNKNOWN)
        names = {name.strip() for name in permission.split(",") if name.strip()}
        more = sorted(names - {"General"})
        lacking = () if "General" in names else ("General",)
        usual = Verdict.READ_ONLY if names else Verdict.UNKNOWN
        return Rights(Verdict.CAN_DO_MORE if more else usual, tuple(more), lacking)

    def balances(self) -> list[Balance]:
        rows = self._data("accounts")
        self._expect(isinstance(rows, list))
        parts, refused = each(rows, _part, "account")
        self._expect(not refused)
        totals: dict[str, dict[str, Decimal]] = {}
        for _, asset, kind, held in parts:
            own = totals.setdefault(asset, {})
            own[kind] = own.get(kind, Decimal(0)) + held
        return [
            Balance(asset, sum(own.values(), Decimal(0)), own)
            for asset, own in totals.items()
            if any(own.values())
        ]

    def trades(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Trade]:
        rows, following = self._rows("fills", window, cursor, WEEK)
        records, refused = each(rows, _trade, "fill")
        sound = [trade for trade in records if window.holds(trade.executed_at)]
        return Page(sound, following, not following, refused)

    def deposits(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Deposit]:
        rows, following = self._rows("deposits", window, cursor, None)
        settling = Settling(**_STATES)
        records, refused = each(rows, lambda row: _deposit(row, settling), "deposit")
        sound = [record for record in records if window.holds(record.executed_at)]
        return Page(sound, following, not following, refused, settling.open_from)

    def withdrawals(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Withdrawal]:
        rows, following = self._rows("withdrawals", window, cursor, None)
        settling = Settling(**_STATES)
        records, refused = each(rows, lambda row: _withdrawal(row, settling), "withdrawal")
        sound = [record for record in records if window.holds(record.executed_at)]
        return Page(sound, following, not following, refused, settling.open_from)

    def _rows(
        self, name: str, window: Window, cursor: str, longest: timedelta | None
    ) -> tuple[list[Any], str]:
        place = place_of(cursor)
        last = milliseconds_up_to(window.until)
        begins = place.get("at", milliseconds(max(window.since or OPENED, OPENED)))
        ends = min(begins + longest // timedelta(milliseconds=1), last) if longest else last
        number_of_page = place.get("page", 1)
        asked = {"startAt": begins, "endAt": ends - 1, "pageSize": MOST_ROWS, "currentPage": number_of_page}
        told = self._data(name, asked)
        self._expect(isinstance(told, dict) and isinstance(told.get("items"), list))
        self._expect(isinstance(told.get("totalPage"), Decimal))
        if told["items"] and number_of_page < told["totalPage"]:
            return told["items"], cursor_of({"at": begins, "page": number_of_page + 1})
        return told["items"], cursor_of({"at": ends}) if ends < last else ""

    def _data(self, name: str, asked: dict[str, str | int] | None = None) -> Any:
        told = self._object(name, asked)
        self._expect(told.get("code") == _SUCCESS and "data" in told)
        return told["data"]


def _part(row: Row) -> tuple[str, str, str, Decimal]:
    return text(row, "id"), ticker(row, "currency"), text(row, "type"), amount(row, "balance")


def _trade(row: Row) -> Trade | None:
    if text(row, "tradeType", "TRADE") != "TRADE":
        return None  # with borrowed money
    market = pair(row, "symbol")
    side = text(row, "side")
    if len(market) != 2 or side not in ("buy", "sell"):
        raise Unfit("it is of no pair, or of no side")
    return Trade(
        external_id=f"{text(row, 'symbol')}:{text(row, 'tradeId')}",
        executed_at=from_milliseconds(row, "createdAt"),
        side=Side(side),
        base=market[0],
        quote=market[1],
        quantity=above_zero(row, "size"),
        quote_quantity=above_zero(row, "funds"),
        price=above_zero(row, "price"),
        fee_asset=ticker(row, "feeCurrency"),
        fee_quantity=amount(row, "fee", Decimal(0)),
        order_id=text(row, "orderId", ""),
    )


def _deposit(row: Row, settling: Settling) -> Deposit | None:
    moment = from_milliseconds(row, "createdAt")
    if not settling.is_done(text(row, "status"), moment):
        return None
    sent, fee = above_zero(row, "amount"), amount(row, "fee", Decimal(0))
    return Deposit(
        external_id=_name_of_deposit(row),
        executed_at=moment,
        asset=ticker(row, "currency"),
        quantity=sent,
        fee_quantity=fee,
        transaction_hash=text(row, "walletTxId", ""),
        network=text(row, "chain", ""),
    )


def _name_of_deposit(row: Row) -> str:
    """Deposits have no id of their own; one transaction may bring several tokens."""
    own = text(row, "id", "") or text(row, "walletTxId", "")
    return f"{own}:{ticker(row, 'currency')}:{text(row, 'createdAt')}"


def _withdrawal(row: Row, settling: Settling) -> Withdrawal | None:
    moment = from_milliseconds(row, "createdAt")
    if not settling.is_done(text(row, "status"), moment):
        return None
    return Withdrawal(
        external_id=text(row, "id"),
        executed_at=moment,
        asset=ticker(row, "currency"),
        quantity=above_zero(row, "amount"),
        fee_quantity=amount(row, "fee", Decimal(0)),
        transaction_hash=text(row, "walletTxId", ""),
        network=text(row, "chain", ""),
    )
