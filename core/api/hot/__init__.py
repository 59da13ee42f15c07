"""Ready bytes in front of Django: public replies, rendered once by whoever writes them and served to many.

- A writer that knows the reply puts it: `put(key("/api/v1/market/solana"), success_bytes(data), until,
max_age)`.
- A view that can be asked first is wrapped, `serve(View.as_view(), parameters=("timeframe",))`, and says with
  `keep(response, until=…, max_age=…)` how long its reply stays true.
- What has changed is dropped by its beginning: `drop("/api/v1/predictions/SOL")`.

Only replies that are equal for everybody belong here: nothing of the request but path and query is in the
key.
"""

from core.api.hot.front import in_front_asgi, in_front_wsgi
from core.api.hot.keys import key
from core.api.hot.ready import Ready
from core.api.hot.serving import HotFor, keep, serve
from core.api.hot.store import HotStore, drop, get, put

__all__ = [
    "HotFor",
    "HotStore",
    "Ready",
    "drop",
    "get",
    "in_front_asgi",
    "in_front_wsgi",
    "keep",
    "key",
    "put",
    "serve",
]
