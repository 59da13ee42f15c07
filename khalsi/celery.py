"""The Celery application; settings named CELERY_* configure it."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khalsi.settings")

from typing import Any

from celery import Celery
from celery.signals import setup_logging


@setup_logging.connect  # type: ignore[untyped-decorator]  # celery ships no types
def keep_our_logging(**about: Any) -> None:
    """Somebody who answers this signal keeps Celery from writing lines of its own form, past our formatter."""


def make_app(**options: object) -> Celery:
    app = Celery("khalsi", **options)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.autodiscover_tasks()
    return app


app = make_app()
