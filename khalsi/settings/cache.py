"""Memory of this process or Redis, chosen by REDIS_URL alone."""

from khalsi.settings import env

REDIS_URL = env.REDIS_URL
KEY_PREFIX = env.KEY_PREFIX

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": KEY_PREFIX,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "khalsi"}
}
