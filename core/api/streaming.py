"""A large reply in JSON, written piece by piece: however much there is, little of it stands in memory."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from core.api.rendering import rendered

ROWS_IN_A_PIECE = 200


def streamed(parts: Iterable[tuple[str, Any]], filename: str) -> StreamingHttpResponse:
    """Success, as a file to keep. A part is one value, or rows that are fetched as they are written."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(_pieces(parts), content_type="application/json", headers=headers)


def _pieces(parts: Iterable[tuple[str, Any]]) -> Iterator[bytes]:
    yield b'{"success":true,"data":{'
    for place, (name, value) in enumerate(parts):
        yield (b"," if place else b"") + rendered(name) + b":"
        if isinstance(value, QuerySet):
            yield from _list(value.iterator(chunk_size=ROWS_IN_A_PIECE))
        elif isinstance(value, Iterator):
            yield from _list(value)
        else:
            yield rendered(value)
    yield b"}}\n"


def _list(rows: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    """Some rows at a time, the brackets of each piece's own list left out."""
    yield b"["
    separator = b""
    while piece := list(islice(rows, ROWS_IN_A_PIECE)):
        yield separator + rendered(piece)[1:-1]
        separator = b","
    yield b"]"
