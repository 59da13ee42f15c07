"""A slot runs once, whoever asks; what failed or was abandoned may be taken up again."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from celery._state import _task_stack

from core.jobs.slots import (
    ABANDONED_AFTER,
    claim,
    close_interrupted_runs,
    close_lost_runs,
    finish,
    may_take,
    running,
)
from core.lib.clock import wall_now
from core.models import JobRun
from core.tasks import close_lost

SLOT = datetime(2026, 11, 21, 8, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_a_slot_is_claimed_once():
    assert claim("quotes", SLOT) is not None
    assert claim("quotes", SLOT) is None


def test_another_job_and_another_slot_are_free():
    claim("quotes", SLOT)
    assert claim("candles", SLOT) is not None
    assert claim("quotes", SLOT + timedelta(minutes=5)) is not None


def test_runs_without_a_slot_never_collide():
    assert claim("backfill") and claim("backfill")


def test_a_failed_run_may_be_claimed_again():
    run = claim("quotes", SLOT)
    with pytest.raises(ValueError, match="no such thing"), running(run):
        raise ValueError("no such thing")
    assert JobRun.objects.get().state == JobRun.State.FAILED
    assert "no such thing" in JobRun.objects.get().detail
    assert claim("quotes", SLOT).pk == run.pk


def test_a_finished_run_stays_finished():
    with running(claim("quotes", SLOT)):
        pass
    assert claim("quotes", SLOT) is None
    assert JobRun.objects.get().progress == 1.0


def test_a_run_whose_worker_died_is_taken_over_after_a_while():
    run = claim("quotes", SLOT)
    JobRun.objects.update(started_at=run.started_at - ABANDONED_AFTER - timedelta(seconds=1))
    assert claim("quotes", SLOT) is not None
    assert claim("quotes", SLOT) is None


def test_an_embedded_start_frees_what_the_last_process_left():
    claim("quotes", SLOT)
    assert close_interrupted_runs() == 1
    assert claim("quotes", SLOT) is not None


LONG = may_take("long-one", timedelta(hours=3))


def a_run(job, age, **fields):
    return JobRun.objects.create(job=job, started_at=wall_now() - age, **fields)


def test_a_run_that_outlasts_its_job_is_closed_as_lost():
    """Its worker was killed: nobody else ever says so where workers are many."""
    lost = a_run("quotes", ABANDONED_AFTER + timedelta(seconds=1), slot=SLOT)
    a_run("quotes", ABANDONED_AFTER - timedelta(minutes=1))
    assert close_lost_runs() == 1
    lost.refresh_from_db()
    assert lost.state == JobRun.State.FAILED
    assert lost.detail.startswith("Lost")
    assert lost.finished_at is not None
    assert JobRun.objects.filter(state=JobRun.State.RUNNING).count() == 1
    assert claim("quotes", SLOT) == lost


def test_a_job_that_may_take_longer_is_given_its_time():
    a_run("long-one", LONG - timedelta(minutes=1), slot=SLOT)
    assert close_lost_runs() == 0
    assert claim("long-one", SLOT) is None
    a_run("long-one", LONG + timedelta(minutes=1))
    assert close_lost_runs() == 1


def test_what_has_ended_stays_as_it_ended():
    done = a_run("quotes", timedelta(days=3), state=JobRun.State.DONE, detail="7 stored")
    assert close_lost_runs() == 0
    done.refresh_from_db()
    assert done.detail == "7 stored"


def test_the_job_closes_lost_runs():
    a_run("quotes", timedelta(hours=1))
    close_lost(slot="2026-11-21T08:15:00Z")
    assert JobRun.objects.get(job="quotes").state == JobRun.State.FAILED
    assert JobRun.objects.get(job="lost-runs").detail == "1 closed"


def nothing():
    pass


@contextmanager
def a_task_that_is_run(*, redelivered):
    task = current_app.task(name="core.nothing", shared=False)(nothing)
    task.push_request(delivery_info={"redelivered": redelivered})
    _task_stack.push(task)
    yield
    _task_stack.pop()
    task.pop_request()


def test_a_task_whose_worker_died_goes_on_with_its_slot_at_once():
    lost = claim("quotes", SLOT)
    with a_task_that_is_run(redelivered=False):
        assert claim("quotes", SLOT) is None
    with a_task_that_is_run(redelivered=True):
        assert claim("quotes", SLOT) == lost
        finish(lost, JobRun.State.DONE, "")
        assert claim("quotes", SLOT) is None
