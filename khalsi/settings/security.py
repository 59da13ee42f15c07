"""Keys, hosts, cookies and the Content-Security-Policy. With DEBUG off nothing has an insecure default."""

import hashlib
import hmac
import os
import secrets

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from khalsi.settings import env


def derived_key(master: str, purpose: str) -> str:
    """A key of its own for each purpose, so that one that leaks opens nothing else."""
    return hmac.new(master.encode(), f"khalsi {purpose}".encode(), hashlib.sha256).hexdigest()


def _own_key(name: str) -> str:
    """The embedded default makes its key once and keeps it in DATA, readable by its owner alone."""
    file = env.DATA / name
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(50))
    return file.read_text().strip()


def _secret_key() -> str:
    key = env.text("SECRET_KEY")
    if env.DEBUG:
        return key or _own_key("secret.key")
    if len(key) < 50 or len(set(key)) < 10:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing or weak: with DEBUG off write 50 random characters or more, such as the output of"
            ' python -c "import secrets; print(secrets.token_urlsafe(50))".'
        )
    return key


def _credentials_keys() -> list[str]:
    """The first seals what is stored, the others still open it."""
    keys = env.words("CREDENTIALS_KEY")
    if not keys and env.DEBUG:
        keys = [_own_key("credentials.key")]
    if not keys or any(len(key) < 43 or len(set(key)) < 10 for key in keys):
        raise ImproperlyConfigured(
            "CREDENTIALS_KEY is missing or weak: write 43 random characters or more, such as the output of"
            ' python -c "import secrets; print(secrets.token_urlsafe(32))"; after a comma those that were used before.'
        )
    return keys


def jwt_signing_key() -> str:
    """A key of its own where one is named; else one derived from SECRET_KEY."""
    key = env.text("JWT_SIGNING_KEY")
    if key and not env.DEBUG and (len(key) < 43 or len(set(key)) < 10):
        raise ImproperlyConfigured(
            "JWT_SIGNING_KEY is weak: with DEBUG off write 43 random characters or more, such as the output of"
            ' python -c "import secrets; print(secrets.token_urlsafe(32))", or nothing, to derive it from SECRET_KEY.'
        )
    return key or derived_key(SECRET_KEY, "jwt")


def _allowed_hosts() -> list[str]:
    hosts = env.words("ALLOWED_HOSTS", "" if not env.DEBUG else f"127.0.0.1,localhost,[::1],{env.HOST}")
    if not env.DEBUG and (not hosts or "*" in hosts):
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS: with DEBUG off write the host names that people use, and never *."
        )
    return hosts


SECRET_KEY = _secret_key()
CREDENTIALS_KEYS = _credentials_keys()
ALLOWED_HOSTS = _allowed_hosts()
SITE_URL = env.text("SITE_URL", f"http://{env.HOST}:{env.PORT}")
if not SITE_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("SITE_URL: write the address of the site, such as https://khalsi.example.")
_HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = False  # whoever ends TLS in front does it, and health checks come over plain HTTP
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # for the same reason
SECURE_HSTS_SECONDS = 31536000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.flag("BEHIND_HTTPS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": [],
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
