"""Rows of an exchange as transactions, each once: its id there, with the exchange and the kind before it, is its name
here too. What is no token (money that came and went) is not booked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from markets.models import Token
from portfolios.accounting.money import DOLLARS, is_held
from portfolios.accounting.movements import Kind
from portfolios.exchanges.records import Deposit, Side, Trade, Withdrawal
from portfolios.models import Connection, SyncedRow, Transaction
from portfolios.services.entries import Entry, faults_of, known_tokens, tidied
from portfolios.services.recording import record_many
from portfolios.services.syncing.tickers import note_tickers
from portfolios.statements.money import USUAL_DOLLAR_COINS
from portfolios.statements.trades import with_worths

log = structlog.get_logger(__name__)
Record = Trade | Deposit | Withdrawal
ORIGIN = Transaction.Origin.EXCHANGE
_SIDES = {Side.BUY: Kind.BUY, Side.SELL: Kind.SELL}


@dataclass(frozen=True)
class Names:
    """From an exchange's tickers to what transactions call them."""

    ids: dict[str, str]

    @classmethod
    def now(cls) -> "Names":
        """Of several tokens that share a ticker the one with the best rank."""
        ids: dict[str, str] = {}
        for symbol, coingecko_id in Token.objects.active().by_rank().values_list("symbol", "coingecko_id"):
            ids.setdefault(symbol.upper(), coingecko_id)
        return cls(ids)

    def asset(self, ticker: str) -> str:
        return DOLLARS if ticker == "USD" else ticker if not is_held(ticker) else self.ids.get(ticker, ticker)

    def dollar_coins(self) -> frozenset[str]:
        return frozenset(map(self.asset, USUAL_DOLLAR_COINS))


@dataclass(frozen=True)
class Added:
    """`refused` made sense to the exchange's parser and cannot be a transaction all the same."""

    new: int
    refused: int


def book(connection: Connection, names: Names, records: Iterable[Record], now: datetime) -> Added:
    """Call it inside the transaction that moves the cursor. `now` is wall time, as exchanges have it."""
    records = list(records)
    note_tickers(connection, ((ticker, names.asset(ticker)) for one in records for ticker in _tickers(one)))
    coins = names.dollar_coins() if connection.dollar_coins else frozenset[str]()
    wanted = [
        with_worths(entry, coins)
        for one in records
        if (entry := entry_of(connection.exchange, names, one)) is not None
    ]
    sound = _sound(connection, wanted, now)
    if not sound:
        return Added(0, len(wanted))
    made = record_many(
        owner_id=connection.owner_id,
        portfolio_id=connection.portfolio_id,
        entries=sound,
        origin=ORIGIN,
        wall=now,
    )
    _link(connection, [entry.external_id for entry in sound])
    return Added(len(made.new), len(wanted) - len(sound))


def _sound(connection: Connection, entries: list[Entry], now: datetime) -> list[Entry]:
    tokens, sound = known_tokens(entries), []
    for entry in map(tidied, entries):
        faults = list(faults_of(entry, now=now, tokens=tokens))
        if not faults:
            sound.append(entry)
            continue
        names = [fault.field for fault in faults]
        log.warning(
            "exchange_row_refused", connection=str(connection.id), row=entry.external_id, fields=names
        )
    return sound


def entry_of(exchange: str, names: Names, record: Record) -> Entry | None:
    """None for what is money and no token."""
    if isinstance(record, Trade):
        return _trade(exchange, names, record)
    asset = names.asset(record.asset)
    if not is_held(asset):
        return None
    if isinstance(record, Deposit):  # its fee was taken off before it came
        return Entry(
            kind=Kind.TRANSFER_IN,
            executed_at=record.executed_at,
            asset=asset,
            quantity=record.quantity,
            external_id=external_id(exchange, record),
        )
    return Entry(
        kind=Kind.TRANSFER_OUT,
        executed_at=record.executed_at,
        asset=asset,
        quantity=record.quantity,
        fee_asset=asset if record.fee_quantity else DOLLARS,
        fee_quantity=record.fee_quantity,
        external_id=external_id(exchange, record),
    )


def external_id(exchange: str, record: Record) -> str:
    return f"{exchange}:{type(record).__name__.lower()}:{record.external_id}"


def _trade(exchange: str, names: Names, trade: Trade) -> Entry | None:
    base, quote = names.asset(trade.base), names.asset(trade.quote)
    if not is_held(base):
        return None
    return Entry(
        kind=_SIDES[trade.side],
        executed_at=trade.executed_at,
        asset=base,
        quantity=trade.quantity,
        price_usd=trade.price if quote == DOLLARS else None,
        quote_asset=quote,
        quote_quantity=trade.quote_quantity,
        fee_asset=names.asset(trade.fee_asset) if trade.fee_quantity else DOLLARS,
        fee_quantity=trade.fee_quantity,
        external_id=external_id(exchange, trade),
    )


def _tickers(record: Record) -> Sequence[str]:
    if isinstance(record, Trade):
        return [ticker for ticker in (record.base, record.quote, record.fee_asset) if ticker]
    return [record.asset]


def _link(connection: Connection, external_ids: list[str]) -> None:
    """What came before through another connection, since gone, is this one's from now on."""
    rows = Transaction.objects.filter(
        portfolio_id=connection.portfolio_id, origin=ORIGIN, external_id__in=external_ids, synced=None
    )
    SyncedRow.objects.bulk_create(
        [SyncedRow(connection=connection, transaction_id=row) for row in rows.values_list("id", flat=True)],
        ignore_conflicts=True,
    )
