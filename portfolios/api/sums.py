"""The sum behind a holding's figures: lots, uses, fees and prices, and the four methods side by side."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import signed_in
from core.api.envelope import answer
from core.api.permissions import Confirmed
from core.lib.clock import market_now
from portfolios.accounting.movements import Method
from portfolios.accounting.standing import as_written
from portfolios.api.sum_serializers import OpenedHoldingOutput, SumQuery
from portfolios.selectors.portfolios import portfolio_of
from portfolios.selectors.shown_sums import compared_shown, cut_shown
from portfolios.selectors.shown_values import holding_shown
from portfolios.selectors.sum_pages import PARTS, compared, cuts_of, held_asset, row_of
from portfolios.selectors.sums import by_each_method, opened_holding
from portfolios.selectors.valuing import valuation


class OpenedHolding(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="holding", parameters=[SumQuery], responses={200: OpenedHoldingOutput})
    def get(self, request: Request, portfolio_id: UUID, asset: str) -> Response:
        """A holding with every figure opened into the terms that it adds up, by the portfolio's method or another."""
        portfolio = portfolio_of(signed_in(request).id, portfolio_id)
        asked = SumQuery.read(request)
        asset = held_asset(portfolio, asset)
        row = row_of(valuation(portfolio, market_now()), asset)
        method = Method(asked.get("method", portfolio.method))
        cuts = cuts_of(
            opened_holding(portfolio, asset, method), dict.fromkeys(PARTS, asked["page"]), asked["limit"]
        )
        price = as_written(row.quote.price_usd) if row.quote else None
        sides = compared(by_each_method(portfolio, asset), price)
        return answer(
            {
                "method": method.value,
                "is_current": portfolio.is_current,
                "holding": holding_shown(row),
                "sums": {name: cut_shown(name, one) for name, one in cuts.items()},
                "methods": [compared_shown(one) for one in sides],
            }
        )
