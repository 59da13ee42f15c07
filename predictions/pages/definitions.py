"""The definitions in plain words, with the numbers that the code works by."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from predictions import horizons
from predictions.selectors.summary import HIGH_CONFIDENCE


def definitions(request: HttpRequest) -> HttpResponse:
    context = {
        "definitions": horizons.DEFINITIONS,
        "timeframes": horizons.TIMEFRAMES,
        "band_floor": horizons.BAND_FLOOR * 100,
        "high_confidence": HIGH_CONFIDENCE,
    }
    return render(request, "predictions/definitions.html", context)
