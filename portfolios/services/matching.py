"""Transfers between own portfolios: which departure an arrival belongs to, by the user's word. Nothing is matched
unasked (`selectors.matching` suggests); what is matched carries its lots.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from core.lib.errors import BadInput, Conflict, NotFound
from portfolios.accounting.movements import Kind
from portfolios.models import Transaction
from portfolios.selectors.matching import CLOCKS_DIFFER_BY
from portfolios.selectors.portfolios import locked_portfolios, portfolio_in
from portfolios.services.at_market import value_at_market
from portfolios.services.booking import book
from portfolios.services.entries import Entry, checked
from portfolios.services.transactions import columns, cut_pairs


def match_transfer(
    *, owner_id: UUID, departure_id: UUID, arrival_id: UUID, wall: datetime
) -> tuple[Transaction, Transaction]:
    """Both ends name each other from now on. Conflict where they cannot be one transfer."""
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        departure, arrival = _own(owner_id, departure_id), _own(owner_id, arrival_id)
        _refuse_no_transfer(departure, arrival)
        _pair(departure, arrival)
        touched = {departure.asset: {departure.portfolio_id, arrival.portfolio_id}}
        book(owner_id, portfolios, now=wall, touched=touched)
    return departure, arrival


def unmatch_transfer(*, owner_id: UUID, transaction_id: UUID, wall: datetime) -> Transaction:
    """Either end; both stand alone again. What is not matched stays as it is."""
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        row = _own(owner_id, transaction_id)
        if row.pair_id is None:
            return row
        touched = {row.asset: {row.portfolio_id} | cut_pairs([row])}
        book(owner_id, portfolios, now=wall, touched=touched)
    return row


def record_transfer(
    *,
    owner_id: UUID,
    portfolio_id: UUID,
    to_portfolio_id: UUID,
    entry: Entry,
    arrived: Decimal | None = None,
    now: datetime,
    wall: datetime,
) -> tuple[Transaction, Transaction]:
    """Both ends in one step: `entry` is the departure, `arrived` how much of it came where less did. `now` is market
    time.
    """
    out = checked(replace(entry, kind=Kind.TRANSFER_OUT), now=now)
    come = replace(
        out,
        kind=Kind.TRANSFER_IN,
        quantity=out.quantity if arrived is None else arrived,
        price_usd=None,
        fee_asset="",
        fee_quantity=Decimal(0),
        fee_usd=None,
        external_id="",
    )
    if arrived is not None and not arrived <= out.quantity:
        raise BadInput.at("arrived", "More cannot arrive than left.")
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        here, there = portfolio_in(portfolios, portfolio_id), portfolio_in(portfolios, to_portfolio_id)
        departure = Transaction(portfolio=here, **columns(out), created_at=wall, changed_at=wall)
        arrival = Transaction(
            portfolio=there, **columns(checked(come, now=now)), created_at=wall, changed_at=wall
        )
        value_at_market([departure, arrival])
        departure.save(force_insert=True)
        arrival.save(force_insert=True)
        _pair(departure, arrival)
        book(owner_id, portfolios, now=wall, new=[departure, arrival])
    return departure, arrival


def _refuse_no_transfer(departure: Transaction, arrival: Transaction) -> None:
    if departure.kind != Kind.TRANSFER_OUT or arrival.kind != Kind.TRANSFER_IN:
        raise Conflict("A transfer out is matched with a transfer in.")
    if departure.pair_id or arrival.pair_id:
        raise Conflict("One of them is matched already. Unmatch it first.")
    if departure.asset != arrival.asset:
        raise Conflict(f"{departure.asset} left and {arrival.asset} arrived: these are two transfers.")
    if arrival.quantity > departure.quantity:
        raise Conflict("More arrived than left: these are two transfers.")
    if arrival.executed_at < departure.executed_at - CLOCKS_DIFFER_BY:
        raise Conflict("It arrived more than a day before it left: these are two transfers.")


def _pair(departure: Transaction, arrival: Transaction) -> None:
    departure.pair, arrival.pair = arrival, departure
    departure.save(update_fields=["pair"])
    arrival.save(update_fields=["pair"])


def _own(owner_id: UUID, transaction_id: UUID) -> Transaction:
    row = Transaction.objects.filter(portfolio__owner_id=owner_id, pk=transaction_id).first()
    if row is None:
        raise NotFound("You have no such transaction.")
    return row
