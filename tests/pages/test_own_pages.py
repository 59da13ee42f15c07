"""What somebody's own pages have for every reader: named tables, and scrollers that the keyboard reaches."""

import pytest
from django.test import Client

from markets.models import Token
from portfolios.models import Portfolio
from tests.make.accounts import a_user
from tests.make.booking import record
from tests.make.imports import a_checked_import
from tests.make.markets import NOON
from tests.make.portfolios import a_portfolio
from tests.make.showcase import A_FEW, showcase
from tests.pages.conftest import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(client: Client) -> Portfolio:
    """SOL in part sold and with a reward, BONK, and HNT that is held no longer."""
    showcase(NOON, only=A_FEW)
    sol, bonk, hnt = (Token.objects.get(symbol=symbol).coingecko_id for symbol in ("SOL", "BONK", "HNT"))
    alice = a_user()
    client.force_login(alice)
    portfolio = a_portfolio(alice)
    record(portfolio, "buy", 10, 100, asset=sol)
    record(portfolio, "sell", 4, 150, day=1, asset=sol)
    record(portfolio, "reward", 1, 100, day=2, asset=sol)
    record(portfolio, "buy", 1000, "0.00002", day=3, asset=bonk)
    record(portfolio, "buy", 5, 2, day=4, asset=hnt)
    record(portfolio, "sell", 5, 3, day=5, asset=hnt)
    return portfolio


def test_every_table_has_a_name_and_every_scroller_is_reached(visit: Visit, portfolio: Portfolio) -> None:
    sol = Token.objects.get(symbol="SOL").coingecko_id
    base, batch = f"/portfolios/{portfolio.pk}", a_checked_import(portfolio)
    places = ("", "/transactions", f"/holdings/{sol}", "/outlook", "/performance", f"/imports/{batch.pk}")
    for place in places:
        page = visit(base + place)
        tables, scrollers = list(page.all("table")), list(page.all("div", css="scroll-x"))
        assert tables, place
        assert all(table.one("caption").text for table in tables), place
        assert all(head.attributes.get("scope") for head in page.all("th")), place
        for scroller in scrollers:
            said = scroller.attributes
            assert (said.get("role"), said.get("tabindex")) == ("region", "0"), place
            assert said.get("aria-label") or said.get("aria-labelledby"), place
