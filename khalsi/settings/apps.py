"""What is installed, in which order a request passes, and how templates are found."""

from khalsi.settings import env

DEBUG = env.DEBUG
EMBEDDED = env.EMBEDDED
DATA = env.DATA
HOST = env.HOST
PORT = env.PORT
ROOT_URLCONF = "khalsi.urls"
WSGI_APPLICATION = "khalsi.wsgi.application"
ASGI_APPLICATION = "khalsi.asgi.application"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the default one would put its own site in place of ours
    "khalsi.apps.StaffSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "channels",
    "core",
    "accounts",
    "markets",
    "predictions",
    "portfolios",
    "alerts",
    "khalsi.apps.KhalsiConfig",
]

MIDDLEWARE = [
    "core.api.request_id.RequestIdMiddleware",
    "core.api.envelope.EnvelopeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "core.api.throttling.LimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.pages.middleware.BrowserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [env.ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.pages.context.reader",
                "khalsi.dashboard.context.market",
                "portfolios.pages.context.open_issues",
                "alerts.pages.context.inbox",
            ],
            "builtins": ["core.templatetags.khalsi", "core.templatetags.amounts"],
        },
    }
]

UNFOLD = {
    "SITE_TITLE": "Khalsi staff",
    "SITE_HEADER": "Khalsi staff",
    "SIDEBAR": {"navigation": "khalsi.admin.navigation"},
}

LANGUAGE_CODE = "en-gb"
USE_I18N = False
FORMAT_MODULE_PATH = "khalsi.formats"
TIME_ZONE = "UTC"
USE_TZ = True
