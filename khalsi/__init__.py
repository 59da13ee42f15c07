"""The roof: what the house shows as a whole. It holds no market, forecast or user knowledge."""

VERSION = "0.1.0"

# Workers, and tasks that a web process sends, need the application to be the current one.
from khalsi.celery import app as celery_app  # noqa: E402

__all__ = ["VERSION", "celery_app"]
