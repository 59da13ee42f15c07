"""The one parser of request bodies: strict JSON, no larger than the settings allow."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

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
        try:
            return loads(_body(stream), max_depth=MAX_DEPTH)
        except ReplyRefused as error:
            raise BadInput(error.message, details=(FieldError("body", error.message),)) from None


def _body(stream: IO[Any]) -> bytes:
    """Read no more than is allowed: what a client declares to send is not believed."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    data: bytes = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes.")
    return data


def _refuse_other_charsets(media_type: str) -> None:
    for parameter in media_type.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "charset" and value.strip('"').lower() not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(media_type)
