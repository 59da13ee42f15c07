"""Workers and scheduler as threads of this process, over a broker that is this process's memory.

Queued tasks die with the process; each is found again by its sweep or its next slot.
"""

import threading

import structlog
from celery.beat import Service
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.conf import settings

from khalsi.celery import app, make_app

log = structlog.get_logger(__name__)


class EmbeddedJobs:
    """One small worker for each queue, so that a long task of one never delays another, and one scheduler."""

    def __init__(self) -> None:
        self._workers = [_worker(queue, threads) for queue, threads in settings.QUEUES.items()]
        self._beat = Service(
            app,
            max_interval=settings.CELERY_BEAT_MAX_LOOP_INTERVAL,
            scheduler_cls=settings.CELERY_BEAT_SCHEDULER,
        )
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for worker in self._workers:
            self._run(f"worker-{worker.hostname}", worker.start)
        self._run("beat", self._beat.start)

    def _run(self, name: str, target: object) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def stop(self, patience_seconds: float = 8.0) -> None:
        """Let running tasks end, for a while; what is cut off is found again by its sweep."""
        if not self._threads:
            return
        self._beat.stop(wait=False)
        worker_state.should_terminate = 0
        for thread in self._threads:
            thread.join(patience_seconds / len(self._threads))


def _worker(queue: str, threads: int) -> WorkController:
    """A worker has an application of its own, since the queues that one listens to belong to its application."""
    own = make_app(set_as_current=False)
    own.finalize()
    own.amqp.queues.select([queue])
    return WorkController(
        app=own,
        hostname=queue,
        pool="threads",
        concurrency=threads,
        loglevel="WARNING",
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )
