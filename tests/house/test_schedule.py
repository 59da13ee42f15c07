"""What runs when: slots lie in market time, staff may switch entries off, and the rest is the table's."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django_celery_beat.models import PeriodicTask

from core.jobs.market_time import stamp_market
from core.lib.clock import forget_market_clock
from khalsi.celery import app
from khalsi.schedule.beat import MarketEntry
from khalsi.schedule.install import install_schedule
from khalsi.schedule.table import job_named, jobs

pytestmark = pytest.mark.django_db
WALL = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
THEN = datetime(2025, 3, 15, 0, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_clock():
    forget_market_clock()
    yield
    forget_market_clock()


def entry(name):
    return MarketEntry(PeriodicTask.objects.get(name=name), app=app)


def test_candles_are_fetched_twenty_seconds_after_each_quarter():
    candles = job_named("candles")
    quarter = datetime(2026, 11, 21, 8, 15, tzinfo=UTC)
    assert candles.slot_at(quarter + timedelta(seconds=19)) == quarter - timedelta(minutes=15)
    assert candles.slot_at(quarter + timedelta(seconds=20)) == quarter
    assert candles.due_after(quarter) == quarter + timedelta(minutes=15, seconds=20)


def test_a_replay_keeps_its_own_rhythm():
    with time_machine.travel(WALL, tick=False) as wall:
        stamp_market(kind="replay", identity="abc", speed=60.0, start=THEN)
        install_schedule()
        candles = entry("candles")
        due, wait = candles.is_due()
        assert not due
        assert wait == pytest.approx(80 / 60)  # 00:14:00 to 00:15:20 at sixty times the speed
        wall.shift(timedelta(seconds=wait + 0.01))
        assert candles.is_due().is_due
        assert candles.kwargs == {"slot": "2025-03-15T00:15:00Z"}
        assert not next(candles).is_due().is_due


def test_staff_own_whether_an_entry_is_on_and_nothing_else():
    install_schedule()
    PeriodicTask.objects.filter(name="trending").update(enabled=False, queue="train")
    install_schedule()
    trending = PeriodicTask.objects.get(name="trending")
    assert not trending.enabled
    assert trending.queue == "fetch"


def test_entries_that_left_the_table_are_switched_off():
    install_schedule()
    left = PeriodicTask.objects.get(name="trending")
    PeriodicTask.objects.filter(pk=left.pk).update(name="astrology")
    install_schedule()
    assert not PeriodicTask.objects.get(name="astrology").enabled


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()
    assert [job.task for job in jobs() if job.task not in app.tasks] == []


def test_every_entry_names_a_task_that_workers_know():
    app.loader.import_default_modules()
    assert {job.task for job in jobs()} <= set(app.tasks)
