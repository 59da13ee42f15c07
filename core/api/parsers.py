"""The one parser of request bodies: strict JSON, no larger than the settings allow."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from core.lib.errors import BadInput, FieldError, ReplyRefused, TooLarge
from core.lib.strict_json import loads

MAX_DEPTH = 16


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        _refuse_other_charsets(media_type or "")
        refuse_declared_over(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, (parser_context or {}).get("request"))
        try:
            return loads(_body(stream), max_depth=MAX_DEPTH)
        except ReplyRefused as error:
            raise BadInput(error.message, details=(FieldError("body", error.message),)) from None


def refuse_declared_over(most_bytes: int, request: Request | HttpRequest | None) -> None:
    """Without reading: who says that much is to come may never send it, and would hold a thread."""
    declared = request.META.get("CONTENT_LENGTH", "") if request is not None else ""
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > most_bytes:
        raise _too_large(most_bytes)


def hold_body(request: HttpRequest, most_bytes: int) -> bytes:
    """The whole body, for a call that takes more than others do; it can be parsed afterwards. Django's own bound, which
    `request.body` minds, is far lower.
    """
    if not hasattr(request, "_body"):
        refuse_declared_over(most_bytes, request)
        data = request.read(most_bytes + 1)
        if len(data) > most_bytes:
            raise _too_large(most_bytes)
        request._body = data
        request._stream = BytesIO(data)  # as `request.body` does
    return request.body


def _body(stream: IO[Any]) -> bytes:
    """Read no more than is allowed: what a client declares to send is not believed."""
    data: bytes = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    if len(data) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise _too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return data


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(f"The body is larger than {most_bytes} bytes.")


def _refuse_other_charsets(media_type: str) -> None:
    for parameter in media_type.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "charset" and value.strip('"').lower() not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(media_type)
