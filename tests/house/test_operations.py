"""The page for staff and `/metrics`: everything at a glance, to those who may see it, whatever is broken."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from core.api.meter import meter
from core.api.throttling import limiter
from core.jobs.market_time import stamp_market
from core.lib.clock import forget_market_clock, wall_now
from core.live.census import Report, census_of
from core.models import DeadLetter, JobRun, SourceStamp
from khalsi.operations import figures as reading
from khalsi.operations.figures import figures
from khalsi.operations.page import faults, requests_by_minute, scopes
from khalsi.schedule.install import install_schedule
from tests.make.accounts import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_counts():
    meter.cache_clear()
    yield
    meter.cache_clear()
    forget_market_clock()


@pytest.fixture
def page(client):
    def opened(name="ada"):
        client.force_login(a_user(name))
        return " ".join(client.get(reverse("admin:operations")).content.decode().split())

    return opened


def read():
    return figures(wall_now())


def metrics(client, **options):
    reply = client.get("/metrics", **options)
    assert reply.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(reply.content.decode())
        for sample in family.samples
    }


# The page


def test_an_empty_site_is_told_as_such(page):
    told = page()
    assert "No request in the last hour." in told
    assert "Nothing was counted by a limit." in told
    assert "The scheduler is silent" in told


def test_a_well_site_needs_no_look(page):
    stamp_market(kind="simulated", identity="x", speed=1.0)
    install_schedule()
    assert "Nothing needs a look" in page()


def test_requests_times_and_limits_are_shown(page):
    for status in (200, 200, 404, 500):
        meter().count("/api/v1/x", status, 0.02)
    for _ in range(3):
        limiter().hit("login:1.2.3.4", 2, 60, 0.0)
    told = page()
    assert "1 reply of 500 or above" in told
    assert '<th scope="row">API</th>' in told
    assert '<th scope="row">login</th><td>2</td><td class="ops-warn">1</td>' in told


def test_work_that_waits_and_failed_is_shown(page):
    now = wall_now()
    JobRun.objects.create(job="train", started_at=now - timedelta(minutes=3), progress=0.4)
    JobRun.objects.create(job="quotes", started_at=now, slot=now, state=JobRun.State.FAILED)
    DeadLetter.objects.create(
        task="x", error_class="E", error="no", attempts=4, failed_at=now - timedelta(hours=2), arguments={}
    )
    told = page()
    assert "train</a> runs" in told and "40 %" in told
    assert "quotes</a> failed in a day" in told
    assert "1 task failed for good" in told
    assert "fetch waits" in told


@pytest.mark.parametrize("name", ["bob", "sam-without-a-second-factor"])
def test_only_staff_with_a_second_factor_see_it(client, name):
    fields = {} if name == "bob" else {"role": "staff", "second_factor_since": None}
    client.force_login(a_user(name, **fields))
    assert client.get(reverse("admin:operations")).status_code != 200


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get(reverse("admin:operations")).status_code == 302


def test_the_staff_site_leads_there(client):
    client.force_login(a_user("ada"))
    assert reverse("admin:operations") in client.get(reverse("admin:index")).content.decode()


def test_what_cannot_be_had_stops_nothing_else(page, monkeypatch):
    def broken(*about):
        raise DatabaseError("gone")

    for name in (
        "_queues",
        "_jobs",
        "_owed",
        "_last_beat",
        "_database",
        "_disk",
        "_live",
        "source_reports",
        "tallies",
    ):
        monkeypatch.setattr(reading, name, broken)
    told = page()
    assert told.count("ot to be had just now") >= 4
    assert "The database does not answer." in told


def test_the_hour_is_drawn_minute_by_minute_without_the_one_that_runs():
    meter().count("/", 200, 0.1)
    assert sum(requests_by_minute(read())) == 0
    found = read()
    later = type(found)(**{**found.__dict__, "at": found.at + timedelta(minutes=2)})
    assert requests_by_minute(later)[-2:] == [1, 0]


def test_the_limit_that_was_hit_most_comes_first():
    for key, times in (("address:1", 3), ("login:1", 5)):
        for _ in range(times):
            limiter().hit(key, 2, 60, 0.0)
    assert [(scope.name, scope.refused) for scope in scopes(read().limits)][:2] == [
        ("login", 3),
        ("address", 1),
    ]


def test_sockets_are_counted_for_each_process(monkeypatch, page):
    now = wall_now()
    two = [
        Report(process=name, at=now.timestamp(), sockets=count, visitors=count, signed_in=[])
        for name, count in (("web:1", 3), ("web:2", 4))
    ]
    monkeypatch.setattr(reading, "who_is_connected", lambda now: census_of(two, now))
    assert read().live == {"web:1": 3, "web:2": 4}
    assert "<dt>together</dt><dd>7</dd>" in page()


def test_a_scheduler_that_stopped_is_noticed():
    stamp_market(kind="simulated", identity="x", speed=1.0)
    SourceStamp.objects.update(reached=wall_now() - timedelta(minutes=5))
    assert "The scheduler is silent: nothing is being started." in faults(read())


# /metrics


def test_monitoring_reads_the_same_figures(client):
    for status in (200, 404):
        meter().count("/api/v1/x", status, 0.02)
    found = metrics(client)
    assert found["khalsi_requests_total", "2xx", "API"] == 1
    assert found["khalsi_requests_total", "4xx", "API"] == 1
    assert found["khalsi_request_seconds_bucket", "0.025", "API"] == 2
    assert found["khalsi_request_seconds_bucket", "0.01", "API"] == 0
    assert found["khalsi_queue_tasks", "deliver"] == 0
    assert found["khalsi_dead_letters",] == 0
    assert found["khalsi_disk_free_bytes",] > 0


def test_strangers_read_no_metrics(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 403
    settings.METRICS_TOKEN = "a token for monitoring"
    wrong = {"Authorization": "Bearer another"}
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7", headers=wrong).status_code == 403
    right = {"Authorization": "Bearer a token for monitoring"}
    assert metrics(client, REMOTE_ADDR="203.0.113.7", headers=right)


@pytest.mark.parametrize("header", ["127.0.0.1", "::1", "127.0.0.1, 127.0.0.1"])
def test_a_forwarded_address_counts_only_from_a_proxy_of_ours(client, settings, header):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=header).status_code == 403
    settings.TRUSTED_PROXIES = ("127.0.0.1/32",)
    behind = client.get("/metrics", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert behind.status_code == 403


def test_metrics_are_kept_by_nobody(client):
    assert "no-store" in client.get("/metrics")["Cache-Control"]
    assert client.post("/metrics").status_code == 405
