"""The one place that reads the environment (and `.env`); every value is typed and has a default to start with.

An empty value counts as absent, so that `make run SOURCE=` and a bare line in `.env` mean the default.
"""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
environ.Env.read_env(ROOT / ".env")

_NAMES_OF_SECRETS = re.compile(r"(?:KEY|TOKEN|PASSWORD|SECRET|DSN|CREDENTIAL)S?$")
_PASSWORD_IN_ADDRESS = re.compile(r"://[^\s/@:]*:([^\s/@]+)@")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if value in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return default if not value else value in {"1", "true", "yes", "on"}
    raise ImproperlyConfigured(f"{name}: write true or false.")


def number(name: str, default: float, least: float = 0, most: float = float("inf")) -> float:
    try:
        value = float(text(name) or default)
    except ValueError:
        value = float("nan")
    if not least <= value <= most or value == float("inf"):
        bounds = f"of at least {least:g}" if most == float("inf") else f"from {least:g} to {most:.15g}"
        raise ImproperlyConfigured(f"{name}: write a number {bounds}, such as {default:g}.")
    return value


def whole(name: str, default: int, least: int = 0, most: float = float("inf")) -> int:
    value = number(name, default, least, most)
    if value != int(value):
        raise ImproperlyConfigured(f"{name}: write a whole number, such as {default}.")
    return int(value)


def choice(name: str, default: str, *others: str) -> str:
    allowed = (default, *others)
    chosen = {value.lower(): value for value in allowed}.get(text(name, default).lower())
    if chosen is None:
        raise ImproperlyConfigured(f"{name}: write {', '.join(allowed[:-1])} or {allowed[-1]}.")
    return chosen


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str, default: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(word, strict=False) for word in words(name, default)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: write networks such as 10.77.0.0/24,::1.") from error


def span(name: str, default: str) -> timedelta:
    """A length of time such as 30s, 10m, 12h or 30d."""
    value = text(name, default)
    if value[-1] not in _UNITS or not value[:-1].isdigit() or int(value[:-1]) < 1:
        raise ImproperlyConfigured(f"{name}: write a length of time such as 30s, 10m, 12h or 30d.")
    return timedelta(seconds=int(value[:-1]) * _UNITS[value[-1]])


def folder(name: str, default: Path) -> Path:
    """A folder that this process may write to; it is made where it is missing."""
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}: {path} cannot be made ({error.strerror}); name another folder."
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}: {path} cannot be written to; name a folder of your own.")
    return path


def secrets() -> Iterator[str]:
    """What no log may show: the values of variables that are called like secrets, and passwords in addresses."""
    for name, value in os.environ.items():
        for password in _PASSWORD_IN_ADDRESS.findall(value):
            yield from (password, unquote(password))
        if _NAMES_OF_SECRETS.search(name):
            yield from (value.strip(), *(part.strip() for part in value.split(",")))


DEBUG = flag("DEBUG", True)
DATA = folder("DATA", ROOT / "var")
HOST = text("HOST", "127.0.0.1")
PORT = whole("PORT", 8000, 1, 65534)  # the sandbox takes the next one
DATABASE_URL = text("DATABASE_URL")
REDIS_URL = text("REDIS_URL")
KEY_PREFIX = text("KEY_PREFIX", "khalsi")
EMBEDDED = not REDIS_URL
"""One process does everything; with Redis, web, live feed, workers and beat are processes of their own."""
