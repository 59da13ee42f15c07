"""One line of log per thing that happened, with its ids; JSON in production, readable text for a developer.

Everything passes one formatter, other people's loggers too: it takes secrets out and keeps each entry on its own lines.
"""

import logging

import structlog
from structlog.typing import Processor

from core.lib.log_lines import on_own_lines, without_secrets
from core.lib.redaction import know
from khalsi.settings import env
from khalsi.settings.auth import JWT_SIGNING_KEY
from khalsi.settings.security import CREDENTIALS_KEYS, SECRET_KEY

know([SECRET_KEY, JWT_SIGNING_KEY, *CREDENTIALS_KEYS, *env.secrets()])
logging.raiseExceptions = (
    env.DEBUG
)  # the standard library tells of a line that it cannot write in full, past any formatter

_LEVEL = env.choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR")
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_secrets,
                on_own_lines,
                structlog.dev.ConsoleRenderer(colors=False)
                if env.DEBUG
                else structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": _LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # its own handler would write every line a second time
        "django.server": {"level": "WARNING"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # a stranger's word, answered; no traceback
        "celery": {"level": "WARNING"},
        "kombu": {"level": "ERROR"},
        "amqp": {"level": "WARNING"},
        # These bring handlers of their own, which would write past the formatter.
        "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
        "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
        "_granian": {"handlers": [], "level": "WARNING", "propagate": True},
        "granian.access": {"handlers": [], "level": "WARNING", "propagate": True},
        "urllib3": {"level": "WARNING"},
    },
}

SENTRY_DSN = env.text("SENTRY_DSN")
DEFAULT_EXCEPTION_REPORTER = "core.api.error_reports.Report"
DEFAULT_EXCEPTION_REPORTER_FILTER = "core.api.error_reports.NoSecrets"

structlog.configure(
    processors=[
        *_SHARED,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
