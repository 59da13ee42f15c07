"""Many rows of amounts, ids and moments in one statement are what saving them one by one would have kept."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from markets.services import bulk
from markets.services.bulk import insert_all
from portfolios.models import ImportBatch, RejectedRow, Transaction
from tests.make.accounts import a_user
from tests.make.imports import a_done_batch
from tests.make.portfolios import a_portfolio, a_transaction

pytestmark = pytest.mark.django_db
FIELDS = [field.name for field in Transaction._meta.concrete_fields]
KEPT = [field.attname for field in Transaction._meta.concrete_fields]


def again(row: Transaction, **changes) -> list:
    """The values of a row that is taken away."""
    values = {name: getattr(row, name) for name in KEPT} | changes
    Transaction.objects.all().delete()
    return [values[name] for name in KEPT]


def test_they_are_kept_to_the_last_digit():
    row = a_transaction(a_portfolio(a_user()), quantity=Decimal("12345678901234567890.123456789012345678"))
    row.refresh_from_db()
    values = again(row)
    insert_all(Transaction, FIELDS, [values])
    kept = Transaction.objects.get()
    assert [getattr(kept, name) for name in KEPT] == values


def test_an_amount_with_too_many_digits_is_refused_not_rounded():
    row = a_transaction(a_portfolio(a_user()))
    values = again(row, quantity=Decimal("0.1234567890123456789"))
    with pytest.raises(ValidationError):
        insert_all(Transaction, FIELDS, [values])


def test_more_than_one_statement_holds_are_all_there_in_their_order(monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    batch = a_done_batch(a_portfolio(a_user()))
    rows = [(batch.pk, line, "", "no such day", [f"{line}", "ü", ""]) for line in range(8)]
    insert_all(RejectedRow, ("batch", "line", "column", "message", "cells"), rows)
    insert_all(RejectedRow, ("batch", "line", "column", "message", "cells"), [])
    kept = RejectedRow.objects.order_by("id").values_list("batch_id", "line", "column", "message", "cells")
    assert list(kept) == rows and ImportBatch.objects.get().rejected.count() == 8
