"""Who is who: the user model, password rules and token lifetimes."""

from khalsi.settings import env
from khalsi.settings.security import jwt_signing_key

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
SESSION_ENGINE = "accounts.services.browser_store"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.services.password_rules.ShapeValidator"},
    {"NAME": "accounts.services.password_rules.OwnNamesValidator"},
    {"NAME": "accounts.services.password_rules.CommonValidator"},
]
STAFF_PERMISSIONS = (
    "markets.add_token",
    "markets.change_token",
    "django_celery_beat.change_periodictask",
)
"""What the role `staff` may change in the staff site; it may look at everything, and admins may do everything."""
STAFF_LOG = "accounts.admin.staff.note_deed"
REQUIRE_EMAIL_VERIFICATION = env.flag("REQUIRE_EMAIL_VERIFICATION", False)

JWT_SIGNING_KEY = jwt_signing_key()
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": "khalsi",
    "AUDIENCE": "khalsi-api",
    "ACCESS_TOKEN_LIFETIME": env.span("JWT_EXPIRES_IN", "10m"),
    "REFRESH_TOKEN_LIFETIME": env.span("REFRESH_TOKEN_EXPIRES_IN", "30d"),
    "USER_ID_CLAIM": "sub",
    "UPDATE_LAST_LOGIN": False,
}
