"""The sums behind a holding's figures as the contract words them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from core.lib.clock import iso
from core.lib.decimals import trimmed
from portfolios.accounting.lines import LotLine
from portfolios.accounting.movements import Booked
from portfolios.accounting.sums import CostTerm, QuantityTerm, RealisedTerm, WorthTerm
from portfolios.selectors.shown_values import text
from portfolios.selectors.sum_pages import Compared, Cut
from portfolios.selectors.transactions import worths_shown

Words = dict[str, Any]


def cut_shown(part: str, cut: Cut[Any]) -> Words:
    return {
        "total": trimmed(cut.total),
        "count": cut.count,
        "unknown": cut.unknown,
        "page": cut.page,
        "pages": cut.pages,
        "earlier": {"count": cut.earlier.count, "total": trimmed(cut.earlier.total)},
        "later": {"count": cut.later.count, "total": trimmed(cut.later.total)},
        "terms": [_TERMS[part](term) for term in cut.terms],
    }


def compared_shown(one: Compared) -> Words:
    line = one.by.holding
    return {
        "method": one.by.method.value,
        "is_own": one.by.is_own,
        "cost_known_usd": trimmed(line.cost_usd),
        "quantity_of_unknown_cost": trimmed(line.quantity_of_unknown_cost),
        "unrealised_usd": text(one.unrealised_usd),
        "realised_known_usd": trimmed(line.realised_usd),
        "together_usd": text(one.together_usd),
        "realised_difference_usd": trimmed(one.realised_difference_usd),
    }


def _quantity(term: QuantityTerm) -> Words:
    named = _named(term.transaction)
    return {**named, "at": _time(term.at), "way": term.way, "amount": trimmed(term.amount)}


def _cost(term: CostTerm) -> Words:
    return {
        **_named(term.transaction),
        **_lot(term.lot),
        "used": trimmed(term.used),
        "remaining": trimmed(term.lot.remaining),
        "amount": text(term.amount),
        "parts_valued_at_market": term.valued,
        "parts": [_lot(part) for part in term.parts],
        "uses": [
            {
                "transaction_id": use.transaction,
                "quantity": trimmed(use.quantity),
                "cost_usd": text(use.cost_usd),
                "is_moved": use.is_moved,
            }
            for use in term.uses
        ],
    }


def _lot(lot: LotLine) -> Words:
    return {
        "opened_by": lot.opened_by,
        "acquired_at": iso(lot.acquired_at),
        "quantity": trimmed(lot.quantity),
        "cost_usd": text(lot.cost_usd),
    }


def _realised(term: RealisedTerm) -> Words:
    return {
        **_named(term.transaction),
        "quantity": trimmed(term.quantity),
        "proceeds_usd": text(term.proceeds_usd),
        "cost_usd": text(term.cost_usd),
        "amount": text(term.amount),
        "cost_is_valued_at_market": bool(term.opener and term.opener.valued),
        "acquired_at": iso(term.lot.acquired_at) if term.lot else None,
        "opened_by": term.lot.opened_by if term.lot else None,
    }


def _worth(term: WorthTerm) -> Words:
    return {
        **_named(term.transaction),
        "asset": term.asset,
        "quantity": trimmed(term.quantity),
        "amount": text(term.amount),
    }


def _named(booked: Booked | None) -> Words:
    """Which transaction, and the prices in it. A term without one is what went out without having come in."""
    if booked is None:
        return {
            "transaction_id": None,
            "kind": None,
            "executed_at": None,
            "price_usd": None,
            "valued_at_market": [],
        }
    return {
        "transaction_id": booked.id,
        "kind": booked.kind.value,
        "executed_at": iso(booked.at),
        "price_usd": text(booked.price_usd),
        "valued_at_market": worths_shown(booked.valued),
    }


def _time(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


_TERMS: dict[str, Callable[[Any], Words]] = {
    "quantity": _quantity,
    "cost": _cost,
    "realised": _realised,
    "fees": _worth,
    "income": _worth,
}
