"""How one of the own portfolios did."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import signed_in
from core.api.envelope import answer
from core.api.fields import OneOf, UtcDateTime
from core.api.permissions import Confirmed
from core.api.query import QuerySerializer
from core.lib.clock import market_now
from portfolios.api.performance_serializers import PerformanceOutput
from portfolios.selectors.performance.benchmarks import CHOICES
from portfolios.selectors.performance.figures import performance
from portfolios.selectors.performance.shown import performance_shown
from portfolios.selectors.portfolios import portfolio_of

EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)


class PerformanceQuery(QuerySerializer):
    vars()["from"] = UtcDateTime(
        required=False, help_text="The first booking if left out; nothing is told of the time before it."
    )  # a reserved word
    to = UtcDateTime(required=False, help_text="Now if left out.")
    benchmark = OneOf(CHOICES, default="SOL", help_text="What the same money would have become in this.")

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        since, until = attributes.get("from"), attributes.get("to")
        if since and until and since >= until:
            raise serializers.ValidationError({"from": "Write a time before `to`."})
        if since:
            attributes["from"] = max(since, EARLIEST)
        return attributes


class PortfolioPerformance(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="portfolio_performance",
        parameters=[PerformanceQuery],
        responses={200: PerformanceOutput},
    )
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """Value over time, returns, drawdown and swings, beside what the same money would have become elsewhere. By the
        hour up to 31 days, by the day beyond. Times without a value are null and listed as gaps: nothing is filled in.
        """
        portfolio = portfolio_of(signed_in(request).id, portfolio_id)
        asked = PerformanceQuery.read(request)
        found = performance(
            portfolio,
            since=asked.get("from"),
            until=asked.get("to"),
            benchmark=asked["benchmark"],
            now=market_now(),
        )
        return answer(performance_shown(portfolio, found))
