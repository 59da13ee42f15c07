"""Keeping to somebody else's limits: how much may be spent in *any* stretch of time, over all processes together.

Time is cut into cells, a tenth of the stretch each. What the present cell and the eleven before it hold may not pass
the allowance: so no stretch holds more than is allowed, even where requests arrive a tenth of it later than they left.
Several limits are one decision; what one of them refuses takes nothing from the others. Whoever counts requests that
come *in* wants `core.api.limiter`.
"""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from core.net.redis_link import Away, RedisLink, Script

CELLS = 10
_LOOKED_AT = CELLS + 2
AWAY_SECONDS = 5.0
"""While nobody can count, nothing is spent."""

_TAKE = Script(
    """
    -- KEYS: the limits, then their rests. ARGV: cost, allowance and milliseconds of a cell, of each limit.
    local count = #KEYS / 2
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local wait = 0
    for i = 1, count do
        local cost, allowance, length = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
        local rest = redis.call('PTTL', KEYS[count + i])
        if rest > wait then wait = rest end
        local present, held, cells = math.floor(now / length), 0, {}
        local fields = redis.call('HGETALL', KEYS[i])
        for j = 1, #fields, 2 do
            local cell = tonumber(fields[j])
            if cell <= present - LOOKED_AT then
                redis.call('HDEL', KEYS[i], fields[j])
            else
                held = held + fields[j+1]
                cells[#cells + 1] = {cell, tonumber(fields[j+1])}
            end
        end
        if held + cost > allowance then
            table.sort(cells, function(a, b) return a[1] < b[1] end)
            local left = held + cost - allowance
            for _, one in ipairs(cells) do
                left = left - one[2]
                if left <= 0 then
                    local free = (one[1] + LOOKED_AT) * length - now
                    if free > wait then wait = free end
                    break
                end
            end
        end
    end
    if wait > 0 then return wait end
    for i = 1, count do
        local length = tonumber(ARGV[3*i])
        redis.call('HINCRBY', KEYS[i], math.floor(now / length), ARGV[3*i-2])
        redis.call('PEXPIRE', KEYS[i], length * (LOOKED_AT + 1))
    end
    return 0
    """.replace("LOOKED_AT", str(_LOOKED_AT))
)
_REST = Script(
    """
    if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) end
    return 0
    """
)


class Spending(NamedTuple):
    """`cost` of the limit called `name`, which allows `allowance` in any `seconds`."""

    name: str
    cost: int
    allowance: int
    seconds: float

    @property
    def cell_milliseconds(self) -> int:
        return max(1, int(self.seconds * 1000 / CELLS))

    @property
    def bounded(self) -> int:
        """What costs more than there ever is waits for all of it."""
        return min(self.cost, self.allowance)


class Pace(Protocol):
    def take(self, spendings: Sequence[Spending]) -> float:
        """Spend all of it and answer 0, or spend nothing and answer after how many seconds to ask again."""

    def rest(self, name: str, seconds: float) -> None:
        """The other side said that this limit is used up, whatever was counted here."""


class MemoryPace:
    """Counts in this process. `clock` is in seconds and never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._cells: dict[str, dict[int, int]] = {}
        self._rests: dict[str, float] = {}

    def take(self, spendings: Sequence[Spending]) -> float:
        now = self._clock()
        with self._lock:
            wait = max((self._wait(spending, now) for spending in spendings), default=0.0)
            if wait > 0:
                return wait
            for spending in spendings:
                cells, cell = self._cells.setdefault(spending.name, {}), self._cell(spending, now)
                cells[cell] = cells.get(cell, 0) + spending.bounded
        return 0.0

    def rest(self, name: str, seconds: float) -> None:
        with self._lock:
            self._rests[name] = max(self._rests.get(name, 0.0), self._clock() + seconds)

    def _wait(self, spending: Spending, now: float) -> float:
        resting = self._rests.get(spending.name, 0.0) - now
        if resting <= 0:
            self._rests.pop(spending.name, None)
        present = self._cell(spending, now)
        cells = {
            cell: spent
            for cell, spent in self._cells.get(spending.name, {}).items()
            if cell > present - _LOOKED_AT
        }
        self._cells[spending.name] = cells
        left = sum(cells.values()) + spending.bounded - spending.allowance
        for cell in sorted(cells):
            if left <= 0:
                break
            left -= cells[cell]
            resting = max(resting, (cell + _LOOKED_AT) * spending.cell_milliseconds / 1000 - now)
        return max(resting, 0.0)

    def _cell(self, spending: Spending, now: float) -> int:
        return int(now * 1000) // spending.cell_milliseconds


class RedisPace:
    """Counts for all processes together, by Redis' own clock."""

    def __init__(self, link: RedisLink, prefix: str) -> None:
        self._link, self._prefix = link, f"{prefix}:pace:"

    def take(self, spendings: Sequence[Spending]) -> float:
        if not spendings:
            return 0.0
        keys = [self._prefix + spending.name for spending in spendings]
        bounds = [
            bound
            for spending in spendings
            for bound in (spending.bounded, spending.allowance, spending.cell_milliseconds)
        ]
        try:
            wait = self._link.script(_TAKE, (*keys, *(f"{key}:rest" for key in keys)), *bounds)
        except Away:
            return AWAY_SECONDS
        return float(wait) / 1000

    def rest(self, name: str, seconds: float) -> None:
        try:
            self._link.script(_REST, (f"{self._prefix}{name}:rest",), max(1, int(seconds * 1000)))
        except Away:
            return  # then nothing is taken either
