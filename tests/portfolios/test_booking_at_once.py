"""Several requests that book in the same portfolios at one time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import close_old_connections, connections

from portfolios.services.matching import record_transfer
from tests.make.accounts import a_user
from tests.make.booking import LATER, entry, figures, record, worked_out_anew
from tests.make.markets import a_token
from tests.make.portfolios import DAY, a_portfolio

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_transaction_and_no_lot_is_lost_or_doubled():
    a_token(coingecko_id="solana")
    here = a_portfolio(a_user())
    there = a_portfolio(here.owner, name="Cold")

    def work(worker: int) -> None:
        try:
            for step in range(3):
                record(here, day=10 * step + worker)
                moved = entry("transfer_out", 1, None, day=10 * step + worker + 0.5)
                ends = {"portfolio_id": here.pk, "to_portfolio_id": there.pk}
                if worker % 2:
                    ends = {"portfolio_id": there.pk, "to_portfolio_id": here.pk}
                record_transfer(owner_id=here.owner_id, **ends, entry=moved, now=LATER, wall=LATER)
        finally:
            close_old_connections()
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    booked = figures(here), figures(there)
    assert booked == (worked_out_anew(here), figures(there))
    here.refresh_from_db()
    assert (here.is_current, here.transactions.count()) == (True, 24)
    assert here.transactions.earliest("executed_at").executed_at == DAY + timedelta(0)
