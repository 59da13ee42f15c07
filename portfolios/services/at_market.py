"""What nobody stated the worth of is valued at market when it is booked, by the last close that is stored from before
that moment. The worth is kept with the transaction, with the close that told it, and stays: candles that come later
fill in what is unknown and change nothing that is known.
"""

from collections.abc import Iterable, Mapping

from core.lib.clock import from_seconds
from markets.models import Token
from markets.selectors.last_closes import LastClose, last_closes, quarter_of
from portfolios.accounting.at_market import Wanted, valued, wanting
from portfolios.accounting.market_worth import MarketClose, MarketWorth, Part
from portfolios.accounting.standing import as_written
from portfolios.models import Transaction
from portfolios.selectors.bookings import booked
from portfolios.services.entries import is_beyond_counting

AT_ONCE = 200
_COLUMNS = ["market_worth_usd", "market_fee_usd", "valued_by", "awaits_close"]
_Moment = tuple[str, int]
"""An asset, and the quarter hour before a transaction."""
Closes = Mapping[_Moment, MarketClose]


def value_at_market(rows: Iterable[Transaction]) -> list[Transaction]:
    """Sets the columns of what is valued at market, and saves nothing; those whose worth became another one. Two
    queries, however many rows there are, and none where every worth is known.
    """
    wants = [(row, wanted) for row in rows if (wanted := wanting(row)) or row.awaits_close or row.valued_by]
    closes = _closes({moment for row, wanted in wants for moment in _lacking(row, wanted)})
    return [row for row, wanted in wants if _put(row, wanted, closes)]


def fill_in(rows: Iterable[Transaction]) -> list[Transaction]:
    """Values stored rows, whose portfolios are locked; those that became known, for the book."""
    waiting = list(rows)
    changed = value_at_market(waiting)
    told = {row.pk for row in changed}
    kept = [row for row in waiting if row.pk in told or not row.awaits_close]
    Transaction.objects.bulk_update(kept, _COLUMNS, batch_size=AT_ONCE)
    return changed


def _lacking(row: Transaction, wanted: Wanted) -> list[_Moment]:
    at = quarter_of(row.executed_at.timestamp())
    known = {(one.part, one.asset) for one in row.valued}
    return [
        (side.asset, at)
        for part, sides in wanted.items()
        if not any((part, side.asset) in known for side in sides)
        for side in sides
    ]


def _closes(moments: set[_Moment]) -> Closes:
    if not moments:
        return {}
    tokens = {
        token.coingecko_id: token
        for token in Token.objects.filter(coingecko_id__in={asset for asset, _ in moments}).only(
            "coingecko_id", "symbol", "category"
        )
    }
    asked = {(asset, at): (tokens[asset].pk, at) for asset, at in moments if asset in tokens}
    found = last_closes(asked.values())
    return {moment: _close(tokens[moment[0]], found[pair]) for moment, pair in asked.items() if pair in found}


def _close(token: Token, last: LastClose) -> MarketClose:
    return MarketClose(
        token.symbol,
        as_written(last.price_usd),
        from_seconds(last.closed_at),
        last.interval,
        last.source,
        token.category == Token.Category.STABLECOIN,
    )


def _put(row: Transaction, wanted: Wanted, closes: Closes) -> bool:
    """What would be worth more than figures are kept of stays unknown."""
    at = quarter_of(row.executed_at.timestamp())
    before = row.market_worth_usd, row.market_fee_usd
    _set(row, valued(wanted, row.valued, lambda asset: closes.get((asset, at))))
    if row.valued_by and is_beyond_counting(booked(row)):
        _set(row, ())
    row.awaits_close = len(row.valued_by or ()) < len(wanted)
    return (row.market_worth_usd, row.market_fee_usd) != before


def _set(row: Transaction, worths: tuple[MarketWorth, ...]) -> None:
    usd = {one.part: one.usd for one in worths}
    row.market_worth_usd, row.market_fee_usd = usd.get(Part.WORTH), usd.get(Part.FEE)
    row.valued_by = [one.stored() for one in worths] or None
