"""Tasks that kept failing wait here until staff run them again or let them go."""

from typing import Any

from celery import current_app
from django.db import transaction

from core.lib.clock import wall_now
from core.lib.redaction import hidden, hidden_in_text
from core.models import DeadLetter


def keep_dead_letter(
    *, task: str, queue: str, arguments: dict[str, Any], error: BaseException, attempts: int
) -> DeadLetter:
    return DeadLetter.objects.create(
        task=task,
        queue=queue,
        arguments=hidden(arguments),
        error_class=type(error).__name__,
        error=hidden_in_text(str(error))[:4000],
        attempts=attempts,
        failed_at=wall_now(),
    )


@transaction.atomic
def retry_dead_letter(letter: DeadLetter) -> bool:
    """Send the task again; False where somebody settled the letter meanwhile. It waits on where the broker is away."""
    if not _settle(letter, DeadLetter.State.RETRIED):
        return False
    current_app.send_task(
        letter.task, letter.arguments.get("args"), letter.arguments.get("kwargs"), queue=letter.queue or None
    )
    return True


def drop_dead_letter(letter: DeadLetter) -> bool:
    return _settle(letter, DeadLetter.State.DROPPED)


def _settle(letter: DeadLetter, state: DeadLetter.State) -> bool:
    waiting = DeadLetter.objects.filter(pk=letter.pk, state=DeadLetter.State.WAITING)
    return waiting.update(state=state, settled_at=wall_now()) == 1
