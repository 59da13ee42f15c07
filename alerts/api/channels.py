"""The own notification channels and their log of deliveries."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, origin, signed_in
from alerts.channels import CHANNELS
from alerts.models import Attempt, Delivery, NotificationChannel
from alerts.models.channel import MOST_NAME
from alerts.selectors.channels import channel_shown, channels_of, delivery_shown
from alerts.selectors.deliveries import deliveries_of
from alerts.services import channels as service
from alerts.services.replaying import replay
from core.api.envelope import answer, nothing
from core.api.fields import OneOf, PlainText, UtcDateTime
from core.api.idempotency import idempotent
from core.api.pagination import CursorQuery, PageQuery, cursor_page, page_of
from core.api.permissions import Confirmed
from core.api.schema import example
from core.lib.clock import wall_now
from core.net.guard import LONGEST_URL

DONE = {204: OpenApiResponse(description="Done.")}


@example({"kind": "webhook", "name": "My bot", "address": "https://hooks.example.com/khalsi"})
class ChannelInput(serializers.Serializer[dict[str, Any]]):
    kind = OneOf(list(CHANNELS))
    name = PlainText(max_length=MOST_NAME)
    address = PlainText(
        required=False,
        default="",
        allow_blank=True,
        max_length=LONGEST_URL,
        help_text="An e-mail address, or the URL of a webhook. Telegram learns its chat by itself.",
    )


@example({"code": "k7m2qx9d"})
class CodeInput(serializers.Serializer[dict[str, Any]]):
    code = PlainText(required=False, default="", max_length=32, help_text="Left out: a new code is sent.")


class ChannelOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(NotificationChannel.Kind.values)
    name = serializers.CharField()
    state = serializers.ChoiceField(NotificationChannel.State.values)
    address = serializers.CharField(allow_blank=True, help_text="What of it may be shown.")
    created_at = UtcDateTime()
    verified_at = UtcDateTime(allow_null=True)
    off_because = serializers.CharField(allow_blank=True)
    failures = serializers.IntegerField(help_text="In a row.")
    rests_until = UtcDateTime(allow_null=True)
    last_sent_at = UtcDateTime(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    last_error_at = UtcDateTime(allow_null=True)
    old_secret_until = UtcDateTime(allow_null=True)


class NewChannelOutput(serializers.Serializer[Any]):
    channel = ChannelOutput()
    secret = serializers.CharField(allow_null=True, help_text="Signs a webhook's messages. Shown this once.")
    code = serializers.CharField(
        allow_null=True, help_text="For Telegram: send `/start` and this to the bot."
    )


class AttemptOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    began_at = UtcDateTime()
    ended_at = UtcDateTime(allow_null=True)
    result = serializers.ChoiceField([*Attempt.Result.values, "under_way"])
    status = serializers.IntegerField(allow_null=True)
    said = serializers.CharField(allow_blank=True)


class DeliveryOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    channel_id = serializers.UUIDField()
    channel = serializers.CharField()
    kind = serializers.ChoiceField(NotificationChannel.Kind.values)
    purpose = serializers.ChoiceField(Delivery.Purpose.values)
    state = serializers.ChoiceField(Delivery.State.values)
    event_ids = serializers.ListField(child=serializers.UUIDField())
    created_at = UtcDateTime()
    due_at = UtcDateTime()
    finished_at = UtcDateTime(allow_null=True)
    attempts = AttemptOutput(many=True)
    last_error = serializers.CharField(allow_blank=True)
    maybe_repeated = serializers.BooleanField(help_text="A worker died over it: it may have arrived twice.")


class Channels(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="channels", parameters=[PageQuery], responses={200: ChannelOutput(many=True)})
    def get(self, request: Request) -> Response:
        """The own notification channels, in the order in which they were added."""
        page = page_of(channels_of(signed_in(request).id), request)
        return answer([channel_shown(channel) for channel in page.items], page.meta)

    @idempotent()
    @extend_schema(operation_id="channel_add", request=ChannelInput, responses={201: NewChannelOutput})
    def post(self, request: Request) -> Response:
        """A new channel, which is sent a code to confirm it with. Free plans have 5, pro plans 20 (409)."""
        asked = given(ChannelInput, request)
        added = service.add_channel(
            owner_id=signed_in(request).id, **asked, now=wall_now(), origin=origin(request)
        )
        return answer(_added(added), status=201)


class OneChannel(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="channel_remove", responses=DONE)
    def delete(self, request: Request, channel_id: UUID) -> Response:
        """Removes it, with what it was owed and its log."""
        service.remove_channel(
            owner_id=signed_in(request).id, channel_id=channel_id, now=wall_now(), origin=origin(request)
        )
        return nothing()


class VerifyChannel(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="channel_verify", request=CodeInput, responses={200: NewChannelOutput})
    def post(self, request: Request, channel_id: UUID) -> Response:
        """Confirms it with the code that came; without a code, sends a new one. Five wrong codes end it."""
        owner_id, code, now = signed_in(request).id, given(CodeInput, request)["code"], wall_now()
        if not code:
            return answer(_added(service.send_code(owner_id=owner_id, channel_id=channel_id, now=now)))
        channel = service.verify(
            owner_id=owner_id, channel_id=channel_id, code=code, now=now, origin=origin(request)
        )
        return answer(_added(service.Added(channel)))


class TryChannel(APIView):
    permission_classes = [Confirmed]

    @idempotent()
    @extend_schema(operation_id="channel_test", request=None, responses={202: DeliveryOutput})
    def post(self, request: Request, channel_id: UUID) -> Response:
        """Sends a test message; the log of deliveries tells what became of it. Ten in an hour (429)."""
        delivery = service.send_test(owner_id=signed_in(request).id, channel_id=channel_id, now=wall_now())
        return answer(delivery_shown(delivery), status=202)


class ChannelSecret(APIView):
    permission_classes = [Confirmed]

    @idempotent()
    @extend_schema(operation_id="channel_secret", request=None, responses={201: NewChannelOutput})
    def post(self, request: Request, channel_id: UUID) -> Response:
        """A new signing secret, shown this once; for a day the one before signs beside it."""
        added = service.rotate_secret(
            owner_id=signed_in(request).id, channel_id=channel_id, now=wall_now(), origin=origin(request)
        )
        return answer(_added(added), status=201)


class Deliveries(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="deliveries", parameters=[CursorQuery], responses={200: DeliveryOutput(many=True)}
    )
    def get(self, request: Request) -> Response:
        """What channels were told, newest first, with every attempt."""
        page = cursor_page(deliveries_of(signed_in(request).id), request, order=("-created_at", "-id"))
        return answer([delivery_shown(delivery) for delivery in page.items], page.meta)


class ReplayDelivery(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="delivery_replay", request=None, responses={200: DeliveryOutput})
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Sends once more what was given up; a webhook gets the same id again."""
        delivery = replay(owner_id=signed_in(request).id, delivery_id=delivery_id, now=wall_now())
        return answer(delivery_shown(delivery))


def _added(added: service.Added) -> dict[str, Any]:
    return {
        "channel": channel_shown(added.channel),
        "secret": added.secret or None,
        "code": added.code or None,
    }
