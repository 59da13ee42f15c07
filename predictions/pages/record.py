"""The record as something that can be checked: its head, its links, its daily heads, and what each of them digests."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from core.lib.clock import wall_now
from predictions.models import RecordLink
from predictions.record import written
from predictions.selectors import chain
from predictions.selectors.written_rows import text_of

LINKS_SHOWN, DAYS_SHOWN = 14, 30
_PLAIN = "text/plain; charset=utf-8"


def record_page(request: HttpRequest) -> HttpResponse:
    links = list(chain.links()[:LINKS_SHOWN])
    days = chain.kept_day_heads(wall_now())
    context = {
        "newest": links[0] if links else None,
        "totals": chain.totals(),
        "links": links,
        "days": days[::-1][:DAYS_SHOWN],
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "predictions/record.html", context)


def daily_heads(request: HttpRequest) -> StreamingHttpResponse:
    """The daily file, from the database: the same whichever process answers."""
    return StreamingHttpResponse(
        chain.heads_file(chain.kept_day_heads(wall_now())),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="khalsi-record-heads.csv"'},
    )


def link_rows(request: HttpRequest, position: int) -> StreamingHttpResponse:
    """What the link digested as it is stored now: its SHA-256 must be the link's content."""
    return StreamingHttpResponse(text_of(_link(position)), content_type=_PLAIN)


def link_head(request: HttpRequest, position: int) -> HttpResponse:
    """What the head digests: its SHA-256 must be the link's head. No line feed at its end."""
    return HttpResponse(chain.as_written(_link(position)).text, content_type=_PLAIN)


def _link(position: int) -> RecordLink:
    found = chain.links().filter(position=position).first() if position <= written.MOST_POSITION else None
    if found is None:
        raise Http404("There is no such link.")
    return found
