"""Rows that were booked before anything was valued at market are found by the migration, and no others."""

from decimal import Decimal as D
from importlib import import_module
from itertools import product

import pytest
from django.apps import apps

from portfolios.accounting.at_market import wanting
from portfolios.models import Transaction
from tests.make.accounts import a_user
from tests.make.portfolios import a_portfolio, a_transaction

pytestmark = pytest.mark.django_db
TRADES, MOVES, OTHERS = ("buy", "sell"), ("transfer_in", "transfer_out"), ("reward", "airdrop")
FEES = [("", D(0)), ("", D(1)), *((asset, D(1)) for asset in ("solana", "bitcoin", "binancecoin"))]


def test_the_migration_marks_what_a_close_would_tell():
    portfolio = a_portfolio(a_user())
    sides = [*product(TRADES, ("", "bitcoin")), *product((*MOVES, *OTHERS, "fee"), ("",))]
    for (kind, quote), price, (fee_asset, fee) in product(sides, (None, D(1)), FEES):
        if kind != "fee" or not fee:
            a_transaction(
                portfolio,
                kind=kind,
                price_usd=price,
                quote_asset=quote,
                quote_quantity=D(1) if quote else None,
                fee_asset=fee_asset,
                fee_quantity=fee,
            )
    import_module("portfolios.migrations.0010_find_what_awaits_a_close").mark(apps, None)
    for row in Transaction.objects.all():
        assert row.awaits_close == bool(wanting(row)), (row, row.quote_asset, row.fee_asset)
