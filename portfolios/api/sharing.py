"""Share links of a portfolio: percentages alone, for a while."""

from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, signed_in
from accounts.services.audit import origin_of
from core.api.envelope import answer, nothing
from core.api.fields import PlainText, StrictInteger, UtcDateTime
from core.api.idempotency import idempotent
from core.api.permissions import Confirmed
from core.api.schema import example
from core.lib.clock import wall_now
from portfolios.api.transactions import DONE
from portfolios.selectors.portfolios import portfolio_of
from portfolios.selectors.sharing import links_of
from portfolios.selectors.shown_issues import link_shown
from portfolios.services.sharing import LEAST_DAYS, MOST_DAYS, end_link, make_link


@example({"days": 7, "note": "for Bob"})
class ShareLinkInput(serializers.Serializer[dict[str, Any]]):
    days = StrictInteger(min_value=LEAST_DAYS, max_value=MOST_DAYS)
    note = PlainText(required=False, allow_blank=True, max_length=60, default="")


class ShareLinkOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    note = serializers.CharField(allow_blank=True)
    made_at = UtcDateTime()
    ends_at = UtcDateTime()
    ended_at = UtcDateTime(allow_null=True)


class ShareMadeLinkOutput(ShareLinkOutput):
    url = serializers.CharField(help_text="Shown this once.")


class ShareLinks(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="share_links", responses={200: ShareLinkOutput(many=True)})
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """The links of one of the own portfolios, newest first; where they lead is not told again."""
        portfolio = portfolio_of(signed_in(request).id, portfolio_id)
        return answer([link_shown(link) for link in links_of(portfolio)])

    @idempotent()
    @extend_schema(
        operation_id="share_link_make", request=ShareLinkInput, responses={201: ShareMadeLinkOutput}
    )
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """A link that shows percentages alone, for 1 to 90 days; 20 may count at a time (409)."""
        made = make_link(
            owner_id=signed_in(request).id,
            portfolio_id=portfolio_id,
            **given(ShareLinkInput, request),
            wall=wall_now(),
            origin=origin_of(request),
        )
        url = f"{settings.SITE_URL}/shared/{made.token}"
        return answer({**link_shown(made.link), "url": url}, status=201)


class OneShareLink(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="share_link_end", responses=DONE)
    def delete(self, request: Request, portfolio_id: UUID, link_id: UUID) -> Response:
        """It leads nowhere from now on."""
        end_link(
            owner_id=signed_in(request).id,
            portfolio_id=portfolio_id,
            link_id=link_id,
            wall=wall_now(),
            origin=origin_of(request),
        )
        return nothing()
