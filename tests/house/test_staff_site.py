"""The staff site is ours: one sign-in page with its limits, and a policy that its own pages work under."""

import math
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
import time_machine
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services.api_keys import make_api_key
from core.models import DeadLetter, JobRun
from khalsi.admin import StaffSite
from khalsi.schedule.install import install_schedule
from markets.models import RefusedReply, SourceState, StreamState, TrendingToken
from portfolios.models import SyncRun
from predictions.models import ForecastRun, Judgement, RoleChange
from tests.make.accounts import a_user, tokens_for
from tests.make.alerts import an_alert, an_event
from tests.make.channels import a_channel, a_dead_delivery
from tests.make.exchanges import a_bare_connection
from tests.make.imports import a_done_batch
from tests.make.markets import NOON, a_quote, a_token
from tests.make.portfolios import a_portfolio, a_transaction
from tests.make.predictions import a_forecast, a_version, an_abstention, an_outcome

pytestmark = pytest.mark.django_db


def policy(response):
    directives = response.headers["Content-Security-Policy"].split("; ")
    return {name: words for name, *words in (directive.split() for directive in directives)}


def test_no_library_puts_its_own_site_in_place_of_ours():
    assert isinstance(admin.site, StaffSite) and admin.site.login.__func__ is StaffSite.login


def test_the_staff_site_has_no_sign_in_page_beside_the_limited_one(client):
    for path in (reverse("admin:index"), reverse("admin:login")):
        reply = client.get(path, follow=True)
        assert reply.redirect_chain[-1][0].startswith(reverse("sign-in"))


def test_staff_pages_are_called_ours(client):
    client.force_login(a_user("ada"))
    assert "Khalsi staff</title>" in " ".join(client.get(reverse("admin:index")).content.decode().split())


def test_times_of_lists_are_by_24_hours_and_say_utc(client):
    client.force_login(a_user("ada"))
    JobRun.objects.create(job="quotes", started_at=NOON + timedelta(hours=9, seconds=7))
    text = client.get(reverse("admin:core_jobrun_changelist")).content.decode()
    assert "20 Nov 2026 21:00:07 UTC" in text


def test_only_staff_pages_may_evaluate_and_style_in_place(client):
    client.force_login(a_user("ada"))
    staff, site = policy(client.get(reverse("admin:index"))), policy(client.get(reverse("home")))
    assert staff["script-src"] == ["'self'", "'unsafe-eval'"]
    assert staff["style-src"] == ["'self'", "'unsafe-inline'"]
    assert site["script-src"] == site["style-src"] == ["'self'"]
    assert staff["default-src"] == site["default-src"] == ["'none'"]


def some_rows(names):
    """One more of everything that there is one of for each token, or for each thing that ran."""
    for name in names:
        token = a_token(name)
        a_quote(token)
        TrendingToken.objects.create(coingecko_id=name, symbol=name, token=token, rank=1, observed_at=NOON)
        version = a_version("1h", "rules", version=name)
        an_outcome(a_forecast(token, version=version))
        an_abstention(token)
        change = {"timeframe": "1h", "role_after": "champion", "basis": "live", "reason": "no"}
        RoleChange.objects.create(version=version, changed_at=NOON, **change)
        Judgement.objects.create(challenger=version, judged_at=NOON, earned=False, reason="no")
        ForecastRun.objects.get_or_create(
            timeframe="1h",
            as_of=NOON,
            defaults={"made_at": NOON, "seconds": 1.0, "tokens": 1, "forecasts": 1},
        )
        user = a_user(f"user{name}")
        tokens_for(user)
        make_api_key(user_id=user.id, name=name, scopes=["read"], now=NOON)
        a_dead_delivery(a_channel(user), an_event(an_alert(user, token)))
        portfolio = a_portfolio(user)
        a_transaction(portfolio)
        a_done_batch(portfolio)
        SyncRun.objects.create(connection=a_bare_connection(user), lease=uuid4(), began_at=NOON)
        RefusedReply.objects.create(
            source="binance", endpoint="klines", subject=name, reason="no", seen_at=NOON
        )
        StreamState.objects.get_or_create(name="binance")
        JobRun.objects.create(job=name, started_at=NOON)
        DeadLetter.objects.create(
            task=name, error_class="E", error="no", attempts=4, failed_at=NOON, arguments={}
        )


def queries_of_lists(client):
    counts = {}
    for model in admin.site._registry:
        with CaptureQueriesContext(connection) as queries:
            reply = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert reply.status_code == HTTPStatus.OK, model
        counts[model._meta.label] = len(queries)
    return counts


@time_machine.travel(NOON, tick=False)  # else what is noted once a minute may fall into a list
def test_no_list_asks_the_database_once_more_for_a_row(client, monkeypatch):
    monkeypatch.setattr("core.lib.clock.TRUSTED_SECONDS", math.inf)  # the clock asks anew, at whichever list
    client.force_login(a_user("ada"))
    install_schedule()
    some_rows(["AAA", "BBB", "CCC", "DDD"])
    client.get(reverse("admin:index"))  # what is asked once and kept
    few = queries_of_lists(client)
    some_rows(["EEE", "FFF", "GGG", "HHH"])
    assert queries_of_lists(client) == few


def test_every_row_opens(client):
    client.force_login(a_user("ada"))
    call_command("prepare")
    some_rows(["AAA"])
    for model in admin.site._registry:
        row = model._default_manager.first()
        assert row is not None or model in {SourceState}, model
        if row is not None:
            page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
            assert client.get(page).status_code == HTTPStatus.OK, page
