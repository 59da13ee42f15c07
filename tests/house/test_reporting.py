"""Errors go to Sentry only where somebody asked for it, and never with a secret."""

import json
import sys
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from khalsi import reporting
from khalsi.reporting import before_send

CANARY = "c4naryQ-9f_" + "x7Y" * 8
DSN = "https://key@sentry.example/1"


@pytest.fixture
def begun(monkeypatch):
    calls = []
    monkeypatch.setitem(sys.modules, "sentry_sdk", SimpleNamespace(init=lambda **told: calls.append(told)))
    return calls


def test_without_an_address_nothing_is_told(settings, begun):
    settings.SENTRY_DSN = ""
    reporting.start()
    assert begun == []


def test_with_one_every_event_passes_the_filter(settings, begun):
    settings.SENTRY_DSN = DSN
    reporting.start()
    (told,) = begun
    assert told["before_send"] is told["before_breadcrumb"] is before_send
    assert told["send_default_pii"] is False and told["include_local_variables"] is False


def test_a_library_that_is_missing_stops_the_start_with_a_sentence(settings, monkeypatch):
    settings.SENTRY_DSN = DSN
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN: install the library first"):
        reporting.start()


def test_a_service_that_collects_errors_is_told_no_secret():
    event = {
        "request": {"headers": {"Authorization": CANARY}, "query_string": f"token={CANARY}", "url": "https://x"},
        "exception": {"values": [{"value": f"password={CANARY}", "stacktrace": [{"vars": {"otp": CANARY}}]}]},
        "breadcrumbs": [{"message": f"GET /x?token={CANARY}"}],
    }  # fmt: skip
    assert CANARY not in json.dumps(before_send(event))
