"""The Celery application; settings named CELERY_* configure it."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khalsi.settings")

from celery import Celery


def make_app(**options: object) -> Celery:
    app = Celery("khalsi", **options)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.autodiscover_tasks()
    return app


app = make_app()
