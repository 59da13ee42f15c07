"""Bodies that hold a file: read no further than a file may be long, whatever they say of themselves."""

from collections.abc import Mapping
from typing import IO, Any

from django.http import HttpRequest
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from core.api.parsers import refuse_declared_over
from core.lib.errors import TooLarge
from portfolios.statements.reading import MOST_BYTES

MOST_BODY = MOST_BYTES + 64 * 1024
"""With what a form adds around the file."""
FILE = "file"


class CsvParser(BaseParser):
    """The body is the file; what is said of it stands in the query."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, bytes]:
        refuse_declared_over(MOST_BODY, _request(parser_context))
        data: bytes = stream.read(MOST_BODY + 1)
        if len(data) > MOST_BODY:
            raise TooLarge(f"The body is larger than {MOST_BODY} bytes.")
        return {FILE: data}


class FormParser(MultiPartParser):
    """A form with the field `file`, and what is said of it beside."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        refuse_declared_over(MOST_BODY, _request(parser_context))
        return super().parse(stream, media_type, parser_context)


def _request(context: Mapping[str, Any] | None) -> Request | HttpRequest | None:
    return (context or {}).get("request")
