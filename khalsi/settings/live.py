"""The live feed: how sockets are kept, and the channel layer that carries one user's hints."""

from khalsi.settings import env

LIVE_HEARTBEAT_INTERVAL = env.number("WS_HEARTBEAT_INTERVAL", 30, 1)
LIVE_HEARTBEAT_TIMEOUT = env.number("WS_HEARTBEAT_TIMEOUT", 20, 1)

LIVE_AUTHENTICATE = "accounts.feed.listener"
LIVE_RECOGNISE = "accounts.feed.browser_listener"
LIVE_ENDED_SESSIONS = "accounts.feed.ended_sessions"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [env.REDIS_URL], "prefix": f"{env.KEY_PREFIX}:live"},
    }
    if env.REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
