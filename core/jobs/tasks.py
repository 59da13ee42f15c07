"""The base of every Celery task: failures are tried again with growing pauses, and lasting ones are kept for staff."""

from typing import Any

import structlog
from celery import Task

from core.jobs.dead_letters import keep_dead_letter
from core.lib.redaction import hidden

log = structlog.get_logger(__name__)


class JobTask(Task):  # type: ignore[misc]  # celery ships no types
    """Arguments are ids and plain words, never objects or secrets; every task can run twice and be lost."""

    autoretry_for = (Exception,)
    max_retries = 3
    retry_backoff = 2
    retry_backoff_max = 60
    retry_jitter = True

    def apply_async(self, args: Any = None, kwargs: Any = None, *more: Any, **options: Any) -> Any:
        """Queues are read, logged and kept: what looks like a secret is a mistake of ours, and goes nowhere."""
        told = [list(args or ()), dict(kwargs or {})]
        if hidden(told) != told:
            raise ValueError(f"{self.name}: arguments are ids and plain words, never secrets.")
        return super().apply_async(args, kwargs, *more, **options)

    def on_failure(self, exc: BaseException, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        log.error("task_failed_for_good", task=self.name, task_id=task_id, error=type(exc).__name__)
        keep_dead_letter(
            task=self.name,
            queue=(self.request.delivery_info or {}).get("routing_key") or "",
            arguments={"args": list(args), "kwargs": dict(kwargs)},
            error=exc,
            attempts=self.request.retries + 1,
        )
