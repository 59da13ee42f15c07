"""The calls under `portfolios` for portfolios themselves: the own ones alone."""

from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, signed_in
from core.api.envelope import answer, nothing
from core.api.idempotency import idempotent
from core.api.pagination import PageQuery, page_of
from core.api.permissions import Confirmed
from core.lib.clock import market_now, wall_now
from portfolios.api.serializers import PortfolioChanges, PortfolioInput, PortfolioOutput
from portfolios.api.value_serializers import ValuedPortfolioOutput
from portfolios.selectors.portfolios import default_portfolio, portfolio_of, portfolios_of
from portfolios.selectors.shown import portfolio_shown
from portfolios.selectors.shown_values import valuation_shown
from portfolios.selectors.valuing import valuation
from portfolios.services.portfolios import change_portfolio, create_portfolio, delete_portfolio

DONE = {204: OpenApiResponse(description="Done.")}


class Portfolios(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="portfolios", parameters=[PageQuery], responses={200: PortfolioOutput(many=True)}
    )
    def get(self, request: Request) -> Response:
        """The own portfolios, the default one first."""
        page = page_of(portfolios_of(signed_in(request).id), request)
        return answer([portfolio_shown(portfolio) for portfolio in page.items], page.meta)

    @idempotent()
    @extend_schema(operation_id="portfolio_make", request=PortfolioInput, responses={201: PortfolioOutput})
    def post(self, request: Request) -> Response:
        """A new portfolio; the first one is the default. Free plans have 3, pro plans 50 (409)."""
        asked = given(PortfolioInput, request)
        portfolio = create_portfolio(owner_id=signed_in(request).id, **asked, now=wall_now())
        return answer(portfolio_shown(portfolio), status=201)


class OnePortfolio(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="portfolio", responses={200: ValuedPortfolioOutput})
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """One of the own portfolios at the latest prices: what it holds, cost, profit and shares, and what the totals
        leave out."""
        portfolio = portfolio_of(signed_in(request).id, portfolio_id)
        return answer(valuation_shown(valuation(portfolio, market_now())))

    @extend_schema(
        operation_id="portfolio_change", request=PortfolioChanges, responses={200: PortfolioOutput}
    )
    def patch(self, request: Request, portfolio_id: UUID) -> Response:
        """Changes what is given. Another `method` works lots and profit out anew from the transactions."""
        portfolio = change_portfolio(
            owner_id=signed_in(request).id,
            portfolio_id=portfolio_id,
            changes=given(PortfolioChanges, request),
            now=wall_now(),
        )
        return answer(portfolio_shown(portfolio))

    @extend_schema(operation_id="portfolio_delete", responses=DONE)
    def delete(self, request: Request, portfolio_id: UUID) -> Response:
        """With all its transactions. The oldest that is left becomes the default."""
        delete_portfolio(owner_id=signed_in(request).id, portfolio_id=portfolio_id, now=wall_now())
        return nothing()


class MarketPortfolio(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="market_portfolio", responses={200: ValuedPortfolioOutput})
    def get(self, request: Request) -> Response:
        """The default portfolio at the latest prices; 404 where there is none yet."""
        portfolio = default_portfolio(signed_in(request).id)
        return answer(valuation_shown(valuation(portfolio, market_now())))
