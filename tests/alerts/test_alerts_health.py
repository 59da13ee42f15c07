"""The health report notices evaluators that fell silent."""

from datetime import timedelta

import pytest

from alerts.health import alerts_check
from alerts.services.evaluating import evaluate
from tests.make.accounts import a_user
from tests.make.alerts import a_made_alert
from tests.make.markets import NOON, a_quote, a_token

pytestmark = pytest.mark.django_db


def test_a_price_that_nobody_judged_within_ninety_seconds_is_told():
    sol = a_token()
    a_quote(sol, 99.0, NOON - timedelta(minutes=5))
    a_made_alert(a_user(), sol)
    evaluate("quotes", now=NOON, wall=NOON)
    a_quote(sol, 99.5)
    assert alerts_check(NOON + timedelta(seconds=89))["status"] == "healthy"
    assert alerts_check(NOON + timedelta(seconds=90))["status"] == "degraded"
    evaluate("quotes", now=NOON + timedelta(seconds=91), wall=NOON)
    assert alerts_check(NOON + timedelta(seconds=91))["status"] == "healthy"


def test_stale_prices_are_not_waited_for():
    sol = a_token()
    a_quote(sol, 99.0, NOON - timedelta(minutes=30))
    a_made_alert(a_user(), sol, now=NOON - timedelta(minutes=30))
    evaluate("quotes", now=NOON - timedelta(minutes=29), wall=NOON)
    a_quote(sol, 99.5, NOON - timedelta(minutes=11))
    assert alerts_check(NOON)["status"] == "healthy"
