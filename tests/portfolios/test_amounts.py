"""What people own is kept to the last digit, on both databases."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolios.models import Holding, Transaction
from tests.make.accounts import a_user
from tests.make.portfolios import DAY, a_portfolio, a_transaction

pytestmark = pytest.mark.django_db
MOST = 10**38 - 1
amounts = st.integers(-MOST, MOST).map(lambda number: Decimal(f"{number}e-18"))


@pytest.fixture
def portfolio():
    return a_portfolio(a_user())


@given(amount=amounts)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=50,
)
def test_every_digit_comes_back(portfolio, amount):
    row = Holding.objects.create(portfolio=portfolio, asset="solana", last_at=DAY, realised_usd=amount)
    row.refresh_from_db()
    assert row.realised_usd == amount
    row.delete()


@pytest.mark.parametrize("amount", ["1e20", "0.0000000000000000001", "NaN", "Infinity", "many"])
def test_what_does_not_fit_is_refused_and_never_rounded(portfolio, amount):
    with pytest.raises(ValidationError):
        a_transaction(portfolio, quantity=amount)


@pytest.mark.parametrize(
    "changes", [{"quantity": 0}, {"quantity": -1}, {"price_usd": -1}, {"fee_quantity": -1}]
)
def test_the_database_refuses_what_cannot_be(portfolio, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        a_transaction(portfolio, **changes)


def test_amounts_compare_and_sort_as_numbers_do(portfolio):
    for quantity in ("9", "10", "0.5", "100000000000000000.000000000000000001"):
        a_transaction(portfolio, quantity=Decimal(quantity))
    rows = Transaction.objects.order_by("quantity")
    assert [row.quantity for row in rows] == sorted(row.quantity for row in rows)
    assert rows.filter(quantity__gt=Decimal("9.5")).count() == 2
    assert rows.filter(quantity=Decimal("0.50")).count() == 1
