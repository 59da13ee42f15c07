"""Celery: eight queues over Redis, or over this process's memory in the embedded form."""

from kombu.entity import Queue

from khalsi.settings import env

QUEUES = {"fetch": 3, "forecast": 1, "alert": 1, "deliver": 2, "hooks": 3, "sync": 9, "import": 1, "train": 1}
"""Queue to how many of its tasks may run at once in one worker.

Addresses that users name are asked from `hooks`, so that a slow one keeps no mail waiting.
"""
SYNC_AT_ONCE = QUEUES["sync"] - 1
"""How many exchange accounts are read at once, over all processes; their workers mostly wait for answers. One is left
for the books."""

CELERY_BROKER_URL = env.REDIS_URL or "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600, "global_keyprefix": f"{env.KEY_PREFIX}:jobs:"}
    if env.REDIS_URL
    else {"polling_interval": 0.05}
)
CELERY_TASK_ROUTES = {
    "predictions.train": {"queue": "train"},
    "predictions.*": {"queue": "forecast"},
    "markets.*": {"queue": "fetch"},
    "alerts.evaluate": {
        "queue": "alert"
    },  # of its own: neither a slow webhook nor a long run keeps it waiting
    "alerts.sweep": {"queue": "alert"},
    "portfolios.work_out_books": {"queue": "sync"},
    "portfolios.sweep_books": {"queue": "sync"},
    "portfolios.fill_in_worths": {"queue": "sync"},
    "portfolios.check_import": {"queue": "import"},  # a large file takes a minute of a core
    "portfolios.run_import": {"queue": "import"},
    "portfolios.undo_import": {"queue": "import"},
    "portfolios.sync_due": {"queue": "sync"},
    "portfolios.push_values": {"queue": "alert"},  # people look at it as it comes
}
CELERY_TASK_QUEUES = [Queue(name) for name in QUEUES]  # type: ignore[no-untyped-call]  # kombu ships no types
CELERY_TASK_DEFAULT_QUEUE = "deliver"
CELERY_TASK_CREATE_MISSING_QUEUES = False
# A task that dies with its worker is handed to another one: late acknowledgement, and "lost" counts as refused.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "khalsi.schedule.beat:MarketScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
DJANGO_CELERY_BEAT_TZ_AWARE = True
