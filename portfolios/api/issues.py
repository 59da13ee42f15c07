"""The data issues of a portfolio, and what its owner does about them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, signed_in
from core.api.envelope import answer, nothing
from core.api.fields import OneOf, PlainText, StrictBoolean, TextUUID, UtcDateTime
from core.api.permissions import Confirmed
from core.api.schema import example
from core.lib.clock import market_now, wall_now
from portfolios.api.transaction_serializers import amount
from portfolios.api.transactions import DONE
from portfolios.selectors.issues import Action, IssueKind, issues_of
from portfolios.selectors.portfolios import portfolio_of
from portfolios.selectors.shown_issues import issue_shown
from portfolios.services.issues import leave_issue, name_token, state_worth, take_up_issue

KINDS = [kind.value for kind in IssueKind]
Output = serializers.Serializer[Any]
Input = serializers.Serializer[dict[str, Any]]
MOST_SUBJECT = 160


class IssueEndOutput(Output):
    transaction_id = serializers.UUIDField()
    portfolio_id = serializers.UUIDField()
    portfolio = serializers.CharField(help_text="Its name.")
    executed_at = UtcDateTime()
    quantity = serializers.CharField()


class IssueSuggestionOutput(Output):
    departure = IssueEndOutput()
    arrival = IssueEndOutput()
    lost = serializers.CharField(help_text="How much less arrived than left.")


class IssueOutput(Output):
    kind = serializers.ChoiceField(KINDS)
    subject = serializers.CharField(help_text="An asset, or the id of a transaction or connection.")
    title = serializers.CharField()
    meaning = serializers.CharField(help_text="What follows from it, and what would mend it.")
    asset = serializers.CharField(allow_blank=True)
    transaction_id = serializers.UUIDField(allow_null=True)
    connection_id = serializers.UUIDField(allow_null=True, help_text="The exchange account that it is about.")
    actions = serializers.ListField(child=serializers.ChoiceField([action.value for action in Action]))
    suggestion = IssueSuggestionOutput(allow_null=True, help_text="The likeliest other end of a transfer.")
    is_left = serializers.BooleanField(help_text="It was left alone, and nothing about it has changed since.")


@example({"kind": "unknown_token", "subject": "WHAT"})
class IssueLeaveInput(Input):
    kind = OneOf(KINDS)
    subject = PlainText(max_length=MOST_SUBJECT)
    left = StrictBoolean(required=False, default=True, help_text="`false` takes it up again.")


@example({"transaction_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a", "price_usd": "142.5"})
class IssueWorthInput(Input):
    transaction_id = TextUUID()
    price_usd = amount("Dollars for one, when it happened.", required=True, allow_null=False)


@example({"asset": "WHAT", "coingecko_id": "solana"})
class IssueTokenInput(Input):
    asset = PlainText(max_length=128, help_text="The ticker as it was booked.")
    coingecko_id = PlainText(max_length=128)


class PortfolioIssues(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="portfolio_issues", responses={200: IssueOutput(many=True)})
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What is missing or doubtful, found in what is stored now; what was left alone comes last. Of unmatched
        transfers and of rows of unknown worth at most 500 each."""
        portfolio = portfolio_of(signed_in(request).id, portfolio_id)
        return answer([issue_shown(issue) for issue in issues_of(portfolio, wall_now())])


class LeaveIssue(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="portfolio_issue_leave", request=IssueLeaveInput, responses=DONE)
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """Leave one alone: it comes back when what it is about changes."""
        asked = given(IssueLeaveInput, request)
        named = {"owner_id": signed_in(request).id, "portfolio_id": portfolio_id, "kind": asked["kind"]}
        if asked["left"]:
            leave_issue(**named, subject=asked["subject"], wall=wall_now())
        else:
            take_up_issue(**named, subject=asked["subject"])
        return nothing()


class StateWorth(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="portfolio_issue_worth", request=IssueWorthInput, responses=DONE)
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """What one was worth when it happened, where nobody knew (409 where it is known)."""
        owner_id, asked = signed_in(request).id, given(IssueWorthInput, request)
        state_worth(owner_id=owner_id, portfolio_id=portfolio_id, **asked, now=market_now(), wall=wall_now())
        return nothing()


class NameToken(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="portfolio_issue_token", request=IssueTokenInput, responses=DONE)
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """Which token a ticker is: all its rows are booked as that, and lots worked out anew."""
        owner_id, asked = signed_in(request).id, given(IssueTokenInput, request)
        name_token(owner_id=owner_id, portfolio_id=portfolio_id, **asked, wall=wall_now())
        return nothing()
