"""A task that keeps failing waits for staff, who may run it again or let it go, once."""

import pytest
from celery import shared_task
from kombu.exceptions import OperationalError

from core.jobs.dead_letters import drop_dead_letter, retry_dead_letter
from core.jobs.tasks import JobTask
from core.models import DeadLetter
from khalsi.celery import app

pytestmark = pytest.mark.django_db
calls: list[str] = []


@shared_task(base=JobTask, name="tests.fails", max_retries=2, retry_backoff=0)
def fails(word):
    calls.append(word)
    raise RuntimeError(f"cannot {word}")


@pytest.fixture
def eager():
    calls.clear()
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def a_letter():
    return DeadLetter.objects.create(
        task="tests.fails",
        queue="deliver",
        arguments={"args": ["swim"], "kwargs": {}},
        error_class="RuntimeError",
        error="cannot swim",
        failed_at="2026-11-21T08:00:00Z",
    )


def test_a_task_that_keeps_failing_becomes_a_dead_letter(eager):
    fails.delay("swim")
    letter = DeadLetter.objects.get()
    assert calls == ["swim", "swim", "swim"]
    assert (letter.task, letter.attempts) == ("tests.fails", 3)
    assert letter.arguments == {"args": ["swim"], "kwargs": {}}
    assert (letter.error_class, letter.error) == ("RuntimeError", "cannot swim")


def test_a_dead_letter_is_sent_again_once(monkeypatch):
    sent = []
    monkeypatch.setattr("celery.Celery.send_task", lambda self, *args, **kwargs: sent.append((args, kwargs)))
    letter = a_letter()
    assert retry_dead_letter(letter) and not retry_dead_letter(letter) and not drop_dead_letter(letter)
    assert sent == [(("tests.fails", ["swim"], {}), {"queue": "deliver"})]
    assert DeadLetter.objects.get().state == DeadLetter.State.RETRIED


def test_a_letter_that_could_not_be_sent_waits_on(monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("no broker")

    monkeypatch.setattr("celery.Celery.send_task", away)
    letter = a_letter()
    with pytest.raises(OperationalError):
        retry_dead_letter(letter)
    assert DeadLetter.objects.get().state == DeadLetter.State.WAITING
