"""Static files: hashed names, compressed, served by whitenoise; scripts are native modules."""

from khalsi.settings import env

STATIC_URL = "/static/"
STATICFILES_DIRS = [env.ROOT / "static"]
STATIC_ROOT = env.text("STATIC_ROOT", str(env.DATA / "static"))
WHITENOISE_USE_FINDERS = env.DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if env.DEBUG
        else "khalsi.static.HashedStorage"
    },
}
