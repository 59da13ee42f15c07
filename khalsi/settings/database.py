"""SQLite in `DATA` (one file for each market) or PostgreSQL, chosen by DATABASE_URL alone."""

import environ
from django.core.exceptions import ImproperlyConfigured

from khalsi.settings import env
from khalsi.settings.sources import LIVE, MARKET

_FILE = (
    f"{MARKET.kind}.sqlite3" if MARKET.kind in {LIVE, "simulated"} else f"replay-{MARKET.identity}.sqlite3"
)
_THIS_MACHINE = {"", "localhost", "127.0.0.1", "::1"}
_DEFAULT_PASSWORDS = {
    "postgres", "postgresql", "password", "passwd", "admin", "root", "secret", "khalsi", "changeme", "change-me",
    "change_me", "example", "test", "1234", "12345", "123456", "12345678",
}  # fmt: skip


def _sqlite() -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": env.DATA / _FILE,
        # IMMEDIATE: a transaction that reads first and writes later would else fail with "database is locked",
        # whatever the timeout, as soon as somebody else wrote in between.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
            " PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"
            # Else REPLACE would delete a row of an append-only table past its trigger.
            " PRAGMA recursive_triggers=ON;",
        },
        # A file, never memory: threads share the test database.
        "TEST": {"NAME": env.DATA / "test.sqlite3"},
    }


def _refuse_default_password(config: dict[str, object]) -> None:
    """On this machine the server may know who asks by other means, so there none is needed."""
    password, host = str(config.get("PASSWORD") or ""), str(config.get("HOST") or "")
    is_default = password.lower() in _DEFAULT_PASSWORDS or (password != "" and password == config.get("USER"))
    if not env.DEBUG and (is_default or (not password and host not in _THIS_MACHINE)):
        raise ImproperlyConfigured(
            "DATABASE_URL: the password is missing or a default one; with DEBUG off write one that nobody guesses, such"
            ' as the output of python -c "import secrets; print(secrets.token_urlsafe(24))", here and in the database.'
        )


def _postgresql() -> dict[str, object]:
    if not env.DATABASE_URL.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("DATABASE_URL: write postgresql://user:password@host:5432/name.")
    config = environ.Env.db_url_config(env.DATABASE_URL)
    _refuse_default_password(config)
    timeout = env.whole("DB_STATEMENT_TIMEOUT", 30000)
    options: dict[str, object] = {
        "options": f"-c statement_timeout={timeout} -c timezone=UTC",
        "connect_timeout": 5,
    }
    pooled = env.flag("DB_POOL", False)
    if pooled:  # for the ASGI process, where threads come and go; WSGI workers keep one connection each
        options["pool"] = {
            "min_size": env.whole("DB_POOL_MIN", 2),
            "max_size": env.whole("DB_POOL_MAX", 10, 1),
        }
    return {
        **config,
        "CONN_MAX_AGE": 0 if pooled else None,
        "CONN_HEALTH_CHECKS": not pooled,
        "OPTIONS": options,
    }


DATABASES = {"default": _postgresql() if env.DATABASE_URL else _sqlite()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ARTIFACTS = env.DATA / "artifacts"
"""Where trained engines are kept; a volume of its own matters as much as the database's."""
INITIAL_ARTIFACTS = env.ROOT / "predictions" / "engines" / "initial"
"""Engines that come with the project, registered at the first start."""
KEEP_INPUTS = env.flag("KEEP_INPUTS", True)
"""Whether each moment keeps what engines were given, so that its forecasts can be made again."""
