"""From what somebody types to the token that is meant, or to a list to choose from."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.lib.clock import market_now
from khalsi.dashboard.wanted import first_timeframe
from predictions.selectors.screener import Screen, screen

LONGEST, SHOWN = 64, 50


def search(request: HttpRequest) -> HttpResponse:
    """One hit, or one ticker that is exactly what was typed, is opened at once."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    rows = screen(Screen(timeframe=first_timeframe(request), search=text)) if text else []
    exact = [row for row in rows if row.token.symbol == text.upper()]
    chosen = exact[0] if len(exact) == 1 else rows[0] if len(rows) == 1 else None
    if chosen:
        return redirect(chosen.token)
    context = {"searched": text, "rows": rows[:SHOWN], "found": len(rows), "now": market_now()}
    return render(request, "khalsi/search.html", context)
