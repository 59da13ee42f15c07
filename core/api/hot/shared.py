"""Ready bytes in Redis: one key for each reply, a sorted set to find them by their beginning, and a count of
drops.

The value is a line (etag, content type, seconds a client may keep it, end of its truth) and the body. Nothing
is pickled.
"""

from core.api.hot.ready import Ready
from core.net.redis_link import RedisLink, Script

MOST_KEYS = 20_000

_PUT = Script(
    """
    -- KEYS: reply, index, drops
    -- ARGV: value, milliseconds, name, count of drops or "", prefix of replies, most keys
    if ARGV[4] ~= '' and (redis.call('GET', KEYS[3]) or '0') ~= ARGV[4] then return 0 end
    if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[6]) then
        for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
            redis.call('UNLINK', ARGV[5] .. name)
        end
        redis.call('DEL', KEYS[2])
    end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    redis.call('ZADD', KEYS[2], 0, ARGV[3])
    return 1
    """
)
_DROP = Script(
    """
    -- KEYS: index, drops. ARGV: beginning, prefix of replies
    redis.call('INCR', KEYS[2])
    local from, to = '[' .. ARGV[1], '[' .. ARGV[1] .. string.char(255)
    for _, name in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], from, to)) do
        redis.call('UNLINK', ARGV[2] .. name)
    end
    return redis.call('ZREMRANGEBYLEX', KEYS[1], from, to)
    """
)


class SharedBytes:
    """Every method raises `Away` where Redis doesn't answer in time."""

    def __init__(self, link: RedisLink, prefix: str) -> None:
        self._link = link
        self._replies = f"{prefix}:hot:reply:"
        self._index = f"{prefix}:hot:index"
        self._drops = f"{prefix}:hot:drops"

    def get(self, key: str) -> Ready | None:
        value = self._link.run("GET", self._replies + key)
        return None if value is None else _unpacked(value)

    def put(self, key: str, ready: Ready, now: float, since: int | None) -> bool:
        """False where something was dropped after `since`."""
        milliseconds = max(int((ready.expires - now) * 1000), 1)
        keys = (self._replies + key, self._index, self._drops)
        count = "" if since is None else since
        return bool(
            self._link.script(_PUT, keys, _packed(ready), milliseconds, key, count, self._replies, MOST_KEYS)
        )

    def drops(self) -> int:
        return int(self._link.run("GET", self._drops) or 0)

    def drop(self, beginning: str) -> None:
        self._link.script(_DROP, (self._index, self._drops), beginning, self._replies)


def _packed(ready: Ready) -> bytes:
    line = f"{ready.etag}\t{ready.content_type}\t{ready.max_age}\t{ready.expires:.3f}\n"
    return line.encode() + ready.body


def _unpacked(value: bytes) -> Ready | None:
    """None where the value is not ours (another version wrote it)."""
    line, _, body = value.partition(b"\n")
    fields = line.decode("latin-1").split("\t")
    if len(fields) != 4:
        return None
    etag, content_type, max_age, expires = fields
    try:
        return Ready(body, etag, content_type, float(expires), int(max_age))
    except ValueError:
        return None
